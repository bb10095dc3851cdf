"""Speaking rate from the signal alone, in syllables per second of speech; for clips without a text.

Two counts of syllable nuclei that err independently, of which the geometric mean is taken:
- peaks of sonority: voiced peaks of the level with a dip on either side, after De Jong & Wempe (2009), "Praat script to
  detect syllable nuclei and measure speech rate automatically", Behavior Research Methods 41: 385-390, but as the mean
  of 48 counts (three bands, four smoothings, four dips) in place of one: each single choice misses or doubles other
  syllables, their mean less so;
- vowels: a detector learned from synthetic speech (``features/nuclei.py``), which sees syllables that differ in sound
  and not in level.

``signal.json`` holds one factor for each, which takes off its mean bias; nothing else is fitted. Nothing was found that
tells how wrong a single clip is (docs/measurements.md), so the sureness of its word allows for the error of all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features.activity import activity, timed
from annotate.features.feature import Feature, Measured
from annotate.features.nuclei import nuclei
from annotate.features.pitch.praat import Track, track
from annotate.features.plausible_rate import FASTEST

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
HOP_S, WINDOW_S, BAND_SIZE = 0.005, 0.020, 512
BANDS_HZ = ((100.0, 2500.0), (300.0, 1200.0), (250.0, 3500.0))
SMOOTH_FRAMES = (2.0, 2.5, 3.0, 3.5)
DIPS_DB = (0.5, 1.0, 2.0, 3.0)
SHORTEST_SPOKEN_S = 0.3
HEIGHT_DB, RANGE_DB, APART_FRAMES = -25.0, -45.0, 8
COUNTS = ("peaks", "vowels")
UNHEARD_OF = f"rate: the signal alone gives more than {FASTEST:.0f} syllables/s, which people do not speak"


def counts(recording: Recording) -> Floats | None:
    """Sonority peaks and vowels a second of speech: shape (2,), as in ``COUNTS``.

    None where less than 0.3 s is spoken or nothing is voiced. Neither depends on the gain.
    """
    active, pitch = recording.once(activity), recording.once(track)
    if active.spoken_s < SHORTEST_SPOKEN_S or not pitch.voiced.any():
        return None
    peaks = float(peak_counts(recording, pitch).mean())
    return np.array([peaks, nuclei(recording.samples, active.speech)]) / active.spoken_s


def peak_counts(recording: Recording, pitch: Track) -> Floats:
    """Voiced peaks of the level by band, smoothing and least dip: shape (3, 4, 4)."""
    levels = _band_levels(recording.samples)
    voiced = np.zeros(len(levels[0]), bool)
    voiced[np.clip(np.rint(pitch.times[pitch.voiced] / HOP_S).astype(int), 0, len(voiced) - 1)] = True
    near_voice = scipy.ndimage.maximum_filter1d(voiced, 11)
    return np.array([[_peaks(level, sigma, near_voice) for sigma in SMOOTH_FRAMES] for level in levels])


def _power(samples: NDArray[np.float32], width_s: float, size: int) -> Floats:
    """Power spectra of Hann windows around every ``HOP_S``: shape (frames, size / 2 + 1)."""
    hop, width = round(HOP_S * RATE), round(width_s * RATE)
    padded = np.pad(np.asarray(samples, np.float32), (width // 2, width))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop][: max(1, len(samples) // hop)]
    return np.asarray(np.square(np.abs(scipy.fft.rfft(frames * np.hanning(width).astype(np.float32), size, axis=1))))


def _band_levels(samples: NDArray[np.float32]) -> list[Floats]:
    power = _power(samples, WINDOW_S, BAND_SIZE)
    hertz = np.arange(power.shape[1]) * RATE / BAND_SIZE
    bands = [10 * np.log10(power[:, (hertz >= a) & (hertz < b)].sum(1) + 1e-10) for a, b in BANDS_HZ]
    return [np.maximum(b - np.percentile(b, 95), 2 * RANGE_DB) for b in bands]


def _peaks(level: Floats, sigma: float, near_voice: Mask) -> list[int]:
    smooth = scipy.ndimage.gaussian_filter1d(level, sigma)
    smooth = np.maximum(smooth - np.percentile(smooth, 95), RANGE_DB)
    at, properties = scipy.signal.find_peaks(smooth, prominence=min(DIPS_DB), height=HEIGHT_DB, distance=APART_FRAMES)
    dips = properties["prominences"][near_voice[at]]
    return [int((dips >= dip).sum()) for dip in DIPS_DB]


@cache
def _fitted() -> dict[str, Any]:
    return dict(json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")))


def factors() -> dict[str, float]:
    """What each count is multiplied with, by ``COUNTS``."""
    return dict(_fitted()["fit"])


def log_errors() -> list[float]:
    """Quantiles, at equal steps from 0 to 1, of the logarithm of the true rate over the estimate."""
    return list(_fitted()["log_errors"])


def rate(recording: Recording) -> float | None:
    """Syllables per second of spoken time; None where less than 0.3 s is spoken or nothing is voiced.

    Any gain gives the same. docs/measurements.md has the error.
    """
    counted = counts(recording)
    return None if counted is None else joined(counted, factors())


def joined(counted: Floats, known: Mapping[str, float]) -> float:
    """The rate from the counts and the factor of each; kept between 0.5 and 12."""
    return float(np.clip(np.sqrt(np.prod(counted * np.array([known[name] for name in COUNTS]))), 0.5, 12.0))


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Speaking rate without asking for a text, and the times spoken and paused."""
    values, notes = timed(recording.once(activity))
    estimate = rate(recording)
    if estimate is None:
        return Measured(values, notes if not values["spoken_s"] else ["rate: too little speech to count syllables in"])
    if estimate > FASTEST:
        return Measured({**values, "rate_refused": "fast"}, [*notes, UNHEARD_OF])
    return Measured(
        {**values, "rate_syllables_s": estimate, "rate_source": "signal"}, [*notes, "rate: from the signal alone"]
    )


plugin = Feature(
    version="8",
    writes=("rate_syllables_s", "spoken_s", "pause_s", "snr_db", "rate_source", "rate_refused"),
    measure=measure,
)
