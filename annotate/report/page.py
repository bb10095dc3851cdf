"""``report.html``: one file that opens without a network and runs no script."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from annotate import assets
from annotate.report import charts, example_selection, examples, overview, shares, text
from annotate.report.numbers import MEASURES, Numbers, NumberSource, scan
from annotate.store import files
from annotate.store.schema import COLUMNS

TEMPLATE = "report.html.jinja2"
STYLE = "report.css"
MOST_DROPPED = 50  # listed by name; summary.json has all
MOST_COLUMNS = 5  # of a table beside its head: a phone's screen holds no more


@dataclass(frozen=True)
class Measurement:
    """One measurement's charts and the numbers behind them.

    Attributes:
        descriptor: the attribute that it makes, if any.
        constant: the value that nearly all clips have, with how many of how many; there are no charts then.
    """

    name: str
    about: str
    descriptor: str | None
    words: Sequence[str]
    edges: Sequence[tuple[str, tuple[float, ...]]]
    constant: tuple[float, int, int] | None
    emotions: Markup | None
    speakers: Markup | None
    speakers_shown: int
    rows: Sequence[Mapping[str, Any]]


def write(
    folder: Path,
    summary: Mapping[str, Any],
    scale: Mapping[str, Any],
    labels: Sequence[str],
    *,
    evidence: Mapping[str, Any] | None = None,
    pitch: str = "none",
    licence: str | None = None,
    errors: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write the report of a finished data set.

    Args:
        folder: the output folder, with the data set in ``data/``.
        summary: the content of ``summary.json``.
        scale: the content of ``scale.json``.
        labels: names of the emotions, in the order of their codes.
        evidence: the content of ``evidence.json``, where there is one.
        pitch: the recipe's pitch plug-in, for the contours of the examples.
        licence: name of the corpus's licence, for what the page says of the recordings in it.
        errors: the known error of each measurement, by column and estimator; see ``headline_errors``.
    """
    source = NumberSource.of(folder, labels)
    numbers = scan(source, scale)
    shown = examples.examples(source, example_selection.choose(source, numbers), scale, pitch)
    page = render(summary, scale, numbers, shown, licence, evidence=evidence, errors=errors)
    files.write_text(folder / "report.html", page)


def render(
    summary: Mapping[str, Any],
    scale: Mapping[str, Any],
    numbers: Numbers,
    shown: Sequence[examples.ExampleClip],
    licence: str | None,
    *,
    evidence: Mapping[str, Any] | None = None,
    errors: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """The page as HTML; everything that comes from the data is escaped by the template."""
    measured = measurements(numbers, scale)
    names = [measurement.name for measurement in measured]
    weighed = evidence or {"emotions": {}}
    known_errors, without_error = overview.known_errors(errors or {}, names)
    return compiled().render(
        style=Markup((assets.home("templates") / STYLE).read_text(encoding="utf-8")),
        summary=summary,
        scale=scale,
        numbers=numbers,
        splits=_splits(numbers),
        counts=numbers.by("emotion", "gender"),
        chips=overview.chips(weighed),
        matrix=overview.reason_matrix(weighed),
        carried=overview.carried(weighed),
        words=overview.by_attribute(overview.word_tables(weighed, numbers, scale)),
        shifts=shares.shifts(numbers, [name for name in names if name in example_selection.COMPARED]),
        emotion_parts=overview.chunks(numbers.emotions, MOST_COLUMNS),
        measurements=measured,
        examples=[
            (emotion, list(clips)) for emotion, clips in itertools.groupby(shown, lambda clip: clip.chosen.emotion)
        ],
        recordings=sum(clip.player is not None for clip in shown),
        licence=licence,
        evidence=weighed,
        known_errors=known_errors,
        without_error=without_error,
        most_dropped=MOST_DROPPED,
        speakers=len({key[3] for key in numbers.clips if key[3] != "unknown"}),
        hours=sum(numbers.seconds.values()) / 3600,
    )


@cache
def compiled() -> jinja2.Template:
    """The page's template: what is not marked as ours is escaped, a name that is lacking is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(assets.home("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "figure": text.figure, "unit": text.unit, "percent": text.percent, "signed": text.signed,
        "length_of": text.length, "visible": text.visible,
    }  # fmt: skip
    return environment.get_template(TEMPLATE)


def measurements(numbers: Numbers, scale: Mapping[str, Any]) -> list[Measurement]:
    """All measurements that have values, those that make words first."""
    makers = {descriptor["measure"]: name for name, descriptor in scale["descriptors"].items()}
    order = [*makers, *(name for name in MEASURES if name not in makers)]
    axes = ((name, charts.axis(name, numbers.sample, scale)) for name in order)
    return [_measurement(numbers, axis, makers.get(name), scale) for name, axis in axes if axis is not None]


def _measurement(numbers: Numbers, axis: charts.Axis, made: str | None, scale: Mapping[str, Any]) -> Measurement:
    name = axis.measure
    about = COLUMNS[name].about if name in COLUMNS else f"{name}, a measurement of your own"
    constant = charts.constant(numbers.sample, name)
    # a chart for each speaker only of what makes words: those of twenty measurements nobody compares
    compared = made and not constant
    speakers = charts.by_speaker(numbers, axis, f"{name}-by-speaker", f"{about}, by speaker") if compared else None
    rows = charts.quantiles(numbers, name, ["emotion", "gender"])
    rows.sort(key=lambda row: (numbers.emotions.index(row["emotion"]), numbers.sexes.index(row["gender"])))
    drawn = None if constant else charts.by_emotion(
        numbers, axis, rows, f"{name}-by-emotion", f"{about}, by emotion and sex"
    )  # fmt: skip
    return Measurement(
        name=name,
        about=about[:1].upper() + about[1:],
        descriptor=made,
        words=scale["descriptors"][made]["words"] if made else (),
        edges=axis.drawn(numbers.sexes),
        constant=constant,
        emotions=drawn,
        speakers=speakers[0] if speakers and not constant else None,
        speakers_shown=speakers[1] if speakers else 0,
        rows=rows,
    )


def _splits(numbers: Numbers) -> list[dict[str, Any]]:
    """Per split: clips, length, speakers, and how many of these another split has too."""
    speakers: dict[str, set[str]] = {}
    clips, seconds = numbers.by("split"), dict.fromkeys(numbers.by("split"), 0.0)
    for (split, _, _, speaker), spent in numbers.seconds.items():
        seconds[(split,)] += spent
        speakers.setdefault(split, set()).update({speaker} - {"unknown"})
    splits = []
    for (split,), count in clips.items():
        others = set().union(*(mine for name, mine in speakers.items() if name != split))
        splits.append({
            "split": split, "clips": count, "seconds": seconds[(split,)],
            "speakers": len(speakers[split]), "shared": len(speakers[split] & others),
        })  # fmt: skip
    return splits
