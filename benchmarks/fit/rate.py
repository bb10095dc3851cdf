"""Fit the slopes of the speaking rate from the signal: ``python -m benchmarks.fit.rate DATA [--held-out]``.

Writes ``annotate/features/rate/signal.json``; with ``--held-out`` also, for each corpus, the fit on all the others,
into ``benchmarks/accuracy/held_out/rate.json``, which is what the accuracy bench scores that corpus with.

The truth is the syllables of the text over the time spoken. Slopes are those within corpora (each corpus's means
taken out, since corpora differ in how their time spoken is padded), every corpus weighing the same, however many
clips it has; the bias is the mean over corpora. A ridge of 1e-3 keeps the solution defined for one corpus alone.
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
from benchmarks.fit.files import HELD_OUT, write_json
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips, whole

CORPORA = ("emodb", "ravdess", "fda", "emur_ae")
TARGET = Path(signal.__file__).with_suffix(".json")
COMMAND = "python -m benchmarks.fit.rate DATA --held-out"
RIDGE = 1e-3
Floats = NDArray[np.float64]
Found = tuple[str, float, Floats]  # corpus, true rate, views


def found(clip: Clip) -> Found | None:
    """Truth and views of one clip; None where its text is not whole or too little is spoken."""
    recording = clip.recording()
    counted = syllables(clip.text, clip.language)
    if not counted or not whole(clip, recording):
        return None
    views = signal.views(recording)
    return None if views is None else (clip.corpus, counted / recording.once(activity).spoken_s, views)


def measured(data: Path, workers: int, corpora: Sequence[str] = CORPORA) -> list[Found]:
    """Truth and views of all clips that have both."""
    return [one for one in over(clips(data, *corpora), found, workers) if one is not None]


def fit(rows: Sequence[Found]) -> dict[str, float]:
    """Slopes and bias."""
    names = sorted({corpus for corpus, _, _ in rows})
    size = len(signal.VIEWS)
    left, right, means = RIDGE * np.eye(size), np.zeros(size), []
    for name in names:
        rate = np.array([truth for corpus, truth, _ in rows if corpus == name])
        views = np.array([view for corpus, _, view in rows if corpus == name])
        means.append((rate.mean(), views.mean(axis=0)))
        x, y = views - views.mean(axis=0), rate - rate.mean()
        left += x.T @ x / len(y)
        right += x.T @ y / len(y)
    slopes = np.linalg.solve(left, right)
    bias = float(np.mean([rate - views @ slopes for rate, views in means]))
    return {**dict(zip(signal.VIEWS, slopes.round(4).tolist(), strict=True)), "bias": round(bias, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit.rate", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--held-out", action="store_true", help="the fits without each corpus as well")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    rows = measured(chosen.data, chosen.workers)
    counts = {name: sum(corpus == name for corpus, _, _ in rows) for name in CORPORA}
    said = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    write_json(chosen.output, {"command": COMMAND, "fitted_on": f"{said} clips", "fit": fit(rows)})
    if chosen.held_out:
        fits = {name: fit([row for row in rows if row[0] != name]) for name in CORPORA if counts[name]}
        about = f"each without the clips of the corpus named; all: {said}"
        write_json(HELD_OUT / "rate.json", {"command": COMMAND, "fitted_on": about, "without": fits})


if __name__ == "__main__":
    main()
