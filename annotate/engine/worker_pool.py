"""Processes that compute for this one, started the same way from a script, a notebook or the command line."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

WORKER_LOST = (
    "a worker process was killed (out of memory?); run the same command again to continue, "
    "with fewer workers if memory was short"
)


class _Worker(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802  multiprocessing's name
        with _script_hidden():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    Process = _Worker


@contextmanager
def _script_hidden() -> Iterator[None]:
    """Have a worker that is started meanwhile not import the program's script, as it would not import a notebook.

    A spawned process imports the script again, to find what is defined in it. What workers compute is defined in
    packages, and a script without ``if __name__ == "__main__":`` would start its work once more in each worker.
    """
    main = sys.modules["__main__"]
    kept: dict[str, Any] = {name: main.__dict__[name] for name in ("__file__", "__spec__") if name in main.__dict__}
    main.__dict__.pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        main.__dict__.update(kept)


@contextmanager
def silence_thread(thread: threading.Thread | None) -> Iterator[None]:
    """Print nothing of what a thread raises meanwhile: a pool's own, whose workers are ended as it waits for them."""
    shown = threading.excepthook

    def others(raised: threading.ExceptHookArgs) -> None:
        if raised.thread is None or raised.thread is not thread:
            shown(raised)

    threading.excepthook = others
    try:
        yield
    finally:
        threading.excepthook = shown


def worker_pool(workers: int, initializer: Callable[[], None] | None = None) -> ProcessPoolExecutor:
    """A pool of so many processes; spawned, since a fork copies threads and locks in whatever state they are."""
    return ProcessPoolExecutor(workers, mp_context=_Context(), initializer=initializer)
