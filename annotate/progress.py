"""Progress on standard error: a bar in a terminal or a notebook, a line every ten seconds elsewhere, or nothing."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from annotate import console

LINE_EVERY_S = 10.0


class Progress:
    """One task at a time: ``start``, ``advance``; ``start`` of the next task ends the one before."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._bar: Any = None
        self._name, self._total, self._done = "", 0, 0
        self._began = self._last_printed = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def start(self, name: str, total: int) -> None:
        """Begin a task of ``total`` rows."""
        self._close()
        self._name, self._total, self._done = name, total, 0
        self._began = self._last_printed = time.monotonic()
        if not self.quiet and (sys.stderr.isatty() or _in_notebook()):
            from tqdm.auto import tqdm

            # smoothing 0: the time left is judged by the whole task, since large shards report seldom
            self._bar = tqdm(desc=f"{name:<10}", total=total, unit="row", smoothing=0)

    def advance(self, rows: int) -> None:
        """So many more rows are done."""
        self._done += rows
        if self._bar is not None:
            self._bar.update(rows)
            return
        now = time.monotonic()
        if not self.quiet and now - self._last_printed >= LINE_EVERY_S:
            self._last_printed = now
            left = (now - self._began) / self._done * (self._total - self._done)
            console.show(f"{self._name}: {self._done} of {self._total} rows, {left:.0f} s left", error=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _in_notebook() -> bool:
    """Whether this is a Jupyter kernel; nobody else has IPython loaded with a kernel's shell."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return running is not None and running.__class__.__name__ == "ZMQInteractiveShell"
