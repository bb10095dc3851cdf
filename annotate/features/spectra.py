"""Short-time power spectra of the voiced frames: their tilt, their first harmonics, how fast they change.

All of it is of 50 Hz to 5 kHz, where MP3 and a little noise leave speech as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE

WINDOW_S = 0.032
LOW_HZ, SPLIT_HZ, HIGH_HZ = 50.0, 1000.0, 5000.0
NEIGHBOURS_S = 0.012  # frames at most this far apart follow each other
LEAST_POWER = 1e-12


@dataclass(frozen=True)
class Spectra:
    """Power spectra of voiced frames in Hann windows of 32 ms.

    Attributes:
        power: shape (frames, bins).
        hertz: of each bin, shape (bins,).
        times: centre of each frame in seconds, shape (frames,).
        f0: Hz, shape (frames,).
    """

    power: NDArray[np.float64]
    hertz: NDArray[np.float64]
    times: NDArray[np.float64]
    f0: NDArray[np.float64]


def spectra(samples: NDArray[np.float32], times: NDArray[np.float64], f0: NDArray[np.float64]) -> Spectra | None:
    """The spectra of every second voiced frame; None where no window fits into the recording.

    Args:
        samples: shape (n,).
        times: of the voiced frames in seconds, shape (voiced,).
        f0: their F0 in Hz, shape (voiced,).
    """
    size = int(WINDOW_S * RATE)
    centres, pitches = times[::2], f0[::2]
    starts = (centres * RATE).astype(np.int64) - size // 2
    inside = (starts >= 0) & (starts + size <= len(samples))
    if not inside.any():
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[starts[inside]]
    frames *= np.hanning(size).astype(np.float32)
    spectrum = scipy.fft.rfft(frames, axis=1, overwrite_x=True)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return Spectra(power, np.arange(power.shape[1]) * RATE / size, centres[inside], pitches[inside])


def tilt_db(measured: Spectra) -> float:
    """Level of voiced speech from 1 to 5 kHz less that from 50 Hz to 1 kHz, in dB.

    The balance known as the alpha ratio (Frokjaer-Jensen and Prytz 1976; in eGeMAPS, Eyben et al. 2016).
    Around -20 for soft, above -10 for pressed or shouted voices.
    """
    power, hertz = measured.power.sum(axis=0), measured.hertz
    low = power[(hertz >= LOW_HZ) & (hertz < SPLIT_HZ)].sum()
    high = power[(hertz >= SPLIT_HZ) & (hertz < HIGH_HZ)].sum()
    return float(10 * np.log10(max(float(high), 1e-20) / max(float(low), 1e-20)))


def h1_h2_db(measured: Spectra) -> float:
    """Mean level of the first harmonic less that of the second, in dB: high in a breathy, low in a pressed voice.

    Hanson (1997), "Glottal characteristics of female speakers", JASA 101: 466-481; without her correction for the
    first formant, which wants formants measured. A harmonic's level is that of the highest of the three bins around it.
    """
    rows = np.arange(len(measured.f0))
    step = float(measured.hertz[1])

    def level(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        middle = np.clip(np.rint(hertz / step).astype(np.int64), 1, measured.power.shape[1] - 2)
        around = np.stack([measured.power[rows, middle + shift] for shift in (-1, 0, 1)])
        return np.asarray(10 * np.log10(around.max(axis=0) + LEAST_POWER))

    return float(np.mean(level(measured.f0) - level(2 * measured.f0)))


def flux(measured: Spectra) -> float | None:
    """How much the shape of the spectrum changes from one voiced frame to the next, 10 ms later: 0 to 1.41.

    The Euclidean distance between the square roots of the two spectra, each with a sum of 1, whatever the level; its
    mean over neighbouring frames. None where no two frames follow each other.
    """
    kept = (measured.hertz >= LOW_HZ) & (measured.hertz < HIGH_HZ)
    power = measured.power[:, kept] + LEAST_POWER
    shape = np.sqrt(power / power.sum(axis=1, keepdims=True))
    follows = np.diff(measured.times) <= NEIGHBOURS_S
    if not follows.any():
        return None
    return float(np.sqrt(np.square(np.diff(shape, axis=0)).sum(axis=1))[follows].mean())
