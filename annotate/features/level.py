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
    if not len(centres):
        return np.zeros(0)
    # all windows begin and end on a grid, often a coarse one: the powers between its points are all that is needed
    grid = int(np.gcd.reduce(np.append(np.diff(centres), 2 * half)))
    before = int(half - centres[0]) % grid
    blocks = np.pad(samples, (before, -(before + len(samples)) % grid)).reshape(-1, grid)
    total = np.concatenate([[0.0], np.cumsum(np.einsum("bs,bs->b", blocks, blocks))])
    first, last = (np.clip((centres + before + side) // grid, 0, len(blocks)) for side in (-half, half))
    count = np.minimum(centres + half, len(samples)) - np.maximum(centres - half, 0)
    mean = (total[last] - total[first]) / np.maximum(count, 1)
    return np.asarray(10.0 * np.log10(np.maximum(mean, FLOOR_POWER)))
