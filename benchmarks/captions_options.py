"""What the parts of ``benchmarks.captions`` are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Given:
    """The options of the command."""

    data: Path
    work: Path
    rows: int | None
    threads: int | None
    judge: Path | None
    read: Path | None
