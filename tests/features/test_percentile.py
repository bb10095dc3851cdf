"""Percentiles are numpy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.features.percentile import percentiles


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.lists(st.floats(0, 100), min_size=1, max_size=4))
def test_they_are_those_of_numpy(values: list[float], shares: list[float]) -> None:
    expected = np.percentile(np.array(values), shares)
    assert percentiles(np.array(values), shares) == pytest.approx(list(expected), rel=1e-12, abs=1e-9)
