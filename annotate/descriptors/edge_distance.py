"""How far a measurement lies from the edge that would change its word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def edge_distance(value: float, edges: Sequence[float], log: bool) -> float:
    """Signed distance to the nearest edge, in the measurement's own unit: positive above it, negative below.

    Args:
        value: the measurement.
        edges: in rising order.
        log: the words are made on the logarithm, so that is where the nearest edge is looked for: 150 Hz is nearer
            to 200 than to 100.

    The highest word has a positive margin, the lowest a negative one; one between has either, by the edge it is nearer
    to. On an edge, and for a constant feature, it is 0.
    """
    return float(edge_distances(np.array([value]), np.array([edges], dtype=np.float64), log)[0])


def edge_distances(values: Floats, edges: Floats, log: bool) -> Floats:
    """``margin`` of many values, shape (n,), each by its own edges, shape (n, levels - 1)."""
    distance = values[:, None] - edges
    near = np.abs(distance)
    if log:
        ratios = np.minimum(values, edges[:, 0]) > 0
        near[ratios] = np.abs(np.log(values[ratios, None] / edges[ratios]))
    # of two edges that are equally near the upper one
    nearest = edges.shape[1] - 1 - near[:, ::-1].argmin(axis=1)
    return np.asarray(distance[np.arange(len(values)), nearest])
