"""Progress on standard error: a bar on a terminal, a line every ten seconds elsewhere, silence when asked."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from annotate import console

LINE_EVERY_S = 10.0


class Progress:
    """One task at a time: ``start``, ``advance``, ``start`` of the next ends the one before."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._name, self._total, self._done = "", 0, 0
        self._began = self._said = 0.0

    def __enter__(self) -> Progress:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description:<10}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                speed_estimate_period=3600,  # of rich's 30 s, large shards leave one report or none
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start(self, name: str, total: int) -> None:
        """Begin a task of ``total`` rows."""
        self._name, self._total, self._done = name, total, 0
        self._began = self._said = time.monotonic()
        if self._bar is not None:
            self._task = self._bar.add_task(name, total=total)

    def advance(self, rows: int) -> None:
        """So many more rows are done."""
        self._done += rows
        if self._bar is not None:
            self._bar.advance(self._task, rows)
            return
        now = time.monotonic()
        if not self.quiet and now - self._said >= LINE_EVERY_S:
            self._said = now
            left = (now - self._began) / self._done * (self._total - self._done)
            console.show(f"{self._name}: {self._done} of {self._total} rows, {left:.0f} s left", error=True)
