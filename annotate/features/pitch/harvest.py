"""WORLD's Harvest (Morise 2017) through pyworld, in place of Praat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyworld

from annotate.audio.recording import RATE, Recording
from annotate.features import contour
from annotate.features.feature import Feature, Measured


def track(recording: Recording) -> contour.Contour:
    """F0 every 10 ms over the whole recording."""
    samples = recording.samples.astype(np.float64)
    f0, times = pyworld.harvest(samples, RATE, f0_floor=60.0, f0_ceil=600.0, frame_period=10.0)
    return contour.Contour(times, f0)


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Statistics of WORLD's contour."""
    return contour.statistics(recording.once(track))


plugin = Feature(version=f"1 pyworld {pyworld.__version__}", writes=contour.COLUMNS, measure=measure)
