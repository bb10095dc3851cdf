"""Shards and done marks: what has been computed, and for which fingerprint.

``work/PART/NNNNN.parquet`` holds a part's columns for one shard of rows, ``NNNNN.done`` says that
it is whole, what it depends on, and the digests of the file and of every column. A reader believes only marks, and a
file only after it was held against its mark's digest, once in each process: a disk that flips a bit leaves a file of
the same size, often one that is read without an error.

Shards grow: small ones first, so that a short run has enough of them for all workers and a broken one loses
little; larger ones later, so that a million rows are a few hundred files a part and not ten thousand. How many
rows a shard has follows from its number alone, so the same corpus is always cut alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotate import documents
from annotate.errors import SemoError
from annotate.store import files, fingerprint

# the size doubles after so many shards: none has more than a 16th of the rows before it, so workers end together
DOUBLES_EVERY = 32
LARGEST = 32  # times the first


def size(shard: int, first: int) -> int:
    """Rows of a shard, where the first shards have ``first``."""
    return first * min(LARGEST, 1 << shard // DOUBLES_EVERY)


def cut(rows: int, first: int) -> list[int]:
    """Rows of every shard of a corpus; the last one has what is left."""
    sizes: list[int] = []
    while rows > 0:
        sizes.append(min(rows, size(len(sizes), first)))
        rows -= sizes[-1]
    return sizes


@dataclass(frozen=True)
class Mark:
    """A done mark.

    Attributes:
        fingerprint: hash of everything the shard depends on.
        depends: the same in readable form, so that a later run can say what changed.
        rows: number of rows.
        size: bytes of the Parquet file; a file of another size is not believed.
        sha256: digest of the Parquet file; empty in marks of older versions, which the columns' digests serve.
        columns: digest of each column's values.
        seconds: time it took to compute.
        worked: the processor's share of that, which neighbours on the machine do not change.
    """

    fingerprint: str
    rows: int
    size: int
    columns: dict[str, str]
    seconds: float
    depends: dict[str, Any] = field(default_factory=dict)
    worked: float = 0.0
    sha256: str = ""


class Store:
    """The ``work/`` folder of an output."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: dict[tuple[str, int], str] = {}  # (part, shard) -> a line that says so, for whoever plans

    def file(self, part: str, shard: int) -> Path:
        """The Parquet file of a part's shard."""
        return self.folder / part / f"{shard:05d}.parquet"

    def mark(self, part: str, shard: int) -> Mark | None:
        """The done mark of a shard, or None where it is absent, broken, or its file is not what was written."""
        path = self.file(part, shard)
        mark = _mark(path)
        if mark is None:
            return None
        try:
            whole = _whole(path, mark)
        except OSError:
            return None
        if not whole:
            self.damaged[part, shard] = f"{path}: damaged on disk (not what was written); computed again"
        return mark if whole else None

    def write(
        self, part: str, shard: int, table: pa.Table, depends: Mapping[str, Any], seconds: float, worked: float = 0.0
    ) -> Mark:
        """Write a shard, then its mark. The old mark goes first: it no longer speaks of this file."""
        import pyarrow.parquet as pq

        path = self.file(part, shard)
        done = path.with_suffix(".done")
        with files.user_errors(done):
            done.unlink(missing_ok=True)
        files.write(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))
        mark = Mark(
            fingerprint=fingerprint.of(depends),
            rows=table.num_rows,
            size=path.stat().st_size,
            columns={name: fingerprint.of_column(table[name]) for name in table.column_names},
            seconds=round(seconds, 3),
            worked=round(worked, 6),
            depends=dict(depends),
            sha256=fingerprint.of_file(path),
        )
        files.write_text(done, json.dumps(asdict(mark), default=str))
        return mark

    def read(self, shard: int, columns: Iterable[str], owners: Mapping[str, str]) -> pa.Table:
        """Columns of one shard, put together from the parts that own them, in the order asked for.

        Args:
            shard: number of the shard.
            columns: names of the columns wanted.
            owners: which part wrote each column.

        Raises:
            SemoError: a file is gone, or is not what was written.
        """
        wanted = list(columns)
        columns_read: dict[str, pa.ChunkedArray] = {}
        for part in dict.fromkeys(owners[name] for name in wanted):
            mine = [name for name in wanted if owners[name] == part]
            table = self._table(part, shard, mine)
            columns_read |= {name: table[name] for name in mine}
        return pa.table({name: columns_read[name] for name in wanted})

    def _table(self, part: str, shard: int, columns: list[str]) -> pa.Table:
        path = self.file(part, shard)
        try:
            mark = _mark(path)
            if mark is None or _whole(path, mark):
                return _read(path, columns)
            reason = "its content is not what was written"
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise SemoError(f"{path}: damaged on disk ({reason}); run the same command again to recompute it")


# files of this process that were held against their mark: path, time of change, size, digest
_whole_files: set[tuple[str, int, int, str]] = set()


def _mark(path: Path) -> Mark | None:
    """The done mark of a Parquet file; None where it is absent or broken."""
    done = path.with_suffix(".done")
    try:
        status = done.stat()
    except OSError:
        return None
    return _read_mark(done, (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))


@lru_cache(256)  # a run asks for each mark some five times; of a large corpus they are too many to keep
def _read_mark(done: Path, _version: tuple[int, ...]) -> Mark | None:
    try:
        mark = Mark(**documents.read_json(done))
    except (OSError, ValueError, TypeError):
        return None
    typed = isinstance(mark.fingerprint, str) and isinstance(mark.columns, dict) and isinstance(mark.depends, dict)
    return mark if typed and isinstance(mark.sha256, str) and isinstance(mark.rows, int) else None


def _whole(path: Path, mark: Mark) -> bool:
    """Whether a file has the content that its mark speaks of; its bytes are read once in each process."""
    status = path.stat()
    version = (str(path), status.st_mtime_ns, status.st_size, mark.sha256 or mark.fingerprint)
    if version in _whole_files:
        return True
    if status.st_size != mark.size:
        return False
    whole = fingerprint.of_file(path) == mark.sha256 if mark.sha256 else _columns(path) == mark.columns
    if whole:
        _whole_files.add(version)
    return whole


def _read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Columns of a Parquet file, all of them where none are named; pyarrow's ``read_table`` would load pandas."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        lacking = set(columns or ()) - set(file.schema_arrow.names)
        if lacking:
            raise ValueError(f"no column {', '.join(sorted(lacking))}")
        return file.read(columns)


def _columns(path: Path) -> dict[str, str] | None:
    try:
        table = _read(path)
    except (pa.ArrowException, OSError, ValueError):
        return None
    return {name: fingerprint.of_column(table[name]) for name in table.column_names}
