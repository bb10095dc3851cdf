"""Mel filters, for the voiced spectrum and the speaker encoder."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE

Floats = NDArray[np.float64]


@lru_cache(maxsize=4)
def mel_filters(size: int, bands: int, low: float, high: float) -> Floats:
    """Triangular filters, area-normalised, on Slaney's mel scale (1998, Auditory Toolbox): (bands, size/2+1)."""

    def mel(f: Floats) -> Floats:
        return np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1e-9) / 1000) * 27 / np.log(6.4))

    def hertz(m: Floats) -> Floats:
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))

    edges = hertz(np.linspace(mel(np.array(low)), mel(np.array(high)), bands + 2))
    f = np.arange(size // 2 + 1) * RATE / size
    up = (f - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - f) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]
