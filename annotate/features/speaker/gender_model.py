"""Log odds that a voice is a man's: small logistic regressions, added up.

The coefficients and what they were fitted on stand in ``gender_model.json``. Separate regressions, added,
do better than one over all features: with few speakers to fit on, a joint one leans on whatever tells those few
apart. The word says how a voice sounds to listeners, not who somebody is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import Recording
from annotate.features.feature import Measured
from annotate.features.pitch.praat import track
from annotate.features.speaker import cnn, vocal_tract
from annotate.features.speaker.embedding import embedding

SHIPPED = Path(__file__).with_suffix(".json")
FEWEST_VOICED = 20  # frames of 5 ms
FEATURES: dict[str, Callable[[Recording], NDArray[Any]]] = {
    "tract": vocal_tract.tract,
    "spectrum": vocal_tract.spectrum,
    "embedding": embedding,
    "network": cnn.log_odds,
}


def log_odds(recording: Recording, estimator: str, fitted: Path = SHIPPED) -> float | None:
    """Natural log of P(man) / P(woman); None where there is less than 100 ms of voice.

    Args:
        recording: one utterance.
        estimator: ``voice`` (pitch, formants, voiced spectrum), ``encoder`` (pitch, formants, speaker embedding) or
            ``ensemble`` (the same, and a network for this very question).
        fitted: the coefficients; the accuracy bench gives those that were fitted without the corpus it tests.
    """
    pitch = recording.once(track)
    if np.count_nonzero(pitch.voiced) < FEWEST_VOICED:
        return None
    total = 0.0
    for name, part in model(fitted)[estimator].items():
        values = (FEATURES[name](recording) - part["mean"]) / part["scale"]
        total += float(values @ part["weights"] + part["bias"])
    return total


def measured(recording: Recording, estimator: str) -> Measured:
    """The log odds as a feature gives them."""
    odds = log_odds(recording, estimator)
    if odds is None:
        return Measured({}, ["gender: too little voice to estimate it from"])
    return Measured({"gender_log_odds": odds})


@cache
def model(fitted: Path = SHIPPED) -> dict[str, dict[str, dict[str, NDArray[np.float64]]]]:
    """Estimator -> part -> its mean, scale, weights (shape of the feature) and bias."""
    stored = json.loads(fitted.read_text(encoding="utf-8"))
    return {
        name: {part: {key: np.asarray(value) for key, value in stored["parts"][part].items()} for part in parts}
        for name, parts in stored["estimators"].items()
    }
