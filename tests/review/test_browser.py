"""The report and the review page in Chromium: nothing goes wrong, all can be done by keys, nothing hostile runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from annotate import settings
from annotate.dataset.verdicts import VerdictJournal
from annotate.pipeline import Pipeline
from annotate.report.review.server import Server
from review.browser import Page
from review.conftest import HOSTILE, served

# a phone and a desk, light and dark; two of the four each time, all with -m "slow or not slow"
LOOKS = [
    (390, False),
    (1280, True),
    *(pytest.param(*look, marks=pytest.mark.slow) for look in ((390, True), (1280, False))),
]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def loads(page: Page, player: str) -> bool:
    """Whether a player decodes its recording and its clock runs."""
    return bool(page.evaluate(
        """async (selector) => {
            const player = document.querySelector(selector);
            player.muted = true;
            await player.play();
            for (let tries = 0; tries < 100 && !(player.currentTime > 0); tries++)
                await new Promise(done => setTimeout(done, 50));
            player.pause();
            return player.duration > 0.3 && player.currentTime > 0 && player.error === null;
        }""",
        player,
    ))  # fmt: skip


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_report(output: Path, opened: Callable[..., Page], width: int, dark: bool) -> None:
    page = opened((output / "report.html").as_uri(), width, color_scheme="dark" if dark else "light")
    assert not page.complaints
    assert fits(page)
    assert not page.axe()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert fits(page)
    charts = page.evaluate(
        """[...document.querySelectorAll("svg.chart")].map(chart => {
            const box = chart.getBoundingClientRect();
            return [box.width, box.height, chart.querySelectorAll("path").length];
        }).filter(([width]) => width > 0)"""
    )
    assert len(charts) > 5
    assert all(width > 100 and height > 40 and paths > 3 for width, height, paths in charts)
    assert page.evaluate("document.querySelectorAll('audio').length") > 5
    assert loads(page, "audio")
    assert not page.axe()
    assert not [address for address in page.asked if not address.startswith(("file:", "data:"))]


def test_the_report_in_print_keeps_its_charts(output: Path, opened: Callable[..., Page]) -> None:
    page = opened((output / "report.html").as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('audio')).display") == "none"
    assert page.evaluate("document.querySelector('svg.chart').getBoundingClientRect().width") > 100
    assert len(page.pdf()) > 20_000


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_review(server: Server, opened: Callable[..., Page], width: int, dark: bool) -> None:
    page = opened(server.url, width, color_scheme="dark" if dark else "light")
    page.wait_for_selector("#picture svg")
    assert page.evaluate("document.querySelectorAll('#picture svg path').length") > 10
    assert page.text_content("#picture svg title") == "Spectrogram, pitch contour and level"
    assert page.evaluate("document.querySelectorAll('#clips li').length") == 50
    assert page.evaluate("document.querySelectorAll('#caption mark').length") >= 3
    assert fits(page)
    assert loads(page, "#player")
    assert page.evaluate("document.getElementById('playhead').style.display") == "block"
    assert not page.axe()
    page.click("#edit")
    page.fill("#wording", "It is a quiet and loud voice.")
    page.wait_for_selector("#checked.wrong")
    assert not page.axe()
    assert not page.complaints
    assert not [address for address in page.asked if not address.startswith((server.url, "data:"))]


def test_a_caption_is_edited_and_saved_by_keys_alone_and_published(
    output: Path, tiny: Path, tmp_path: Path, opened: Callable[..., Page]
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(output, folder)
    review = served(folder)
    server = next(review)
    page = opened(server.url)
    page.wait_for_selector("#caption mark")
    keys = page.keyboard
    for _ in range(20):
        if page.evaluate("document.activeElement.id") == "reviewer":
            break
        keys.press("Tab")
    keys.type("Ann")
    keys.press("Enter")
    clip = page.text_content("#clip-title").split(": ", 1)[1]
    row = next(row for row in rows(folder) if row["id"] == clip)
    keys.press("e")
    page.rest()
    keys.press("Control+a")
    wrong = {"quiet": "loud", "loud": "quiet", "normal": "loud"}[row["volume"]]
    keys.type(f"Here is a {wrong} voice.")
    page.wait_for_selector("#checked.wrong")
    assert f"the volume is {row['volume']}" in page.text_content("#checked")
    keys.press("Control+Enter")
    assert not VerdictJournal(folder).standing()
    keys.press("Control+a")
    wording = f"Here is a {row['volume']} voice with {row['pitch']} pitch."
    keys.type(wording)
    page.wait_for_selector("#save:not([disabled])")
    assert "agrees" in page.text_content("#checked")
    keys.press("Control+Enter")
    page.rest()
    assert "edit, saved" in page.text_content("#status")
    (saved,) = VerdictJournal(folder).standing()[clip]
    assert (saved.kind, saved.reviewer, saved.caption) == ("edit", "Ann", wording)
    assert not page.text_content("#clip-title").endswith(clip)
    for key, kind in (("a", "accept"), ("r", "reject"), ("f", "flag")):
        here = page.text_content("#clip-title")
        keys.press(key)
        page.rest()
        assert f"{kind}, saved" in page.text_content("#status")
        assert page.text_content("#clip-title") != here
    keys.press("u")
    page.rest()
    assert page.text_content("#status") == "undone: flag"
    assert sorted(one.kind for said in VerdictJournal(folder).standing().values() for one in said) == [
        "accept",
        "edit",
        "reject",
    ]
    keys.press("p")
    page.until("document.getElementById('player').currentTime > 0")
    assert not page.complaints
    review.close()
    outcome = Pipeline(settings.load("ravdess", [f"corpus.root={tiny}"], folder)).run()
    assert next(row for row in rows(folder) if row["id"] == clip)["caption"] == wording
    assert outcome.summary["review"]["edited: the reviewer's wording is published"] == 1


def rows(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted((folder / "data").iterdir()) for row in pq.read_table(path).to_pylist()]


def test_nothing_hostile_runs_in_the_report(hostile: Path, opened: Callable[..., Page]) -> None:
    page = opened((hostile / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.wait_for_timeout(300)
    assert not page.complaints
    assert inert(page)
    assert not [address for address in page.asked if not address.startswith(("file:", "data:"))]
    assert [address for address in page.asked if address.startswith("file:")] == [(hostile / "report.html").as_uri()]


def test_nothing_hostile_runs_in_the_review(hostile: Path, opened: Callable[..., Page]) -> None:
    review = served(hostile)
    server = next(review)
    page = opened(server.url)
    page.wait_for_selector("#picture svg")
    assert inert(page)
    assert page.evaluate("document.querySelectorAll('#clips li').length") == 18
    page.fill("#reviewer", HOSTILE[1])
    page.select_option("#show", "all")
    page.rest()
    seen = set()
    for place in range(18):
        page.wait_for_selector("#picture svg")
        seen.add(page.text_content("#facts"))
        if place < 3:
            page.click("#edit")
            page.fill("#wording", HOSTILE[place])
            page.until("document.getElementById('checked').textContent !== ''")
            page.keyboard.press("Escape")
        page.click("[data-kind=flag]")
        page.rest()
        assert "flag, saved" in page.text_content("#status")
        assert inert(page)
    for text in HOSTILE:
        assert any(f"speaker {text}" in one for one in seen), text
    assert not page.complaints
    assert not [address for address in page.asked if not address.startswith((server.url, "data:"))]
    review.close()
    (hostile / "review.jsonl").unlink()


def inert(page: Page) -> bool:
    """Whether the page holds no element that its data would have made."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll("script")].every(one => one.src.endsWith("review.js"))
            && !document.querySelector("img, iframe, object, embed, [onerror], [onload], [onclick]")
            && [...document.querySelectorAll("[href]")].every(one => !one.href.toString().startsWith("javascript"))"""
    )
