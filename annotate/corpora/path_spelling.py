"""A file that is spelt in another way than its table says: other case, form of Unicode or separators."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PureWindowsPath

ABSOLUTE = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|/)")  # C:\..., \\server\share, /home/...
WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def key(name: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_absolute(path: str) -> bool:
    """Whether a path is absolute on this machine or on any other."""
    return ABSOLUTE.match(path) is not None


def is_windows(path: str) -> bool:
    """Whether a path can only be one of Windows: with a drive, or a server."""
    return WINDOWS.match(path) is not None


def readings(path: str) -> Iterator[str]:
    """The paths below a root that a path of Windows or of another machine may mean, the longest first.

    Backslashes are separators there, and of an absolute path any of the folders may be the corpus root.
    """
    if not is_absolute(path):
        if "\\" in path:
            yield path.replace("\\", "/")
        return
    windows = PureWindowsPath(path)
    parts = [part for part in windows.parts if part not in (windows.anchor, "/", "\\")]
    if ".." not in parts:
        yield from ("/".join(parts[start:]) for start in range(len(parts)))


class Folders:
    """The names in the folders below a root, listed once each."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._names = lru_cache(maxsize=1024)(self._listed)

    def find(self, folder: str, names: Sequence[str]) -> list[str]:
        """The paths below the root that spell a folder and one of some names, in the order of the names.

        Of several files that differ in their spelling alone all are given: nothing says which is meant.
        """
        places = [""]
        for part in folder.split("/") if folder else ():
            places = [self._joined(place, name) for place in places for name in self._spelt(place, part)]
        for name in names:
            matches = [self._joined(place, spelt) for place in places for spelt in self._spelt(place, name)]
            if matches:
                return matches
        return []

    def _spelt(self, folder: str, name: str) -> Sequence[str]:
        """The names in a folder that spell one: itself where it is there, else all with its key."""
        known = self._names(folder).get(key(name), ())
        return (name,) if name in known else known

    def _joined(self, folder: str, name: str) -> str:
        return f"{folder}/{name}" if folder else name

    def _listed(self, folder: str) -> dict[str, tuple[str, ...]]:
        spellings: dict[str, tuple[str, ...]] = {}
        try:
            names = sorted(os.listdir(os.path.join(self.root, folder)))
        except OSError:
            return {}
        for name in names:
            spellings[key(name)] = (*spellings.get(key(name), ()), name)
        return spellings
