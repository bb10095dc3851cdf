"""The level around points of a recording, from one cumulative sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOOR_POWER = 1e-12  # -120 dB re full scale


def level_db(samples: NDArray[np.float64], centres: NDArray[np.integer[Any]], half: int) -> NDArray[np.float64]:
    """Mean power in dB re full scale of the samples within ``half`` of each centre.

    Args:
        samples: shape (n,).
        centres: numbers of samples, shape (frames,); a window that reaches over an end is cut there.
        half: samples on either side.

    Returns:
        Shape (frames,), at least -120.
    """
    total = np.concatenate([[0.0], np.cumsum(np.square(samples))])
    first = np.clip(centres - half, 0, len(samples))
    last = np.clip(centres + half, 0, len(samples))
    mean = (total[last] - total[first]) / np.maximum(last - first, 1)
    return np.asarray(10.0 * np.log10(np.maximum(mean, FLOOR_POWER)))
