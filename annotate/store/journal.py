"""Answers that cost something to get, kept as they arrive: append-only, one line of JSON each.

A line is whole or it is not believed: the last one of a killed run may be torn, and is left behind. Only answers
are kept, never failures. The same key twice: the first answer counts.
"""

from __future__ import annotations

import json
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
        with self._lock:
            known = self._read()
            if key in known:
                return
            files.append(self.path, json.dumps({"key": key, **more, "text": text}, ensure_ascii=False))
            known[key] = text

    def __len__(self) -> int:
        with self._lock:
            return len(self._read())

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
