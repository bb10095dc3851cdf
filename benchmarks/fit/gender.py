"""Fit the gender of a voice: ``python -m benchmarks.fit.gender DATA [--held-out]``.

Writes ``annotate/features/speaker/gender_model.json``, fitted on every corpus in ``DATA``; with ``--held-out`` also,
for RAVDESS and EmoDB, the fit on all corpora but that one, into ``benchmarks/accuracy/held_out/gender-CORPUS.json``,
which is what the accuracy bench scores that corpus with.

One logistic regression a part (standardised, C = 1). A clip weighs one over the square root of its speaker's clips,
so that a speaker with four times the clips counts twice; both sexes weigh the same. Needs scikit-learn, and the
package ``Resemblyzer`` for the part ``embedding``, ``inaSpeechSegmenter`` and h5py for the part ``network``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.features.pitch.praat import track
from annotate.features.speaker import gender_model
from benchmarks.fit.files import HELD_OUT, write_json
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

CORPORA = ("emodb", "ravdess", "fda", "emur_ae")
TESTED = ("ravdess", "emodb")
TARGET = Path(gender_model.__file__).with_name("gender_model.json")
COMMAND = "python -m benchmarks.fit.gender DATA --held-out"
ESTIMATORS = {
    "voice": ["tract", "spectrum"],
    "encoder": ["tract", "embedding"],
    "ensemble": ["tract", "embedding", "network"],
}
ABOUT = (
    "tract: log median F0, F1..F4 [Hz]; spectrum: log median F0, DCT 1..12 of the voiced mel spectrum; "
    "embedding: Resemblyzer 256; network: log odds of inaSpeechSegmenter's"
)
DIGITS = 5


@dataclass(frozen=True)
class Found:
    """One clip's features by part."""

    corpus: str
    speaker: str
    man: bool
    features: Mapping[str, NDArray[np.float64]]


def found(clip: Clip) -> Found | None:
    """Every part of a clip; None where there is too little voice to tell anything from."""
    recording = clip.recording()
    if not clip.sex or np.count_nonzero(recording.once(track).voiced) < gender_model.FEWEST_VOICED:
        return None
    features = {name: np.asarray(part(recording), np.float64) for name, part in gender_model.FEATURES.items()}
    return Found(clip.corpus, f"{clip.corpus} {clip.speaker}", clip.sex == "male", features)


def fit(rows: Sequence[Found]) -> dict[str, Any]:
    """The content of ``gender_model.json``."""
    speakers = np.array([row.speaker for row in rows])
    man = np.array([row.man for row in rows])
    names, counts = np.unique(speakers, return_counts=True)
    weights = dict(zip(names, counts, strict=True))
    weight = np.array([float(weights[speaker]) ** -0.5 for speaker in speakers])
    for sex in (False, True):
        weight[man == sex] *= 0.5 / weight[man == sex].sum()
    said = {name: len({row.speaker for row in rows if row.corpus == name}) for name in CORPORA}
    return {
        "command": COMMAND,
        "fitted_on": ", ".join(f"{name} {count}" for name, count in said.items() if count) + " speakers",
        "features": ABOUT,
        "estimators": ESTIMATORS,
        "parts": {
            part: _regression(np.array([row.features[part] for row in rows]), man, weight * len(rows))
            for part in gender_model.FEATURES
        },
    }


def _regression(x: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1.0, max_iter=5000).fit(scaler.transform(x), y, sample_weight=weight)
    return {
        "mean": scaler.mean_.round(DIGITS).tolist(),
        "scale": scaler.scale_.round(DIGITS + 2).tolist(),
        "weights": model.coef_[0].round(DIGITS).tolist(),
        "bias": round(float(model.intercept_[0]), DIGITS),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit.gender", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--held-out", action="store_true", help="the fits without RAVDESS and without EmoDB as well")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    rows = [one for one in over(clips(chosen.data, *CORPORA), found, chosen.workers) if one is not None]
    write_json(chosen.output, fit(rows))
    for corpus in TESTED if chosen.held_out else ():
        write_json(HELD_OUT / f"gender-{corpus}.json", fit([row for row in rows if row.corpus != corpus]))


if __name__ == "__main__":
    main()
