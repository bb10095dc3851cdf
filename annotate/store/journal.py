"""Answers that cost something to get, kept as they arrive: append-only, one line of JSON each.

A line is whole or it is not believed: the last one of a killed run may be torn, one that a disk has damaged does not
fit its digest; both are left behind. Only answers
are kept, never failures. The same key twice: the first answer counts. A journal that was handed to another process
appends to a file of its own beside the first, since no file system promises two machines that their lines stay whole.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.store import files, fingerprint


class Journal:
    """A journal, read once and appended to; threads may share it."""

    def __init__(self, path: Path) -> None:
        self.path = self._own = path
        self._lock = threading.Lock()
        self._known: dict[str, str] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "process": _process()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]
        if state["process"] != _process():
            self._own = self.path.with_name(f"{self.path.stem}.{_process()}{self.path.suffix}")

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
        with self._lock:
            known = self._read()
            if key in known:
                return
            line = fingerprint.seal({"key": key, **more, "text": text})
            files.append(self._own, json.dumps(line))
            known[key] = text

    def __len__(self) -> int:
        with self._lock:
            return len(self._read())

    def _read(self) -> dict[str, str]:
        if self._known is None:
            self._known = {}
            current = False  # lines of an older version, without a digest, stand before all others
            for path in (self.path, *sorted(self.path.parent.glob(f"{self.path.stem}.*{self.path.suffix}"))):
                for line in _lines(path):
                    try:
                        content = documents.parse_json(line.decode("utf-8"))
                        current = current or fingerprint.SEAL in content
                        if fingerprint.sealed(content, required=current):
                            self._known.setdefault(str(content["key"]), str(content["text"]))
                    except (ValueError, KeyError, TypeError):  # torn by a crash
                        continue
        return self._known


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


def _process() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"
