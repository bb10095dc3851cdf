"""What the report folds away: closed it is short and not drawn; it opens by key, without a script, and it prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from review.browser import Page

DRAWN = "[...document.querySelectorAll('svg.chart')].filter(chart => chart.checkVisibility()).length"
CHARTS = "document.querySelectorAll('svg.chart').length"
HEIGHT = "document.documentElement.scrollHeight"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_closed_report_is_short_and_draws_no_chart(output: Path, opened: Callable[..., Page], width: int) -> None:
    page = opened((output / "report.html").as_uri(), width)
    assert page.evaluate(CHARTS) > 20
    assert page.evaluate(DRAWN) == 0
    closed = page.evaluate(HEIGHT)
    # as short as a phone's reader has patience for, whatever the corpus: six windows and a line for each emotion
    assert closed < 8000
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate(DRAWN) == page.evaluate(CHARTS)
    assert page.evaluate(HEIGHT) > 3 * closed


def test_every_fold_opens_and_closes_by_key_without_a_script(opened: Callable[..., Page], output: Path) -> None:
    page = opened((output / "report.html").as_uri(), 390, java_script_enabled=False)
    folds = page.page.locator("details.fold")
    assert folds.count() > 10
    for place in range(folds.count()):
        summary, body = folds.nth(place).locator("> summary"), folds.nth(place).locator("> :not(summary)").first
        if not summary.is_visible():  # within one that is closed
            continue
        assert not body.is_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert body.is_visible()
        page.keyboard.press("Space")
        assert not body.is_visible()


def test_every_link_leads_to_a_heading_that_can_be_seen(output: Path, opened: Callable[..., Page]) -> None:
    page = opened((output / "report.html").as_uri(), 390)
    targets = page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(link => link.getAttribute('href'))")
    assert {"#glance", "#words", "#measurements", "#errors", "#examples", "#making"} <= set(targets)
    for target in set(targets):
        page.evaluate(f"location.hash = '{target}'")
        assert page.evaluate(
            f"""(() => {{
                const place = document.querySelector("{target}").getBoundingClientRect();
                return place.height > 0 && place.top >= 0 && place.top < innerHeight;
            }})()"""
        ), target


def test_in_print_nothing_that_counts_is_folded(output: Path, opened: Callable[..., Page]) -> None:
    page = opened((output / "report.html").as_uri())
    page.emulate_media(media="print")
    drawn = page.evaluate(
        """[...document.querySelectorAll(".fold")].filter(fold => !fold.closest(".later")).flatMap(fold =>
            [...fold.querySelectorAll("table, figure, dl, ul")].filter(one => one.closest("details") === fold)
        ).map(one => one.checkVisibility() && one.getBoundingClientRect().height > 0)"""
    )
    assert len(drawn) > 20
    assert all(drawn)
