"""Nothing of the report is cut: no element is wider than its container, on a phone and on a desk, whatever is open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report.test_report import clips, made

WIDTHS = (390, 768, 1280, 1920)
# scrolling containers count as cut: whoever prints or takes a picture sees what fits only
TOO_WIDE = """[...document.body.querySelectorAll("*")].filter(element => {
    const style = getComputedStyle(element);
    return style.display !== "inline" && element.clientWidth > 0 && !element.closest("svg")
        && !element.classList.contains("visually-hidden") && element.scrollWidth > element.clientWidth + 1;
}).map(element => `${element.tagName} ${element.getAttribute("aria-label") || element.className}: `
    + `${element.scrollWidth} > ${element.clientWidth}`)"""
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_of_the_report_is_cut(output: Path, opened: Callable[..., Any], dark: bool) -> None:
    page = opened((output / "report.html").as_uri(), WIDTHS[0], color_scheme="dark" if dark else "light")
    page.evaluate(OPEN_ALL)
    for width in WIDTHS:
        page.page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        assert page.evaluate(TOO_WIDE) == [], width


def wide_evidence(emotions: list[str]) -> dict[str, Any]:
    """Evidence of five levels that is a reason everywhere, so that every cell is as full as it gets."""
    words = ("very low", "low", "normal", "high", "very high")
    cell = {"clips": 123, "of": 1234, "share": 0.9, "difference": -0.55, "interval": [-0.77, -0.33], "sense": "against"}
    columns = {name: dict.fromkeys(words, cell) for name in ("articulation", "pitch", "pitch_own", "breathiness")}
    return {"emotions": dict.fromkeys(emotions, columns), "speakers": 3}


def test_many_emotions_with_long_names_fit(tmp_path: Path, opened: Callable[..., Any]) -> None:
    emotions = [f"pleasant_surprise_{place}" for place in range(6)] + [
        f"Niedergeschlagenheit {place}" for place in range(6)
    ]
    rows = [row | {"emotion": emotions[place % 12]} for place, row in enumerate(clips())]
    made(tmp_path, rows, audio=False, labels=emotions, evidence=wide_evidence(emotions))
    page = opened((tmp_path / "report.html").as_uri(), WIDTHS[0])
    page.evaluate(OPEN_ALL)
    for width in WIDTHS:
        page.page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) == [], width
