"""How far a measurement lies from the edge that would change its word."""

from __future__ import annotations

import math
from collections.abc import Sequence


def margin(value: float, edges: Sequence[float], log: bool) -> float:
    """Signed distance to the nearest edge, in the measurement's own unit: positive above it, negative below.

    Args:
        value: the measurement.
        edges: the lower and the upper edge.
        log: the words are made on the logarithm, so that is where the nearest edge is looked for: 150 Hz is nearer
            to 200 than to 100.

    A "high" has a positive margin, a "low" a negative one; a "normal" has either, by the edge it is nearer to. On
    an edge, and for a constant feature, it is 0.
    """
    low, high = edges
    to_low, to_high = value - low, value - high
    if log and min(value, low) > 0:
        below = abs(math.log(value / low)) < abs(math.log(value / high))
    else:
        below = abs(to_low) < abs(to_high)
    return to_low if below else to_high
