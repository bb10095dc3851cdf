"""Calibration: one temperature that makes labels' probabilities mean what they say on strangers.

Guo et al. 2017, arXiv 1706.04599, section 4.2. It is fitted on speakers that nothing else of the model was fitted on,
or, where all train, on what read-outs say that were fitted without the speaker. The likeliest label stays what it was.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LIMITS = (0.05, 50.0)  # of a temperature; beyond it the labels do not follow what is heard at all
ENOUGH = 20  # clips, below which nothing is fitted


def temperature(logits: NDArray[np.floating], truth: Sequence[int]) -> float:
    """The temperature of least cross-entropy for logits, (n, labels), and the places of the true labels.

    1 where there are too few clips to tell.
    """
    if len(truth) < ENOUGH:
        return 1.0
    from scipy.optimize import minimize_scalar

    rows, places = np.asarray(logits, np.float64), np.asarray(truth)

    def cross_entropy(logarithm: float) -> float:
        scaled = rows / np.exp(logarithm)
        scaled -= scaled.max(1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(places)), places]).mean())

    found = minimize_scalar(cross_entropy, bounds=tuple(np.log(LIMITS)), method="bounded")
    return float(np.exp(found.x))
