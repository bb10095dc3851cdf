"""The level in dBFS alone: no loudness model, no gate. Volume words are then made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from annotate.audio.recording import Recording
from annotate.features.feature import Feature, Measured


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Root mean square level over the whole clip in dBFS."""
    return Measured({"level_rms_dbfs": level(recording)})


def level(recording: Recording) -> float:
    """Root mean square level in dBFS, 0 being a full-scale square wave."""
    samples = recording.samples.astype(np.float64)
    return float(10 * np.log10(samples @ samples / len(samples)))


plugin = Feature(version="1", writes=("level_rms_dbfs",), measure=measure)
