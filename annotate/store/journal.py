"""Answers that cost something to get, kept as they arrive: append-only, one line of JSON each.

A line is whole or it is not believed: the last one of a killed run may be torn, and is left behind. Only answers
are kept, never failures. The same key twice: the first answer counts.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from annotate.store import files, fingerprint


class Journal:
    """A journal file, read once and appended to; threads may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known: dict[str, str] | None = None
        self._handle: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]

    @staticmethod
    def key(*parts: Any) -> str:
        """The key of an answer: a hash of all that it depends on."""
        return fingerprint.of(list(parts))

    def get(self, key: str) -> str | None:
        """The answer kept under a key."""
        with self._lock:
            return self._read().get(key)

    def put(self, key: str, text: str, **more: Any) -> None:
        """Keep an answer; on the disk when this returns.

        Raises:
            SemoError: the disk is full or the folder cannot be written.
        """
        line = json.dumps({"key": key, **more, "text": text}, ensure_ascii=False) + "\n"
        with self._lock, files.told(self.path):
            known = self._read()
            if key in known:
                return
            os.write(self._open(), line.encode("utf-8"))
            os.fsync(self._open())
            known[key] = text

    def __len__(self) -> int:
        with self._lock:
            return len(self._read())

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _read(self) -> dict[str, str]:
        if self._known is None:
            self._known = {}
            try:
                content = self.path.read_bytes()
            except OSError:
                content = b""
            for line in content.splitlines():
                try:
                    found = json.loads(line.decode("utf-8"))
                    self._known.setdefault(str(found["key"]), str(found["text"]))
                except (ValueError, KeyError, TypeError):  # torn by a crash
                    continue
        return self._known

    def _open(self) -> int:
        if self._handle is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            size = os.fstat(self._handle).st_size
            if size and os.pread(self._handle, 1, size - 1) != b"\n":
                os.write(self._handle, b"\n")  # what a crash tore stays a line of its own
        return self._handle
