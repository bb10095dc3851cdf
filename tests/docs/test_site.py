"""Nothing of the site is cut, on a phone and on a desk; whoever cannot see it can read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(path.stem for path in DOCS.glob("*.md"))
# wider tables may be scrolled on a phone
COLUMNS_ON_A_PHONE = 4
# the padding of code at the end of a line sticks out by a few pixels
TOO_WIDE = """columns => [...document.querySelector("article").querySelectorAll("*")].filter(element => {
    const style = getComputedStyle(element), row = element.querySelector("tr");
    return style.display !== "inline" && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 5
        && !(row && row.children.length > columns && element.matches(".md-typeset__scrollwrap"));
}).map(element => `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 60)}: `
    + `${element.scrollWidth} > ${element.clientWidth}`)"""


def address(site: str, page: str) -> str:
    return f"{site}/" if page == "index" else f"{site}/{page}/"


@pytest.mark.parametrize(
    "widths", [(390, 1280), pytest.param((768, 1920), marks=pytest.mark.slow)], ids=lambda widths: str(widths[0])
)
def test_nothing_of_the_site_is_cut(site: str, opened: Callable[..., Any], widths: tuple[int, ...]) -> None:
    for width in widths:
        page = opened(address(site, "index"), width)
        for name in PAGES:
            page.page.goto(address(site, name), wait_until="domcontentloaded")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
            assert page.evaluate(TOO_WIDE, COLUMNS_ON_A_PHONE if width == 390 else 99) == [], (name, width)


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_the_site_can_be_read_by_everybody(site: str, opened: Callable[..., Any], dark: bool) -> None:
    page = opened(address(site, "index"), color_scheme="dark" if dark else "light")
    faults = {}
    for name in PAGES:
        page.page.goto(address(site, name))
        page.page.wait_for_timeout(200)
        # the theme puts every button that copies code into a landmark of the same kind
        faults[name] = [fault for fault in page.axe() if not fault.startswith("landmark-unique")]
    assert not {name: found for name, found in faults.items() if found}
    assert not page.complaints
