"""Recordings that lie inside a Parquet or Arrow file, and parts of recordings: named as a path.

``data/train-00000.parquet#audio#17`` is row 17 (from 0) of the column ``audio`` of that file. The column
holds bytes, or the ``{bytes, path}`` that ``datasets.Audio`` stores. The identity of such a recording is
its file's size and time of change: a changed file is measured anew as a whole. ``wav/0.wav#t=10.5,12`` is the part
of a recording from 10.5 to 12 s.
"""

from __future__ import annotations

import io
import os
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

# file, size, time of change: what is cached of a file is forgotten when it changes
Version = tuple[str, int, int]
NAMED = re.compile(r"(?P<file>.+\.(?:parquet|arrow))#(?P<column>[^#]+)#(?P<row>\d+)$", re.DOTALL)
# of a recording, as in W3C's Media Fragments URI 1.0: from, and up to, in seconds
PART = re.compile(r"(?P<path>.+)#t=(?P<start>\d+(?:\.\d+)?)(?:,(?P<end>\d+(?:\.\d+)?))?$", re.DOTALL)


@dataclass(frozen=True)
class Locator:
    """A recording inside a file: the file, the column, the row from 0."""

    file: str
    column: str
    row: int

    @property
    def text(self) -> str:
        """The locator as a row's ``path`` holds it."""
        return f"{self.file}#{self.column}#{self.row}"


def parse(path: str) -> Locator | None:
    """The locator that a path spells, or None where it is the path of an ordinary file."""
    match = NAMED.match(path) if "#" in path else None
    return Locator(match["file"], match["column"], int(match["row"])) if match else None


def part(path: str) -> tuple[str, tuple[float, float | None] | None]:
    """The recording that a path names, and which part of it: from, up to (None: to its end); None for the whole."""
    match = PART.match(path) if "#t=" in path else None
    if match is None:
        return path, None
    return match["path"], (float(match["start"]), float(match["end"]) if match["end"] else None)


def with_part(path: str, start: float | None, end: float | None) -> str:
    """A path that names a part of a recording, ``wav/0.wav#t=10.5,12``; to the microsecond."""
    if start is None and end is None:
        return path
    first, last = (None if time is None else f"{time:.6f}".rstrip("0").rstrip(".") for time in (start, end))
    return f"{path}#t={first or 0}" + (f",{last}" if last else "")


def opened(path: Path) -> BinaryIO:
    """The recording as a binary file, from the disk or from inside a Parquet or Arrow file.

    Raises:
        OSError: no such file, or no recording in that row.
    """
    inner = parse(str(path))
    if inner is None:
        return open(path, "rb")
    import pyarrow as pa

    try:
        return io.BytesIO(content(inner))
    except (pa.ArrowException, KeyError) as error:
        raise OSError(f"the file that contains it cannot be read: {str(error).splitlines()[0]}") from None


def content(inner: Locator) -> bytes:
    """The bytes of a recording that lies inside a file."""
    stat = os.stat(inner.file)
    version = (inner.file, stat.st_size, stat.st_mtime_ns)
    starts = _starts(version)
    if not 0 <= inner.row < starts[-1]:
        raise OSError("the file has no such row")
    piece = bisect_right(starts, inner.row) - 1
    column = _column(version, inner.column, piece)
    value: Any = column[inner.row - starts[piece]].as_py()
    if isinstance(value, dict):
        value = value.get("bytes")
    if not isinstance(value, bytes):
        raise OSError("its row contains no recording (a path alone is not followed)")
    return value


@lru_cache(maxsize=64)
def _starts(version: Version) -> list[int]:
    """Where the pieces of a file begin (row groups or record batches), and the number of rows at the end."""
    import pyarrow.parquet as pq

    file = version[0]
    if file.endswith(".parquet"):
        meta = pq.ParquetFile(file).metadata
        lengths = [meta.row_group(group).num_rows for group in range(meta.num_row_groups)]
    else:
        lengths = [batch.num_rows for batch in _batches(version)]
    return [0, *accumulate(lengths)]


# rows are asked for in order: two pieces are enough for threads that work on neighbours
@lru_cache(maxsize=2)
def _column(version: Version, column: str, piece: int) -> Any:
    import pyarrow.parquet as pq

    file = version[0]
    if file.endswith(".parquet"):
        return pq.ParquetFile(file).read_row_group(piece, columns=[column])[column]
    return _batches(version)[piece].column(column)


@lru_cache(maxsize=2)
def _batches(version: Version) -> list[Any]:
    """The record batches of an Arrow file, mapped and not read; ``datasets`` writes streams, others files."""
    import pyarrow as pa

    with pa.memory_map(version[0]) as mapped:
        try:
            return list(pa.ipc.open_stream(mapped))
        except pa.ArrowInvalid:
            reader = pa.ipc.open_file(mapped)
            return [reader.get_batch(number) for number in range(reader.num_record_batches)]
