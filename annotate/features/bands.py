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
        self._by_rate: dict[int, NDArray[np.complex64]] = {}

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
        spectrum = self._shifted(rate)
        if top_hz is not None:
            frequency = np.arange(len(spectrum), dtype=np.float32) * np.float32(rate / size)
            spectrum = spectrum * np.exp(np.float32(np.log(ATTENUATION) / top_hz**2) * np.square(frequency))
        samples = scipy.fft.irfft(spectrum, size)[: -(-self.count // thin)]
        return np.asarray(samples, np.float64)

    def _shifted(self, rate: int) -> NDArray[np.complex64]:
        """The spectrum up to half of a lower rate, its samples in the middle of their time; computed once a rate."""
        if rate not in self._by_rate:
            size = self.size * rate // RATE
            frequency = np.arange(size // 2 + 1, dtype=np.float32) * np.float32(rate / size)
            phase = np.float32(np.pi * (1 / rate - 1 / RATE)) * frequency
            turn = np.empty(len(phase), np.complex64)
            np.cos(phase, out=turn.real)
            np.sin(phase, out=turn.imag)
            turn *= self.spectrum[: len(turn)]
            turn *= np.float32(rate / RATE)
            self._by_rate[rate] = turn
        return self._by_rate[rate]
