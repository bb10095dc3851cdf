"""The level around points of a recording."""

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
    inside = np.clip(centres, -half, len(samples) + half)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, 2 * half), 2 * half)[inside + half]
    count = np.minimum(inside + half, len(samples)) - np.maximum(inside - half, 0)
    mean = np.einsum("fw,fw->f", windows, windows) / np.maximum(count, 1)
    return np.asarray(10.0 * np.log10(np.maximum(mean, FLOOR_POWER)))
