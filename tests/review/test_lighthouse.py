"""Lighthouse on the report, the review page and a page of the site: accessibility and best practices of 95 at least."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docs.conftest import Quiet, site  # noqa: F401 - fixture

from annotate.report.review.server import Server

LIGHTHOUSE = "lighthouse@12.8.2"
LEAST = 0.95
FLAGS = "--headless=new --no-sandbox --disable-gpu"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lighthouse(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line; npx fetches Lighthouse from npm's registry the first time."""
    npx, program = shutil.which("npx"), shutil.which("chromium") or shutil.which("google-chrome")
    if npx is None or program is None:
        pytest.skip("Lighthouse needs npx (Node.js) and Chromium")
    command = [npx, "--yes", LIGHTHOUSE]
    try:
        subprocess.run([*command, "--version"], check=True, capture_output=True, timeout=300)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"npx cannot start {LIGHTHOUSE}: {type(error).__name__}")
    return [
        *command, "--quiet", "--output=json", "--only-categories=accessibility,best-practices",
        f"--chrome-flags={FLAGS}",
    ]  # fmt: skip


def scores(command: list[str], address: str, folder: Path) -> tuple[dict[str, float], list[str]]:
    """The score of each category, and the audits that are not passed."""
    found = folder / "lighthouse.json"
    program = shutil.which("chromium") or shutil.which("google-chrome") or ""
    subprocess.run(
        [*command, address, f"--output-path={found}"], check=True, capture_output=True, timeout=600,
        env={"CHROME_PATH": program, "PATH": str(Path(command[0]).parent) + ":/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    content: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    failed = [name for name, audit in content["audits"].items() if audit["score"] is not None and audit["score"] < 1]
    return {name: category["score"] for name, category in content["categories"].items()}, failed


def check(command: list[str], address: str, folder: Path) -> None:
    reached, failed = scores(command, address, folder)
    assert set(reached) == {"accessibility", "best-practices"}
    assert min(reached.values()) >= LEAST, (reached, failed)


@pytest.fixture
def report(output: Path) -> Iterator[str]:
    """The address of the report: Lighthouse opens no files."""
    handler = functools.partial(Quiet, directory=str(output))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/report.html"
        server.shutdown()


def test_the_report(lighthouse: list[str], report: str, tmp_path: Path) -> None:
    check(lighthouse, report, tmp_path)


def test_the_review_page(lighthouse: list[str], server: Server, tmp_path: Path) -> None:
    check(lighthouse, server.url, tmp_path)


def test_the_site(lighthouse: list[str], site: str, tmp_path: Path) -> None:  # noqa: F811
    check(lighthouse, f"{site}/quickstart/", tmp_path)
