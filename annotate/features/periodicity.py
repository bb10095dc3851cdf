"""How alike two neighbouring periods are: the short view of voicing, beside the long one of an autocorrelation.

An autocorrelation looks at three periods of the lowest voice that is looked for, 50 ms and more, which smears the
edges of voicing over their surroundings. The normalised cross-correlation of the one period before a point with the
one after it (Talkin 1995, "A robust algorithm for pitch tracking (RAPT)", in Speech Coding and Synthesis) sees two
periods of the voice that is there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 64  # frames
LONGEST_S = 1 / 40.0  # no period is longer
NEAR = np.linspace(-0.03, 0.03, 3)  # the long view's period is exact to about this part of itself
WIDE = np.linspace(-0.4, 0.4, 21)  # less than an octave either way


def likeness(samples: Floats, rate: float, times: Floats, f0: Floats, deviations: Floats) -> Floats:
    """Normalised correlation of the period before each point with the period after it, -1 to 1.

    Args:
        samples: shape (n,).
        rate: samples a second.
        times: seconds, shape (frames,).
        f0: Hz, above 0, shape (frames,).
        deviations: each is tried as 1 + deviation times the period, shape (lags,).

    Returns:
        Shape (frames, lags); 0 where the signal is silent.
    """
    if not len(times):
        return np.zeros((0, len(deviations)))
    longest = int(LONGEST_S * rate)
    padded = np.pad(samples, longest)
    centre = np.rint(times * rate).astype(np.int64) + longest
    lags = np.rint(np.minimum(rate / f0[:, None] * (1 + deviations), longest)).astype(np.int64)
    order = np.argsort(lags[:, 0])  # in blocks of like periods, so that no short one is padded to a long one's length
    found = np.empty(lags.shape)
    for block in np.array_split(order, max(1, len(order) // BLOCK)):
        reach = np.arange(lags[block].max())
        after = padded[centre[block, None] + reach]
        for column in range(lags.shape[1]):
            lag = lags[block, column, None]
            inside = reach < lag
            before = padded[centre[block, None] - lag + reach] * inside
            power = np.einsum("ij,ij->i", before, before) * np.einsum("ij,ij,ij->i", after, after, inside)
            found[block, column] = np.einsum("ij,ij->i", before, after) / np.sqrt(power + 1e-20)
    return found


def strength(samples: Floats, rate: float, times: Floats, f0: Floats) -> Floats:
    """The likeness at the period given, or up to 3 % beside it: shape (frames,)."""
    return np.asarray(likeness(samples, rate, times, f0, NEAR).max(axis=1, initial=-1.0))


def drift(samples: Floats, rate: float, times: Floats, f0: Floats) -> Floats:
    """How far the most alike period lies from the one given, as a part of it: shape (frames,), 0 to 0.4."""
    return np.asarray(np.abs(WIDE[likeness(samples, rate, times, f0, WIDE).argmax(axis=1)]))
