"""Speaking rate from the signal alone, in syllables per second of speech; for clips without a text.

Three views of the same rhythm, joined by a regression of three slopes in ``signal.json``:
- peaks of sonority: syllable nuclei as voiced peaks of the level, after De Jong & Wempe (2009),
  "Praat script to detect syllable nuclei and measure speech rate automatically", Behavior
  Research Methods 41: 385-390, but as the mean of 48 counts (three bands, four smoothings, four
  dips) in place of one: each single choice misses or doubles other syllables, their mean less so;
- the centroid of the level's modulation spectrum between 1 and 14 Hz, after Greenberg & Kingsbury
  (1997) and Morgan, Fosler & Mirghafori (1997, "Speech recognition using on-line estimation of
  speaking rate"), which goes on rising where fast syllables merge into one peak;
- how fast the spectrum changes: the mean frequency of the first six mel cepstra's movements, from
  the power of their derivative over their own (Rice 1944; spectral transition: Furui 1986, JASA 80:
  1016-1025), which sees syllables that differ in sound and not in level.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.signal import find_peaks

from annotate.audio.recording import RATE, Recording
from annotate.features.activity import activity, timed
from annotate.features.feature import Feature, Measured
from annotate.features.pitch.praat import track
from annotate.features.plausible import FASTEST
from annotate.features.speaker.mel import mel_filters

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
HOP_S, WINDOW_S, BAND_SIZE = 0.005, 0.020, 512
BANDS_HZ = ((100.0, 2500.0), (300.0, 1200.0), (250.0, 3500.0))
SMOOTH_FRAMES = (2.0, 2.5, 3.0, 3.5)
DIPS_DB = (0.5, 1.0, 2.0, 3.0)
SHORTEST_SPOKEN_S = 0.3
HEIGHT_DB, RANGE_DB, APART_FRAMES = -25.0, -45.0, 8
MEL_BANDS, MEL_HZ, MEL_SIZE, MEL_WINDOW_S = 24, (100.0, 5000.0), 512, 0.025
MEL_RANGE_DB, CEPSTRA, CEPSTRA_SMOOTH_FRAMES = 50.0, 6, 4.0
UNHEARD_OF = f"rate: the signal alone gives more than {FASTEST:.0f} syllables/s, which people do not speak"
VIEWS = ("peaks", "centroid", "change")


def views(recording: Recording) -> Floats | None:
    """Peaks a second of speech, modulation centroid in Hz, spectral change in Hz: shape (3,), as in ``VIEWS``.

    None where less than 0.3 s is spoken or nothing is voiced. No view depends on the gain.
    """
    found, pitch = recording.once(activity), recording.once(track)
    if found.spoken_s < SHORTEST_SPOKEN_S or not pitch.voiced.any():
        return None
    levels = _band_levels(recording.samples)
    voiced = np.zeros(len(levels[0]), bool)
    voiced[np.clip(np.rint(pitch.times[pitch.voiced] / HOP_S).astype(int), 0, len(voiced) - 1)] = True
    near_voice = maximum_filter1d(voiced, 11)
    peaks = float(np.mean([_peaks(level, sigma, near_voice) for level in levels for sigma in SMOOTH_FRAMES]))
    change = _spectral_change(recording.samples, found.speech)
    return np.array([peaks / found.spoken_s, _modulation_centroid(levels[0]), change])


def _power(samples: NDArray[np.float32], width_s: float, size: int) -> Floats:
    """Power spectra of Hann windows around every ``HOP_S``: shape (frames, size / 2 + 1)."""
    hop, width = round(HOP_S * RATE), round(width_s * RATE)
    padded = np.pad(np.asarray(samples, np.float32), (width // 2, width))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop][: max(1, len(samples) // hop)]
    return np.asarray(np.square(np.abs(rfft(frames * np.hanning(width).astype(np.float32), size, axis=1))))


def _band_levels(samples: NDArray[np.float32]) -> list[Floats]:
    power = _power(samples, WINDOW_S, BAND_SIZE)
    hertz = np.arange(power.shape[1]) * RATE / BAND_SIZE
    bands = [10 * np.log10(power[:, (hertz >= a) & (hertz < b)].sum(1) + 1e-10) for a, b in BANDS_HZ]
    return [np.maximum(b - np.percentile(b, 95), 2 * RANGE_DB) for b in bands]


def _spectral_change(samples: NDArray[np.float32], speech: Mask) -> float:
    """Mean frequency in Hz of the movements of mel cepstra 1 to 6 over the frames of speech."""
    power = _power(samples, MEL_WINDOW_S, MEL_SIZE)
    mel = 10 * np.log10(power @ mel_filters(MEL_SIZE, MEL_BANDS, *MEL_HZ).T + 1e-9)
    mel = np.maximum(mel, np.percentile(mel, 98) - MEL_RANGE_DB)
    cepstra = gaussian_filter1d(dct(mel, axis=1, norm="ortho")[:, 1 : 1 + CEPSTRA], CEPSTRA_SMOOTH_FRAMES, axis=0)
    at = np.flatnonzero(np.repeat(speech, 2)[: len(cepstra)])  # activity has a frame every 10 ms
    moved = np.square(np.gradient(cepstra, HOP_S, axis=0)[at]).mean(axis=0)
    return float(np.mean(np.sqrt(moved / (cepstra[at].var(axis=0) + 1e-9)))) / (2 * np.pi)


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
    found = views(recording)
    return None if found is None else joined(found, _fit())


def joined(found: Floats, fit: Mapping[str, float]) -> float:
    """The rate from the views, by the slopes and the bias of a fit; kept between 0.5 and 12."""
    slopes = np.array([fit[name] for name in VIEWS])
    return float(np.clip(fit["bias"] + found @ slopes, 0.5, 12.0))


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Speaking rate without asking for a text, and the times spoken and paused."""
    values, told = timed(recording.once(activity))
    estimate = rate(recording)
    if estimate is None:
        return Measured(values, told if not values["spoken_s"] else ["rate: too little speech to count syllables in"])
    if estimate > FASTEST:
        return Measured(values, [*told, UNHEARD_OF])
    return Measured({**values, "rate_syllables_s": estimate}, [*told, "rate: from the signal alone"])


plugin = Feature(version="5", writes=("rate_syllables_s", "spoken_s", "pause_s", "snr_db"), measure=measure)
