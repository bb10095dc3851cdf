"""The mel filters are Slaney's: the definition written out beside the library's."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.audio.recording import RATE
from annotate.features.speaker.mel import mel_filters


@pytest.mark.parametrize(("size", "bands", "low", "high"), [(400, 40, 0.0, 8000.0), (512, 32, 80.0, 7600.0)])
def test_they_are_slaneys(size: int, bands: int, low: float, high: float) -> None:
    """Linear below 1 kHz (200/3 Hz a mel), logarithmic above (27 mels for a factor of 6.4), each of area 1."""

    def mel(hertz: float) -> float:
        return hertz * 3 / 200 if hertz < 1000 else 15 + np.log(hertz / 1000) * 27 / np.log(6.4)

    steps = np.linspace(mel(low), mel(high), bands + 2)
    edges = np.where(steps < 15, steps * 200 / 3, 1000 * np.exp((steps - 15) * np.log(6.4) / 27))
    bins = np.arange(size // 2 + 1) * RATE / size
    rows = [np.interp(bins, edges[at : at + 3], [0, 2 / (edges[at + 2] - edges[at]), 0]) for at in range(bands)]
    assert mel_filters(size, bands, low, high).shape == (bands, size // 2 + 1)
    assert np.allclose(mel_filters(size, bands, low, high), rows, rtol=1e-9, atol=1e-12)
