"""Voice quality through parselmouth: jitter, shimmer, harmonics-to-noise ratio, spectral tilt.

Praat manual: "PointProcess: Get jitter (local)...", "PointProcess & Sound: Get shimmer (local)...",
"Sound: To Harmonicity (cc)...", "Ltas: Get slope...". Over the whole clip.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import parselmouth
from parselmouth.praat import call

from annotate.audio.recording import RATE, Recording
from annotate.features.feature import Feature, Measured
from annotate.features.pitch.praat import track

COLUMNS = ("jitter", "shimmer", "hnr_db", "tilt_db")


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """The four measures; null where there is no voiced speech."""
    f0 = recording.once(track).f0
    voiced = f0[f0 > 0]
    if len(voiced) < 5:
        return Measured({}, ["voice: no voiced speech found"])
    sound = parselmouth.Sound(recording.samples.astype(np.float64), RATE)
    floor, ceiling = max(0.8 * float(voiced.min()), 3.1 / recording.duration), 1.25 * float(voiced.max())
    points = call(sound, "To PointProcess (periodic, cc)", floor, ceiling)
    found = {
        "jitter": call(points, "Get jitter (local)", 0, 0, 0.0001, 0.02, 1.3),
        "shimmer": call([sound, points], "Get shimmer (local)", 0, 0, 0.0001, 0.02, 1.3, 1.6),
        "hnr_db": call(sound.to_harmonicity_cc(0.01, floor), "Get mean", 0, 0),
        "tilt_db": tilt(recording),
    }
    values = {name: value for name, value in found.items() if np.isfinite(value)}
    missing = [name for name in found if name not in values]
    return Measured(values, [f"voice: too few periods for {', '.join(missing)}"] if missing else [])


def tilt(recording: Recording) -> float:
    """Energy from 1 kHz to 5 kHz over that below 1 kHz, in dB."""
    power = np.square(np.abs(np.fft.rfft(recording.samples.astype(np.float64))))
    frequency = np.fft.rfftfreq(len(recording.samples), 1 / RATE)
    low = power[(frequency >= 50) & (frequency < 1000)].sum()
    high = power[(frequency >= 1000) & (frequency < 5000)].sum()
    return float(10 * np.log10((high + 1e-20) / (low + 1e-20)))


plugin = Feature(version=f"1 praat {parselmouth.PRAAT_VERSION}", writes=COLUMNS, measure=measure)
