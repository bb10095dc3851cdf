"""The report's drawings: round ticks, values at their place, and no text that becomes markup."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from annotate.report import svg

NAMES = {"svg": "http://www.w3.org/2000/svg"}
ends = some.tuples(some.floats(-1e5, 1e5), some.floats(1e-3, 1e5)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(ends, some.integers(2, 10))
def test_ticks_are_round_evenly_spaced_within_and_few(span: tuple[float, float], most: int) -> None:
    low, high = span
    found = svg.ticks(low, high, most)
    slack = 1e-6 * (high - low)
    assert len(found) <= most + 1
    assert all(low - slack <= tick <= high + slack for tick in found)
    steps = np.diff(found)
    if len(steps):
        assert np.allclose(steps, steps[0], rtol=1e-6)
        mantissa = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
        assert min(abs(mantissa - round_step) for round_step in (1, 2, 2.5, 5, 10)) < 1e-6


def test_labels_have_the_decimals_that_they_need() -> None:
    assert svg.tick_labels([0.0, 0.5, 1.0]) == ["0.0", "0.5", "1.0"]
    assert svg.tick_labels([-10.0, 0.0]) == ["\u221210", "0"]
    assert svg.tick_labels(svg.ticks(0, 0.1)) == ["0.00", "0.02", "0.04", "0.06", "0.08", "0.10"]
    assert svg.tick_labels([]) == []


@pytest.mark.parametrize("log", [False, True])
def test_values_lie_between_the_ends_in_their_order(log: bool) -> None:
    panel = svg.Panel(svg.Drawing(100), 50, 10, 200, 80, (100.0, 400.0), (5.0, 0.0), log)
    assert panel.across([100.0, 200.0, 400.0]).tolist() == pytest.approx([50, 150 if log else 50 + 200 / 3, 250])
    assert panel.across([1.0, 9999.0]).tolist() == [50, 250]
    assert panel.down([5.0, 0.0]).tolist() == [10, 90]
    assert np.isnan(panel.down([np.nan])).all()


def test_a_nan_interrupts_a_line_and_a_drawing_is_xml_whatever_the_names() -> None:
    drawing = svg.Drawing(40)
    drawing.stroke([1, 2, 3, 4], [1.0, np.nan, 3.0, 4.0], svg.INK, 1.0)
    drawing.stroke([np.nan], [np.nan], svg.INK, 1.0)
    drawing.text(5, 5, '</text><script>"&\x00\u202e', anchor="end")
    root = ElementTree.fromstring(str(drawing.markup("a", "<title> & more", "about")))
    assert [path.attrib["d"] for path in root.findall("svg:path", NAMES)] == ["M1 1 M3 3 L4 4"]
    assert root.find("svg:text", NAMES).text == '</text><script>"&\ufffd\ufffd'  # type: ignore[union-attr]
    assert root.find("svg:title", NAMES).text == "<title> & more"  # type: ignore[union-attr]
    assert not root.findall(".//svg:script", NAMES)
