"""Fit ``annotate/descriptors/sure.json``: how far measurements move when a clip is disturbed.

``python -m benchmarks.fit.sureness DATA --write annotate/descriptors/sure.json``

DATA is laid out as for the other benches. The training speakers of RAVDESS (split ``speaker``, fold 1) are fitted on,
all others and all of EmoDB are not; ``python -m benchmarks.sureness DATA`` holds the file against those.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from annotate.audio.disturb import DISTURBANCES
from annotate.descriptors import sure
from annotate.features.rate import signal
from annotate.products import versions
from benchmarks import disturbed
from benchmarks.fit.files import write_json

FITTED_ON = "ravdess"
# measurements whose changes are ratios: those that are taken on their logarithm, and rates, since a pause lost makes
# any rate higher by a part of itself
RATIOS = {"rate_syllables_s", *(one.measure for one in disturbed.ATTRIBUTES.values() if one.log)}
COMMAND = "python -m benchmarks.fit.sureness DATA --write annotate/descriptors/sure.json"


def changes(table: pd.DataFrame, measure: str) -> dict[str, Any]:
    """The largest rise and fall of each clip under any disturbance, as ``sure.fit`` keeps them."""
    ratio = measure in RATIOS
    values = np.log(table) if ratio else table
    moved = values.drop(columns=disturbed.CLEAN).sub(values[disturbed.CLEAN], axis=0)[values[disturbed.CLEAN].notna()]
    there = moved.notna().all(axis=1)
    return sure.fit(moved[there].max(axis=1).tolist(), (-moved[there].min(axis=1)).tolist(), int((~there).sum()), ratio)


def with_errors(found: dict[str, Any], errors: Sequence[float]) -> dict[str, Any]:
    """Changes of an estimate that is wrong itself: a word is sure if the truth too would have given it.

    Args:
        found: how the estimate changes under disturbances.
        errors: quantiles of the logarithm of the true value over the estimate, at equal steps.
    """
    middle = (np.arange(100) + 0.5) / 100
    wrong = np.interp(middle, np.linspace(0, 1, len(errors)), errors)
    rise, fall = (np.interp(middle, sure.SHARES, found[way]) for way in ("rise", "fall"))
    wider = sure.fit(np.add.outer(wrong, rise).ravel().tolist(), np.add.outer(-wrong, fall).ravel().tolist(), 0, True)
    return {**wider, "clips": found["clips"], "lost": found["lost"]}


def content(corpus: disturbed.Corpus) -> dict[str, Any]:
    """The content of ``sure.json``, fitted on the training split of a corpus."""
    training = [row for row in corpus.rows if row["split"] == "train"]
    ids = {row["id"] for row in training}
    found: dict[str, Any] = {}
    for measure, estimator in disturbed.MEASURED:
        table = disturbed.of(corpus, measure, estimator)
        found.setdefault(measure, {})[estimator] = changes(table[table.index.isin(ids)], measure)
    found["rate_syllables_s"]["signal"] = with_errors(found["rate_syllables_s"]["signal"], signal.log_errors())
    return {
        "about": "shares of clips, and the change that so many of them do not exceed under any disturbance",
        "command": COMMAND,
        "fitted_on": {"corpus": corpus.name, "split": "train", "clips": len(training),
                      "speakers": sorted({str(row["speaker"]) for row in training})},
        "versions": versions(),
        "disturbances": list(DISTURBANCES),
        "shares": list(sure.SHARES),
        "changes": found,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("out/disturbed"))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    (corpus,) = disturbed.corpora(chosen.data, [FITTED_ON], chosen.work, chosen.workers)
    write_json(chosen.write, content(corpus))
    print(
        f"{chosen.write}: fitted on {len({row['speaker'] for row in corpus.rows if row['split'] == 'train'})} speakers"
    )


if __name__ == "__main__":
    main()
