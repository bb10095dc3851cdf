"""Margins: how far a measurement is from another word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.descriptors.edge_distance import edge_distance
from annotate.descriptors.scale import place

EDGES = st.tuples(st.floats(60, 300), st.floats(60, 300)).map(sorted)


@given(st.floats(30, 900), EDGES, st.booleans())
def test_less_its_margin_a_value_lies_on_an_edge_and_is_normal(value: float, edges: list[float], log: bool) -> None:
    found = edge_distance(value, edges, log)
    assert min(abs(value - found - edge) for edge in edges) < 1e-9
    word = place(value, edges)
    assert (word == 2) <= (found > 0)
    assert (word == 0) <= (found < 0)


@given(st.floats(30, 900), EDGES)
def test_no_edge_is_nearer(value: float, edges: list[float]) -> None:
    assert abs(edge_distance(value, edges, log=False)) == min(abs(value - edge) for edge in edges)


def test_near_is_a_ratio_where_the_words_are_made_on_the_logarithm() -> None:
    assert edge_distance(145.0, [100.0, 200.0], log=False) == 45.0
    assert edge_distance(145.0, [100.0, 200.0], log=True) == -55.0


def test_on_an_edge_the_margin_is_zero() -> None:
    assert edge_distance(100.0, [100.0, 100.0], log=True) == 0.0
    assert edge_distance(4.0, [3.0, 4.0], log=False) == pytest.approx(0.0)
