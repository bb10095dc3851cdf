"""A finished data set as numbers: counts of every row, and measurements of as many rows as fit in memory.

The Parquet files are read in pieces and by column, never the audio. Up to ``SAMPLE_ROWS`` rows every
measurement is kept; of a larger data set a random sample of about that size, drawn with a fixed seed, so
that a million rows need no more memory than two hundred thousand. Counts are always of all rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from annotate.corpora.splits import SPLITS
from annotate.report.sample import Sample
from annotate.store.columns import FURTHER, MEASUREMENTS

MEASURES = tuple(column.name for column in (*MEASUREMENTS, *FURTHER))
GROUPS = ("split", "emotion", "gender", "speaker")
SEXES = ("female", "male")
UNKNOWN = "unknown"
NO_EMOTION = "no emotion"
SAMPLE_ROWS = 200_000
BATCH_ROWS = 20_000
FEW_ROWS, MANY_ROWS = 8, 1000  # read at a time, with their audio and without


@dataclass(frozen=True)
class Piece:
    """Some consecutive rows of one file: ``table`` begins at row ``start`` of ``path``."""

    path: Path
    start: int
    table: pa.Table


@dataclass(frozen=True)
class NumberSource:
    """The Parquet files of a finished data set, emotions by name whatever their storage.

    Attributes:
        files: in the order of their splits.
        labels: emotion names by their code.
    """

    files: tuple[Path, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path, labels: Sequence[str]) -> NumberSource:
        """The data set in ``folder/data``."""
        paths = sorted((folder / "data").glob("*.parquet"))
        order: dict[str, int] = {split: index for index, split in enumerate(SPLITS)}
        paths.sort(key=lambda path: (order.get(path.name.split("-")[0], len(order)), path.name))
        return cls(tuple(paths), tuple(labels))

    def rows(self) -> int:
        """Rows in all files, from their footers."""
        return sum(pq.read_metadata(path).num_rows for path in self.files)

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """All rows with these columns, in order, some thousands at a time; a file may lack a column."""
        for path in self.files:
            with pq.ParquetFile(path) as file:
                there = [name for name in columns if name in file.schema_arrow.names]
                start = 0
                for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=there):
                    yield Piece(path, start, self.named(pa.Table.from_batches([batch])))
                    start += batch.num_rows

    def row(self, path: Path, index: int) -> dict[str, Any]:
        """One whole row, its audio too; reads a few rows of one row group at a time."""
        for _, row in self.rows_at(path, [index]):
            return row
        raise IndexError(f"{path.name}: no row {index}")

    def rows_at(self, path: Path, indices: Iterable[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Some whole rows of a file with their places, in its order; it is read once, a few rows at a time."""
        wanted = np.unique(np.fromiter(indices, np.int64))
        with pq.ParquetFile(path, memory_map=True) as file:
            start = 0
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                yield from self._rows_of_group(file, group, start, wanted[(wanted >= start) & (wanted < start + rows)])
                start += rows

    def _rows_of_group(
        self, file: pq.ParquetFile, group: int, start: int, wanted: NDArray[np.int64]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Recordings are read a few at a time, since they are large; the columns beside them by the thousand."""
        names = file.schema_arrow.names
        heavy = [name for name in ("audio",) if name in names]
        values = _picked(file, group, [name for name in names if name not in heavy], wanted - start, MANY_ROWS)
        recordings = _picked(file, group, heavy, wanted - start, FEW_ROWS) if heavy else repeat(None)
        for index, light, recording in zip(wanted.tolist(), values, recordings, strict=False):
            columns = dict(self.named(light).to_pylist()[0])
            yield index, columns | (recording.to_pylist()[0] if recording is not None else {})

    def named(self, table: pa.Table) -> pa.Table:
        """The table with emotions as names instead of codes."""
        if "emotion" not in table.column_names or not pa.types.is_integer(table["emotion"].type):
            return table
        names = pa.array(self.labels, pa.string()).take(table["emotion"].combine_chunks())
        return table.set_column(table.column_names.index("emotion"), "emotion", names)


@dataclass
class Numbers:
    """What the report says of the whole data set.

    Attributes:
        clips: rows by (split, emotion, gender, speaker); what is not known is named so, never null.
        seconds: length of these rows.
        words: for each descriptor, rows by (emotion, word); rows without a word are left out.
        sample: one row per sampled clip: ``GROUPS`` and every measurement.
        emotions: in the order of the label set, those found only.
        sexes: female, male, unknown, those found only.
    """

    clips: Counter[tuple[str, ...]] = field(default_factory=Counter)
    seconds: dict[tuple[str, ...], float] = field(default_factory=dict)
    words: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    sample: Sample = field(default_factory=Sample)
    emotions: tuple[str, ...] = ()
    sexes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the data set."""
        return sum(self.clips.values())

    def by(self, *names: str) -> Counter[tuple[str, ...]]:
        """Clips by some of ``GROUPS``."""
        places = [GROUPS.index(name) for name in names]
        counts: Counter[tuple[str, ...]] = Counter()
        for key, count in self.clips.items():
            counts[tuple(key[place] for place in places)] += count
        return counts


def scan(source: NumberSource, scale: Mapping[str, Any], *, sample_rows: int = SAMPLE_ROWS) -> Numbers:
    """Read a data set once.

    Args:
        source: its files.
        scale: the content of ``scale.json``; names the descriptors.
        sample_rows: about how many rows to keep measurements of.
    """
    numbers = Numbers(words={name: Counter() for name in scale["descriptors"]})
    rows, dice = source.rows(), np.random.default_rng(0)
    kept = []
    # an attribute of one's own may be made from a measurement of one's own
    user_measures = [
        descriptor["measure"] for descriptor in scale["descriptors"].values() if descriptor["measure"] not in MEASURES
    ]
    measures = (*MEASURES, *dict.fromkeys(user_measures))
    for piece in source.pieces([*GROUPS, "duration", *numbers.words, *measures]):
        table = known(piece.table)
        _count(table, numbers)
        if rows > sample_rows:
            table = table.filter(pa.array(dice.random(table.num_rows) < sample_rows / rows))
        kept.append(table.select([*GROUPS, *(name for name in measures if name in table.column_names)]))
    numbers.sample = Sample.of(kept, GROUPS, measures)
    present = {key[1] for key in numbers.clips}
    first = [label for label in source.labels if label in present]
    numbers.emotions = (*first, *sorted(present - set(first)))
    there = {key[2] for key in numbers.clips}
    numbers.sexes = tuple(sex for sex in (*SEXES, UNKNOWN) if sex in there)
    return numbers


def _picked(
    file: pq.ParquetFile, group: int, columns: list[str], places: NDArray[np.int64], size: int
) -> Iterator[pa.Table]:
    """Some rows of a row group, a table of one row each, reading ``size`` rows at a time and none after the last."""
    if not len(places):
        return
    start = 0
    # a few hundred rows are read faster than threads for them start
    for batch in file.iter_batches(batch_size=size, row_groups=[group], columns=columns, use_threads=False):
        for place in places[(places >= start) & (places < start + batch.num_rows)].tolist():
            yield pa.Table.from_batches([batch.slice(place - start, 1)])
        start += batch.num_rows
        if start > places[-1]:
            return


def known(table: pa.Table) -> pa.Table:
    """The table with a word instead of null in every column of ``GROUPS``; a column that is lacking is all unknown."""
    for name in GROUPS:
        instead = NO_EMOTION if name == "emotion" else UNKNOWN
        if name not in table.column_names:
            table = table.append_column(name, pa.array([instead] * table.num_rows, pa.string()))
        else:
            filled = table[name].cast(pa.string()).fill_null(instead)
            table = table.set_column(table.column_names.index(name), name, filled)
    if "gender" in table.column_names:
        sexes = [sex if sex in SEXES else UNKNOWN for sex in table["gender"].to_pylist()]
        table = table.set_column(table.column_names.index("gender"), "gender", pa.array(sexes, pa.string()))
    return table


def _count(table: pa.Table, numbers: Numbers) -> None:
    groups = table.group_by(list(GROUPS)).aggregate([([], "count_all"), ("duration", "sum")])
    for row in groups.to_pylist():
        key = tuple(row[name] for name in GROUPS)
        numbers.clips[key] += row["count_all"]
        numbers.seconds[key] = numbers.seconds.get(key, 0.0) + (row["duration_sum"] or 0.0)
    for name, counts in numbers.words.items():
        if name not in table.column_names:
            continue
        for row in table.group_by(["emotion", name]).aggregate([([], "count_all")]).to_pylist():
            if row[name] is not None:
                counts[(row["emotion"], row[name])] += row["count_all"]
