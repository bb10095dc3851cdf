"""Speaking rate from the signal alone, in syllables per second of speech; for clips without a text.

Two views of the same rhythm, joined by a regression of two slopes in ``signal.json``:
- peaks of sonority: syllable nuclei as voiced peaks of the level, after De Jong & Wempe (2009),
  "Praat script to detect syllable nuclei and measure speech rate automatically", Behavior
  Research Methods 41: 385-390, but as the mean of 24 counts (two bands, four smoothings, three
  dips) in place of one: each single choice misses or doubles other syllables, their mean less so;
- the centroid of the level's modulation spectrum between 1 and 14 Hz, after Greenberg & Kingsbury
  (1997) and Morgan, Fosler & Mirghafori (1997, "Speech recognition using on-line estimation of
  speaking rate"), which goes on rising where fast syllables merge into one peak.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.signal import find_peaks

from annotate.audio.recording import RATE, Recording
from annotate.features.activity import activity, timed
from annotate.features.feature import Feature, Measured
from annotate.features.pitch.praat import track

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
HOP_S, WINDOW_S = 0.005, 0.020
BANDS_HZ = ((100.0, 2500.0), (300.0, 1200.0))
SMOOTH_FRAMES = (2.0, 2.5, 3.0, 3.5)
DIPS_DB = (1.0, 2.0, 3.0)
SHORTEST_SPOKEN_S = 0.3
HEIGHT_DB, RANGE_DB, APART_FRAMES = -25.0, -45.0, 8


def rhythm(samples: NDArray[np.float32], voiced_times: Floats) -> tuple[float, float]:
    """Mean number of voiced peaks of sonority, and centroid of the modulation spectrum in Hz.

    Args:
        samples: shape (n,).
        voiced_times: centres of voiced frames in seconds.
    """
    levels = _band_levels(samples)
    voiced = np.zeros(len(levels[0]), bool)
    voiced[np.clip(np.rint(voiced_times / HOP_S).astype(int), 0, len(voiced) - 1)] = True
    near_voice = maximum_filter1d(voiced, 11)
    counts = [_peaks(level, sigma, near_voice) for level in levels for sigma in SMOOTH_FRAMES]
    return float(np.mean(counts)), _modulation_centroid(levels[0])


def _band_levels(samples: NDArray[np.float32]) -> list[Floats]:
    hop, width = round(HOP_S * RATE), round(WINDOW_S * RATE)
    size = 1 << (width - 1).bit_length()
    padded = np.pad(np.asarray(samples, np.float32), (width // 2, width))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop][: max(1, len(samples) // hop)]
    power = np.square(np.abs(rfft(frames * np.hanning(width).astype(np.float32), size, axis=1)))
    hertz = np.arange(size // 2 + 1) * RATE / size
    bands = [10 * np.log10(power[:, (hertz >= a) & (hertz < b)].sum(1) + 1e-10) for a, b in BANDS_HZ]
    return [np.maximum(b - np.percentile(b, 95), 2 * RANGE_DB) for b in bands]


def _peaks(level: Floats, sigma: float, near_voice: Mask) -> float:
    smooth = gaussian_filter1d(level, sigma)
    smooth = np.maximum(smooth - np.percentile(smooth, 95), RANGE_DB)
    at, found = find_peaks(smooth, prominence=min(DIPS_DB), height=HEIGHT_DB, distance=APART_FRAMES)
    dips = found["prominences"][near_voice[at]]
    return float(np.mean([(dips >= dip).sum() for dip in DIPS_DB]))


def _modulation_centroid(level: Floats, low: float = 1.0, high: float = 14.0) -> float:
    """Centroid of the power spectrum of the level over the stretch that is within 28 dB of its peak."""
    on = np.flatnonzero(level > -28)
    part = np.maximum(gaussian_filter1d(level, 1.0)[on[0] : on[-1] + 1], -35.0)
    part = (part - part.mean()) * np.hanning(len(part))
    power = np.square(np.abs(rfft(part, max(2048, 1 << (len(part) - 1).bit_length()))))
    hertz = np.arange(len(power)) / ((len(power) - 1) * 2 * HOP_S)
    band = (hertz > low) & (hertz < high)
    return float((hertz[band] * power[band]).sum() / max(float(power[band].sum()), 1e-12))


@cache
def _fit() -> dict[str, float]:
    return dict(json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))["fit"])


def rate(recording: Recording) -> float | None:
    """Syllables per second of spoken time; None where less than 0.3 s is spoken or nothing is voiced.

    Any gain gives the same. docs/measurements.md has the error.
    """
    spoken = recording.once(activity).spoken_s
    pitch = recording.once(track)
    if spoken < SHORTEST_SPOKEN_S or not pitch.voiced.any():
        return None
    peaks, centroid = rhythm(recording.samples, pitch.times[pitch.voiced])
    fit = _fit()
    return float(np.clip(fit["bias"] + fit["peaks"] * peaks / spoken + fit["centroid"] * centroid, 0.5, 12.0))


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Speaking rate without asking for a text, and the times spoken and paused."""
    values, told = timed(recording.once(activity))
    estimate = rate(recording)
    if estimate is None:
        return Measured(values, told if not values["spoken_s"] else ["rate: too little speech to count syllables in"])
    return Measured({**values, "rate_syllables_s": estimate}, [*told, "rate: from the signal alone"])


plugin = Feature(version="3", writes=("rate_syllables_s", "spoken_s", "pause_s", "snr_db"), measure=measure)
