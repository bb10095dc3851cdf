"""Run a stage over its shards with processes of this machine.

Shards are cut before anything runs and each is written by whoever computes it, so the number of
workers changes nothing but the time.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from annotate.engine.job import Work, compute, in_turn
from annotate.engine.plan import Job
from annotate.errors import SemoError

# a pool is imported where there is work for one: a finished run starts none
if TYPE_CHECKING:
    from concurrent.futures import Future

    from annotate.engine.worker_pool import WorkerPool


def _start_worker() -> None:
    # Ctrl-C is the parent's to handle: a worker that dies of it would tear the pool down noisily
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # the pool's pipes never end for a worker whose parent was killed: it would wait for work for ever
    threading.Thread(target=_end_with_parent, daemon=True).start()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Let Ctrl-C wait, and have what is started here never hear it: a worker still importing would tell of it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class LocalEngine:
    """Processes of this machine; with one worker, this process itself."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: WorkerPool | None = None

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # a clean stop does not wait for shards under way: they are written whole or not at all
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)

    def run(self, work: Work, jobs: Sequence[Job], advance: Callable[[int], None]) -> None:
        """Compute all jobs of a stage; ``advance`` is told the rows of each finished shard."""
        if self.workers == 1 or len(jobs) <= 1 or work.stage.light or work.stage.alone:
            in_turn(work, jobs, advance)
            return
        if self._pool is None:
            from annotate.engine.worker_pool import WorkerPool

            self._pool = WorkerPool(self.workers, _start_worker)
        for rows in self._drain(work, jobs):
            advance(rows)

    def _drain(self, work: Work, jobs: Sequence[Job]) -> Iterator[int]:
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        from annotate.engine.worker_pool import WORKER_LOST

        assert self._pool is not None
        under_way: set[Future[int]] = set()
        try:
            for job in jobs:
                with _no_interrupt():  # a worker may be started here
                    under_way.add(self._pool.submit(compute, work, job))
                if len(under_way) >= 2 * self.workers:
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while under_way:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BrokenProcessPool:
            raise SemoError(WORKER_LOST) from None
