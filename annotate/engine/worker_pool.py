"""Processes that compute for this one, started the same way from a script, a notebook or the command line."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from types import TracebackType
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


class WorkerPool(ProcessPoolExecutor):
    """So many processes; spawned, since a fork copies threads and locks in whatever state they are.

    As a context it ends its workers at once where an error or Ctrl-C leaves it, and does not wait for what they do.
    """

    def __init__(self, workers: int, initializer: Callable[[], None] | None = None) -> None:
        super().__init__(workers, mp_context=_Context(), initializer=initializer)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.shutdown()
        else:
            self._end()

    def _end(self) -> None:
        workers = list((getattr(self, "_processes", None) or {}).values())
        manager = getattr(self, "_executor_manager_thread", None)
        calls = getattr(self, "_call_queue", None)
        with silence_thread(manager):
            self.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
            # before Python 3.11.5 work that no worker reads any more keeps its writer, and so the manager, for ever;
            # later the manager closes the reader itself, and a second close may meet another file's descriptor
            if calls is not None and sys.version_info < (3, 11, 5):
                calls._reader.close()
            if manager is not None:
                manager.join()  # the interpreter would wait for it anyway
