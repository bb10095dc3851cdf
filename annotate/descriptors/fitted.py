"""What is learnt from all measured rows before words are made: the scale, each speaker's usual, doubtful speakers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from annotate.descriptors import own, scale, voices
from annotate.settings import Descriptors

VERSION = "1"  # goes up when the same rows would give another result
# columns -> the rows that are not put aside, with their split
Rows = Callable[[list[str]], Iterable[Mapping[str, Any]]]


def settings(chosen: Descriptors, energy: str, corpus: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """All that the result depends on beside the rows.

    Args:
        chosen: the recipe's section.
        energy: the recipe's estimator of energy; with ``rms`` there is no loudness, and volume is the level.
        corpus: its name.
        given: a scale fitted elsewhere.
    """
    return {
        "version": VERSION,
        "method": chosen.method,
        "by": chosen.by,
        "threshold": chosen.threshold,
        "smallest_group": chosen.smallest_group,
        "volume_from": "level_rms_dbfs" if energy == "rms" else "loudness_lufs",
        "fitted_on": {"corpus": corpus, "split": "train" if chosen.fit == "train" else None},
        # each speaker's usual is of the speakers here, whatever scale is given
        "given": given and {name: value for name, value in given.items() if name != "own"},
    }


def columns(how: Mapping[str, Any]) -> list[str]:
    """The columns that the result is learnt from, beside the split."""
    given = how["given"]
    known = _measures(given) if given else [one.measure for one in scale.descriptors(how["volume_from"])]
    return ["speaker", "gender", *known]


def learn(rows: Rows, how: Mapping[str, Any]) -> dict[str, Any]:
    """``scale`` (with each speaker's ``own``) and ``doubts``, what there is to say of speakers.

    Args:
        rows: gives the rows, as often as it is called.
        how: what ``settings`` gave.
    """
    fitted = how["given"] or _fit(rows, how)
    spoken = own.gather(rows(["speaker", *_measures(fitted)]), fitted)
    usual = own.fit(spoken, fitted, how["smallest_group"])
    return {"scale": fitted, "own": usual, "doubts": voices.conflicts(spoken["pitch"])}


def _fit(rows: Rows, how: Mapping[str, Any]) -> dict[str, Any]:
    split = how["fitted_on"]["split"]
    return scale.fit(
        (row for row in rows(columns(how)) if split is None or row["split"] == split),
        method=how["method"],
        by=how["by"],
        threshold=how["threshold"],
        smallest_group=how["smallest_group"],
        volume_from=how["volume_from"],
        fitted_on=how["fitted_on"],
    )


def _measures(fitted: Mapping[str, Any]) -> Sequence[str]:
    return [one["measure"] for one in fitted["descriptors"].values()]
