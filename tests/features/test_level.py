"""The level around points is that of the samples within each window, wherever the windows lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.features.level import level_db


def plain(samples: np.ndarray, centres: np.ndarray, half: int) -> list[float]:
    windows = [samples[max(0, centre - half) : max(0, centre + half)] for centre in centres]
    power = [np.square(window).mean() if len(window) else 0.0 for window in windows]
    return [float(10 * np.log10(max(one, 1e-12))) for one in power]


@given(
    st.integers(1, 400), st.integers(-60, 60), st.integers(1, 60), st.integers(1, 40), st.integers(1, 30),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_windows_at_even_distances(count: int, first: int, step: int, half: int, frames: int, seed: int) -> None:
    samples, centres = np.random.default_rng(seed).standard_normal(count), first + step * np.arange(frames)
    assert level_db(samples, centres, half) == pytest.approx(plain(samples, centres, half), abs=1e-6)


@given(st.integers(1, 400), st.lists(st.integers(-60, 460), max_size=20), st.integers(1, 40))
def test_windows_anywhere(count: int, places: list[int], half: int) -> None:
    samples, centres = np.random.default_rng(count).standard_normal(count), np.array(sorted(places), np.int64)
    assert level_db(samples, centres, half) == pytest.approx(plain(samples, centres, half), abs=1e-6)
