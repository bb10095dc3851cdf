"""Fit the two factors of the speaking rate from the signal: ``python -m benchmarks.fit.rate DATA``.

Writes ``annotate/features/rate/signal.json``. The truth is the syllables of the text over the time spoken. A factor is
the true rate over the count, the median of each corpus, as a geometric mean over corpora, so that every corpus weighs
the same. The accuracy bench fits anew without the corpus that it scores.

``log_errors`` are quantiles of the logarithm of the true rate over the estimate, each corpus's own offset (its median)
taken off, the corpora of people's sentences weighing the same: how wrong a single clip is, for the sureness of words.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.features.activity import activity
from annotate.features.rate import signal
from annotate.features.syllables.count import syllables
from benchmarks.fit.files import write_json
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips, whole

CORPORA = ("emodb", "ravdess", "fda", "emur_ae")
TARGET = Path(signal.__file__).with_suffix(".json")
SPREAD_OF = ("emodb", "ravdess", "fda")
SHARES = tuple(k / 20 for k in range(21))
COMMAND = "python -m benchmarks.fit.rate DATA"
Floats = NDArray[np.float64]
Found = tuple[str, float, Floats]  # corpus, true rate, counts


def found(clip: Clip) -> Found | None:
    """Truth and counts of one clip; None where its text is not whole or too little is spoken."""
    recording = clip.recording()
    counted = syllables(clip.text, clip.language)
    if not counted or not whole(clip, recording):
        return None
    counts = signal.counts(recording)
    return None if counts is None else (clip.corpus, counted / recording.once(activity).spoken_s, counts)


def measured(data: Path, workers: int, corpora: Sequence[str] = CORPORA) -> list[Found]:
    """Truth and counts of all clips that have both."""
    return [one for one in over(clips(data, *corpora), found, workers) if one is not None]


def fit(rows: Sequence[Found]) -> dict[str, float]:
    """The factor of each count."""
    medians = []
    for name in sorted({corpus for corpus, _, _ in rows}):
        off = [np.log(truth / np.maximum(counts, 0.1)) for corpus, truth, counts in rows if corpus == name]
        medians.append(np.median(off, axis=0))
    factors = np.exp(np.mean(medians, axis=0))
    return dict(zip(signal.COUNTS, factors.round(3).tolist(), strict=True))


def log_errors(rows: Sequence[Found]) -> list[float]:
    """Errors at each of ``SHARES``."""
    found = []
    for name in SPREAD_OF:
        off = np.array([np.log(truth / np.sqrt(np.prod(counts))) for corpus, truth, counts in rows if corpus == name])
        if len(off):
            found.append(np.quantile(off - np.median(off), (np.arange(200) + 0.5) / 200))
    return [round(float(value), 4) for value in np.quantile(np.concatenate(found), SHARES)] if found else []


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit.rate", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    rows = measured(chosen.data, chosen.workers)
    counts = {name: sum(corpus == name for corpus, _, _ in rows) for name in CORPORA}
    said = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    write_json(
        chosen.output,
        {"command": COMMAND, "fitted_on": f"{said} clips", "fit": fit(rows), "log_errors": log_errors(rows)},
    )


if __name__ == "__main__":
    main()
