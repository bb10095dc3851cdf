"""Voice quality: jitter, shimmer, harmonics-to-noise ratio and spectral tilt over the voiced parts.

Connected speech gives a higher jitter and a lower HNR than the sustained vowels that published norms are
for: compare clips with each other, not with clinical limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import parselmouth
from numpy.typing import NDArray
from parselmouth.praat import call
from scipy.fft import rfft

from annotate.audio.recording import RATE, Recording
from annotate.features.feature import SLOT_COLUMNS, Feature, Measured
from annotate.features.pitch.praat import Track, track

COLUMNS = SLOT_COLUMNS["voice"]
FEWEST_VOICED = 10  # frames of 5 ms
LOW_HZ, SPLIT_HZ, HIGH_HZ = 50.0, 1000.0, 5000.0
WINDOW_S = 0.032


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """The four measures; null where there is too little voice.

    jitter: Praat manual, "PointProcess: Get jitter (local)...", shortest period 0.1 ms, longest that of the
    pitch floor, maximum period factor 1.3. shimmer: "PointProcess & Sound: Get shimmer (local)...", maximum
    amplitude factor 1.6. Periods: "Sound & Pitch: To PointProcess (cc)".
    """
    pitch = recording.once(track)
    if np.count_nonzero(pitch.voiced) < FEWEST_VOICED or pitch.wide is None:
        return Measured({}, ["voice: no voiced speech found"])
    points = call([pitch.sound, pitch.wide], "To PointProcess (cc)")
    longest = 1.0 / pitch.floor_hz
    found = {
        "jitter": call(points, "Get jitter (local)", 0, 0, 0.0001, longest, 1.3),
        "shimmer": call([pitch.sound, points], "Get shimmer (local)", 0, 0, 0.0001, longest, 1.3, 1.6),
        "hnr_db": hnr_db(pitch),
        "tilt_db": tilt_db(recording.samples, pitch.times[pitch.voiced]),
    }
    values = {name: float(value) for name, value in found.items() if value is not None and np.isfinite(value)}
    missing = [name for name in found if name not in values]
    return Measured(values, [f"voice: too few periods for {', '.join(missing)}"] if missing else [])


def hnr_db(pitch: Track) -> float | None:
    """Mean over voiced frames of 10 log10(r / (1 - r)), r the normalised autocorrelation at the period.

    Boersma (1993); Praat manual, "Harmonicity". r comes from the first pass with the octave cost in it, which
    lowers it by less than 0.035, and is kept below 0.99999 (50 dB).
    """
    path = pitch.wide.selected_array
    voiced = path["frequency"] > 0
    if not voiced.any():
        return None
    r = np.clip(path["strength"][voiced], 1e-5, 0.99999)
    return float(np.mean(10 * np.log10(r / (1 - r))))


def tilt_db(samples: NDArray[np.float32], centres: NDArray[np.float64]) -> float | None:
    """Level of voiced speech from 1 to 5 kHz less that from 50 Hz to 1 kHz, in dB.

    The balance known as the alpha ratio (Frokjaer-Jensen and Prytz 1976; in eGeMAPS, Eyben et al. 2016).
    Around -20 for soft, above -10 for pressed or shouted voices.

    Args:
        samples: shape (n,).
        centres: times of voiced frames in seconds; every second one is used, in Hann windows of 32 ms.
    """
    size = int(WINDOW_S * RATE)
    starts = (centres[::2] * RATE).astype(np.int64) - size // 2
    starts = starts[(starts >= 0) & (starts + size <= len(samples))]
    if not len(starts):
        return None
    frames = samples[starts[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    power = np.square(np.abs(rfft(frames, axis=1))).sum(axis=0)
    hertz = np.arange(len(power)) * RATE / size
    low = power[(hertz >= LOW_HZ) & (hertz < SPLIT_HZ)].sum()
    high = power[(hertz >= SPLIT_HZ) & (hertz < HIGH_HZ)].sum()
    return float(10 * np.log10(max(float(high), 1e-20) / max(float(low), 1e-20)))


plugin = Feature(version=f"2 praat {parselmouth.PRAAT_VERSION}", writes=COLUMNS, measure=measure)
