"""A recording's samples at lower rates and through low-passes, all of them from one Fourier transform."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE

Floats = NDArray[np.float64]

LOWEST_RATE = 4000  # Hz; ``at`` gives this one and its doubles
ROOM_S = 0.02  # of silence behind the samples: the filter of the end does not reach the beginning
ATTENUATION = 0.03


class Bands:
    """The spectrum of one recording at ``RATE``, and what follows from it.

    Args:
        samples: shape (n,).
    """

    def __init__(self, samples: NDArray[np.float32]) -> None:
        thin = RATE // LOWEST_RATE
        self.count = len(samples)
        self.size = thin * scipy.fft.next_fast_len(-(-(self.count + round(ROOM_S * RATE)) // thin), real=True)
        self.spectrum = scipy.fft.rfft(np.asarray(samples, np.float32), self.size)

    def at(self, rate: int, top_hz: float | None = None) -> Floats:
        """The recording at a lower rate, without what is above half of it.

        A sample lies in the middle of the time that it stands for, at either rate: the first of ``rate`` in the middle
        of the first ``RATE / rate`` samples of the recording.

        Args:
            rate: samples a second.
            top_hz: a Gaussian low-pass without delay has the gain ``ATTENUATION`` here.
        """
        thin = RATE // rate
        size = self.size // thin
        frequency = np.arange(size // 2 + 1, dtype=np.float32) * np.float32(rate / size)
        gain = np.exp(np.complex64(1j * np.pi * (1 / rate - 1 / RATE)) * frequency)
        if top_hz is not None:
            gain *= np.exp(np.float32(np.log(ATTENUATION) / top_hz**2) * np.square(frequency))
        samples = scipy.fft.irfft(self.spectrum[: len(gain)] * gain, size)[: -(-self.count // thin)]
        return np.asarray(samples, np.float64) / thin
