"""Which recordings are copies of each other byte for byte, found in two passes that keep little of a corpus.

The first pass keeps eight bytes of each recording (its size and a piece of its middle), the second reads whole those
few whose eight bytes occur twice. A run, which decodes, also finds copies in other containers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotate.corpora import locator

PIECE = 4096  # bytes of the middle
BLOCK = 1 << 20


class Candidates:
    """Recordings whose size and middle have been seen before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen: set[int] = set()
        self.repeated: set[int] = set()

    def note(self, row: Mapping[str, Any]) -> None:
        """Take a row of a readable recording into account."""
        key = _middle(self.root / row["path"])
        if key is None:
            return
        (self.repeated if key in self.seen else self.seen).add(key)

    def digests(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The rows that may be copies, each with the digest of its bytes and of the part of them that it names."""
        for row in rows:
            if not row["drop_corpus"] and _middle(self.root / row["path"]) in self.repeated:
                digest = _whole(self.root / row["path"])
                if digest is not None:
                    yield row, digest


def _middle(path: Path) -> int | None:
    """Eight bytes that two equal recordings share; None where it cannot be read."""
    name, part = locator.part(str(path))
    try:
        with locator.opened(Path(name)) as file:
            size = file.seek(0, 2)
            file.seek(max(0, (size - PIECE) // 2))
            digest = hashlib.blake2b(file.read(PIECE), digest_size=8)
    except OSError:
        return None
    digest.update(f"{size} {part}".encode())
    return int.from_bytes(digest.digest(), "big")


@lru_cache(maxsize=1024)  # a recording that many rows name is read once
def _whole(path: Path) -> str | None:
    name, part = locator.part(str(path))
    digest = hashlib.blake2b(str(part).encode(), digest_size=16)
    try:
        with locator.opened(Path(name)) as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()
