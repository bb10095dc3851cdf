"""Probabilistic YIN (Mauch and Dixon 2014) through librosa, in place of Praat; the slowest by far."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import librosa
import numpy as np

from annotate.audio.recording import RATE, Recording
from annotate.features import contour
from annotate.features.feature import Feature, Measured

HOP = RATE // 100


def track(recording: Recording) -> contour.Contour:
    """F0 every 10 ms over the whole recording."""
    f0, voiced, _ = librosa.pyin(recording.samples, fmin=60.0, fmax=600.0, sr=RATE, frame_length=1024, hop_length=HOP)
    return contour.Contour(np.arange(len(f0)) * HOP / RATE, np.where(voiced, np.nan_to_num(f0), 0.0))


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Statistics of the pYIN contour."""
    return contour.statistics(recording.once(track))


plugin = Feature(version=f"1 librosa {version('librosa')}", writes=contour.COLUMNS, measure=measure)
