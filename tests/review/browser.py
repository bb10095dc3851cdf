"""A page in Chromium, and all that it complained of."""

from __future__ import annotations

from typing import Any

import pytest

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


class Page:
    """A page, and all that it complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))

    def axe(self) -> list[str]:
        """Violations of WCAG that axe-core finds."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (extra dev)")
        found = axe.Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]

    def until(self, expression: str, seconds: float = 20) -> None:
        """Wait for what a script says; Playwright's own wait needs eval, which the page's policy forbids."""
        for _ in range(int(seconds / 0.05)):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"never came: {expression}")

    def rest(self) -> None:
        """Wait until the page has done what it was asked."""
        self.until("document.querySelector('main').getAttribute('aria-busy') === 'false'")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)
