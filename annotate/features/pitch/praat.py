"""Praat's autocorrelation (Boersma 1993) through parselmouth, in two passes.

The first pass looks wide, 60 to 600 Hz; the second from 0.75 times the first quartile to 1.5 times the
third quartile of what the first found in this utterance (De Looze and Hirst 2008). The speaker and the
sex are never asked. Praat manual: "Sound: To Pitch (raw autocorrelation)...".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import parselmouth

from annotate.audio.recording import RATE, Recording
from annotate.features import contour
from annotate.features.feature import Feature, Measured

STEP_S = 0.01
LOWEST_HZ, HIGHEST_HZ = 60.0, 600.0


def track(recording: Recording) -> contour.Contour:
    """F0 every 10 ms over the whole recording."""
    sound = parselmouth.Sound(recording.samples.astype(np.float64), RATE)
    # below three periods of the floor Praat refuses; such a clip gets a higher floor
    floor = max(LOWEST_HZ, 3.1 / recording.duration)
    wide = _pass(sound, floor, HIGHEST_HZ)
    voiced = wide.f0[wide.f0 > 0]
    if len(voiced) < contour.FEWEST_VOICED:
        return wide
    first, third = np.percentile(voiced, [25, 75])
    return _pass(sound, max(floor, 0.75 * first), min(max(1.5 * third, 2 * floor), 1000.0))


def _pass(sound: parselmouth.Sound, floor: float, ceiling: float) -> contour.Contour:
    pitch = sound.to_pitch_ac(time_step=STEP_S, pitch_floor=floor, pitch_ceiling=ceiling)
    return contour.Contour(pitch.xs(), pitch.selected_array["frequency"])


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Statistics of Praat's contour."""
    return contour.statistics(recording.once(track))


plugin = Feature(version=f"1 praat {parselmouth.PRAAT_VERSION}", writes=contour.COLUMNS, measure=measure)
