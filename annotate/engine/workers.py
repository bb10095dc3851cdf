"""How many processes share the work."""

from __future__ import annotations

import os

from annotate.errors import UsageError


def worker_count(workers: int | None = None) -> int:
    """How many processes: as asked, or one for each core that this process may use.

    Raises:
        UsageError: not a whole number of at least 1.
    """
    if workers is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise UsageError(f"workers: {workers!r}; expected a whole number of processes, at least 1")
    return workers
