"""The memory of a process and all that it started, together, as time goes by."""

from __future__ import annotations

import threading
import time

import psutil


class Watch:
    """Samples in a thread: what all processes hold together, and when.

    Pages that several processes share are counted once where the system tells (PSS on Linux), else as
    often as they are shared.

    Attributes:
        peak_mb: the most that was seen, in 10^6 bytes.
    """

    def __init__(self, pid: int, every_s: float = 0.5) -> None:
        self.peak_mb = 0.0
        self._root, self._every = psutil.Process(pid), every_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.is_set():
            self.peak_mb = max(self.peak_mb, held_mb(self._root))
            time.sleep(self._every)


def held_mb(root: psutil.Process) -> float:
    """What a process and all below it hold now, in 10^6 bytes."""
    total = 0
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    for process in processes:
        try:
            full = process.memory_full_info()
            total += getattr(full, "pss", 0) or full.rss
        except psutil.Error:  # gone in between
            continue
    return total / 1e6
