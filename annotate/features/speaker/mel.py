"""Mel filters, for the voiced spectrum, syllable nuclei and the speaker encoder."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE

Floats = NDArray[np.float64]


@lru_cache(maxsize=4)
def mel_filters(size: int, bands: int, low: float, high: float) -> Floats:
    """Triangular filters, area-normalised, on Slaney's mel scale (1998, Auditory Toolbox).

    Args:
        size: samples of a frame.
        bands: how many filters.
        low: where the first begins, Hz.
        high: where the last ends, Hz.

    Returns:
        Weights of each bin of the spectrum, (bands, size // 2 + 1).
    """
    from librosa.filters import mel  # brings numba: a second once in each process

    return np.asarray(mel(sr=RATE, n_fft=size, n_mels=bands, fmin=low, fmax=high, dtype=np.float64))
