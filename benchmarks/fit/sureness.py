"""Fit ``annotate/descriptors/stability.json``: how far measurements move when a clip is disturbed.

``python -m benchmarks.fit.sureness DATA --write annotate/descriptors/stability.json``

Every column that an attribute is made from is fitted, with every estimator that writes it. DATA is laid out as for the
other benches. The training speakers of RAVDESS (split ``speaker``, fold 1) are fitted on, all others and all of EmoDB
are not; ``python -m benchmarks.sureness DATA`` holds the file against those. Of each speaker's clips, sorted by their
ids, every third is measured (``--every``).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from annotate.descriptors import stability
from annotate.features.rate import signal
from annotate.summary import versions
from benchmarks import disturbed
from benchmarks.fit.files import write_json

Floats = NDArray[np.float64]
FITTED_ON = "ravdess"
# measurements whose changes are ratios: those that are taken on their logarithm, and rates, since a pause lost makes
# any rate higher by a part of itself
RATIOS = {"rate_syllables_s", *(one.measure for one in disturbed.ATTRIBUTES.values() if one.log)}
COMMAND = "python -m benchmarks.fit.sureness DATA --write annotate/descriptors/stability.json"


def changes(table: pd.DataFrame, measure: str) -> dict[str, Any]:
    """The largest rise and fall of each clip under any disturbance, as ``sure.fit`` keeps them."""
    ratio = measure in RATIOS
    values = np.log(table.where(table > 0)) if ratio else table
    moved = values.drop(columns=disturbed.CLEAN).sub(values[disturbed.CLEAN], axis=0)[values[disturbed.CLEAN].notna()]
    there = moved.notna().all(axis=1)
    rises, falls = moved[there].max(axis=1).clip(lower=0), (-moved[there].min(axis=1)).clip(lower=0)
    fitted = stability.fit(rises.tolist(), falls.tolist(), int((~there).sum()), ratio)
    return {**fitted, "overlap": overlap(rises.to_numpy(), falls.to_numpy())}


def overlap(rises: Floats, falls: Floats) -> float:
    """Where the share of clips that neither rise nor fall too far lies between its least and its most.

    Least squares over all pairs of tenths of the rises and of the falls: 0 where no clip does both, 1 where each does.
    """
    tenths = np.arange(1, 10) / 10
    stays_below, stays_above = (x[:, None] <= np.quantile(x, tenths) for x in (rises, falls))
    up, down = stays_below.mean(axis=0)[:, None], stays_above.mean(axis=0)[None, :]
    both = stays_below.T.astype(float) @ stays_above / len(rises)
    least, most = np.maximum(0.0, up + down - 1), np.minimum(up, down)
    return round(float(np.clip(((both - least) * (most - least)).sum() / ((most - least) ** 2).sum(), 0, 1)), 3)


def with_errors(found: dict[str, Any], errors: Sequence[float]) -> dict[str, Any]:
    """Changes of an estimate that is wrong itself: a word is sure if the truth too would have given it.

    Args:
        found: how the estimate changes under disturbances.
        errors: quantiles of the logarithm of the true value over the estimate, at equal steps.
    """
    middle = (np.arange(100) + 0.5) / 100
    wrong = np.interp(middle, np.linspace(0, 1, len(errors)), errors)
    rise, fall = (np.interp(middle, stability.SHARES, found[way]) for way in ("rise", "fall"))
    wider = stability.fit(
        np.add.outer(wrong, rise).ravel().tolist(), np.add.outer(-wrong, fall).ravel().tolist(), 0, True
    )
    return {**wider, **{name: found[name] for name in ("clips", "lost", "overlap") if name in found}}


def content(corpus: disturbed.Corpus) -> dict[str, Any]:
    """The content of ``stability.json``, fitted on the training split of a corpus."""
    training = [row for row in corpus.rows if row["split"] == "train"]
    ids = {row["id"] for row in training}
    fitted: dict[str, Any] = {}
    for measure, estimator in disturbed.MEASURED:
        table = disturbed.of(corpus, measure, estimator)
        fitted.setdefault(measure, {})[estimator] = changes(table[table.index.isin(ids)], measure)
    fitted["rate_syllables_s"]["signal"] = with_errors(fitted["rate_syllables_s"]["signal"], signal.log_errors())
    return {
        "about": "shares of clips, and the change that so many of them do not exceed under any disturbance",
        "command": COMMAND,
        "fitted_on": {"corpus": corpus.name, "split": "train", "clips": len(training),
                      "chosen": f"of each speaker's clips, sorted by id, one in {corpus.every}",
                      "speakers": sorted({str(row["speaker"]) for row in training})},
        "versions": versions(),
        "disturbances": list(disturbed.ALL),
        "left_out": {measure: list(names) for measure, names in disturbed.CHANGES_ITSELF.items()},
        "shares": list(stability.SHARES),
        "changes": fitted,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", type=Path, required=True)
    disturbed.add_options(parser)
    chosen = parser.parse_args()
    (corpus,) = disturbed.corpora(chosen.data, [FITTED_ON], chosen.work, chosen.workers, chosen.every)
    write_json(chosen.write, content(corpus))
    speakers = {row["speaker"] for row in corpus.rows if row["split"] == "train"}
    print(f"{chosen.write}: fitted on {len(speakers)} speakers")


if __name__ == "__main__":
    main()
