"""Shards and done marks: what has been computed, and for which fingerprint.

``work/PART/NNNNN.parquet`` holds a part's columns for one shard of rows, ``NNNNN.done`` says that
it is whole, what it depends on, and the digest of every column. A reader believes only marks.

Shards grow: small ones first, so that a short run has enough of them for all workers and a broken one loses
little; larger ones later, so that a million rows are a few hundred files a part and not ten thousand. How many
rows a shard has follows from its number alone, so the same corpus is always cut alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotate import documents
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


class Store:
    """The ``work/`` folder of an output."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, part: str, shard: int) -> Path:
        """The Parquet file of a part's shard."""
        return self.folder / part / f"{shard:05d}.parquet"

    def mark(self, part: str, shard: int) -> Mark | None:
        """The done mark of a shard, or None where it is absent, broken, or its file is not whole."""
        path = self.file(part, shard)
        try:
            mark = Mark(**documents.read_json(path.with_suffix(".done")))
            return mark if path.stat().st_size == mark.size else None
        except (OSError, ValueError, TypeError):
            return None

    def write(
        self, part: str, shard: int, table: pa.Table, depends: Mapping[str, Any], seconds: float, worked: float = 0.0
    ) -> Mark:
        """Write a shard, then its mark. The old mark goes first: it no longer speaks of this file."""
        path = self.file(part, shard)
        done = path.with_suffix(".done")
        with files.told(done):
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
        )
        files.write_text(done, json.dumps(asdict(mark), default=str))
        return mark

    def read(self, shard: int, columns: Iterable[str], owners: Mapping[str, str]) -> pa.Table:
        """Columns of one shard, put together from the parts that own them, in the order asked for.

        Args:
            shard: number of the shard.
            columns: names of the columns wanted.
            owners: which part wrote each column.
        """
        wanted = list(columns)
        found: dict[str, pa.ChunkedArray] = {}
        for part in dict.fromkeys(owners[name] for name in wanted):
            mine = [name for name in wanted if owners[name] == part]
            table = pq.read_table(self.file(part, shard), columns=mine, memory_map=False, partitioning=None)
            found |= {name: table[name] for name in mine}
        return pa.table({name: found[name] for name in wanted})
