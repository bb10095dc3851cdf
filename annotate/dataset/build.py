"""The data set on disk: sharded Parquet per split that ``datasets.load_dataset(folder)`` reads as it is."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotate.audio.decode import Refused
from annotate.corpora.splits import SPLITS
from annotate.dataset.embedded_audio import embedded
from annotate.dataset.finished_rows import Dropped, finished
from annotate.dataset.quoting import quotes
from annotate.engine.stage import Row
from annotate.errors import SemoError
from annotate.store import files
from annotate.store.columns import REVIEW_OUTCOMES
from annotate.store.schema import SHIPPED, Schema
from annotate.store.shards import Store

GROUP_ROWS = 100  # rows of one Parquet row group, so that audio can be read in small pieces


# what the card's sample row shows beside words, measurements and the caption
SAMPLE = ("id", "split", "speaker", "gender", "language", "duration", "emotion", "emotion_original")


@dataclass
class Built:
    """What was built, in figures.

    Attributes:
        attributes: the names of the columns of words.
        splits: rows by split.
        dropped: every row that was put aside.
        notes: notes by kind.
        speakers, unnamed: the speakers of each split, and its rows without one.
        captions: rows by (writer, model, tries).
        unwritten: rows by (why the writer or the template gave no caption, whether the row has one all the same).
        review: rows by what the review did to their captions.
        rate_sources: rows by what their speaking rate came from.
        unmeasured: the rows kept of which nothing could be measured, with the reason.
        languages: rows by language.
        words: for each column of words, rows by word.
        columns: what each column means.
        sample: a row for the card, without its transcript; the first of those with the fewest nulls.
    """

    attributes: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    splits: dict[str, int] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    speakers: dict[str, set[str]] = field(default_factory=dict)
    unnamed: Counter[str] = field(default_factory=Counter)
    captions: Counter[tuple[str, str | None, int]] = field(default_factory=Counter)
    unwritten: Counter[tuple[str, bool]] = field(default_factory=Counter)
    review: Counter[str] = field(default_factory=Counter)
    rate_sources: Counter[str] = field(default_factory=Counter)
    unmeasured: list[dict[str, str]] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    words: dict[str, Counter[str]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    sample: dict[str, Any] | None = None

    def count(self, row: Row) -> None:
        """Take one finished row into account."""
        # "pitch: no voiced speech found" counts once per kind, without the figures of the single clip
        self.notes.update(note.split(":", 1)[0] for note in row["notes"])
        # a scale without edges leaves a measured row without words: that is not the recording's fault
        if row["notes"] and all(row.get(name) is None for name in (*self.attributes, *self.measures)):
            self.unmeasured.append({"id": row["id"], "path": row["path"], "reason": row["notes"][0]})
        if row["language"]:
            self.languages[row["language"]] += 1
        for name in self.attributes:
            if row[name]:
                self.words.setdefault(name, Counter())[row[name]] += 1
        self._consider_as_sample(row)
        if row["rate_source"]:
            self.rate_sources[row["rate_source"]] += 1
        if row["speaker"] is None:
            self.unnamed[row["split"]] += 1
        else:
            self.speakers.setdefault(row["split"], set()).add(row["speaker"])
        self.review.update(row.pop(REVIEW_OUTCOMES, None) or [])
        fault = row.pop("caption_fault")
        if fault or not row["caption"]:
            self.unwritten[fault or "review", bool(row["caption"])] += 1
        if row["caption"]:
            self.captions[(row["caption_writer"], row["caption_model"], row["caption_tries"] or 0)] += 1

    def _consider_as_sample(self, row: Row) -> None:
        """Keep a row for the card if it has more to show than the one kept, and quotes nobody."""
        shown = {name: row[name] for name in (*SAMPLE, *self.attributes, *self.measures, "caption")}
        if quotes(row["caption"], row["transcript"]):
            return
        if self.sample is None or _filled(shown) > _filled(self.sample):
            self.sample = shown

    @property
    def shared_speakers(self) -> set[str]:
        """Speakers that are in two splits or more."""
        seen = Counter(speaker for mine in self.speakers.values() for speaker in mine)
        return {speaker for speaker, splits in seen.items() if splits > 1}


def _filled(row: Mapping[str, Any]) -> int:
    return sum(value is not None for value in row.values())


def features(labels: Sequence[str], audio: str, rate: int, schema: Schema = SHIPPED) -> Any:
    """The typed features of the data set, as ``datasets.Features``."""
    from datasets import Audio, ClassLabel, Features, Value
    from datasets import Sequence as Many

    kinds = {pa.string(): "string", pa.float32(): "float32", pa.int32(): "int32"}
    types: dict[str, Any] = {}
    for column in schema.row:
        types[column.name] = Many(Value("string")) if pa.types.is_list(column.type) else Value(kinds[column.type])
        if column.name == "corpus" and audio != "none":
            types["audio"] = Audio(sampling_rate=rate) if audio == "embed" else Value("string")
        if column.name == "emotion" and labels:
            types["emotion"] = ClassLabel(names=list(labels))
    return Features(types)


def build(
    store: Store,
    owners: Mapping[str, str],
    shards: int,
    *,
    root: Path,
    folder: Path,
    labels: Sequence[str],
    audio: str,
    rate: int,
    shard_mb: int,
    workers: int,
    schema: Schema = SHIPPED,
) -> Built:
    """Write ``data/SPLIT-NNNNN-of-NNNNN.parquet`` and return what was written and what was put aside.

    The new files are written beside the old ones, which are replaced only when all are whole.
    """
    typed = features(labels, audio, rate, schema)
    fresh = folder / f"data.{os.getpid()}{files.TEMPORARY}"
    measures = tuple(dict.fromkeys(name for attribute in schema.table.values() for name in attribute.measures))
    built = Built(tuple(schema.table), measures, columns={column.name: column.about for column in schema.row})
    with files.user_errors(fresh):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            with ThreadPoolExecutor(workers) as threads:
                writers = {split: _Writer(fresh, split, typed.arrow_schema, shard_mb) for split in SPLITS}
                extra = ("caption_fault", "audio_digest", *(name for name in [REVIEW_OUTCOMES] if name in owners))
                for batch in _batches(finished(store, owners, shards, extra, schema), built, labels):
                    for row in _embedded(batch, built, root, audio, rate, threads):
                        writers[row.pop("split_name")].add(row)
                for split, writer in writers.items():
                    if writer.rows:
                        built.splits[split] = writer.close()
            _replace(folder / "data", fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return built


def _batches(
    rows: Iterator[Row | Dropped], built: Built, labels: Sequence[str], size: int = GROUP_ROWS
) -> Iterator[list[Row]]:
    batch: list[Row] = []
    code = {label: index for index, label in enumerate(labels)}
    for row in rows:
        if isinstance(row, Dropped):
            built.dropped.append(row)
            continue
        built.count(row)
        if labels:
            row["emotion"] = None if row["emotion"] is None else code[row["emotion"]]
        batch.append({**row, "split_name": row["split"]})
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _embedded(
    batch: list[Row], built: Built, root: Path, audio: str, rate: int, threads: ThreadPoolExecutor
) -> Iterator[Row]:
    """The rows with their recordings; one whose recording has gone since it was measured is put aside."""
    paths = [row.pop("path") for row in batch]
    digests = [row.pop("audio_digest") for row in batch]
    if audio == "none":
        yield from batch
        return
    held = iter(paths) if audio != "embed" else threads.map(lambda *of: _sound(root, rate, *of), paths, digests)
    for row, path, sound in zip(batch, paths, held, strict=True):
        if isinstance(sound, Refused):
            built.dropped.append(Dropped(row["id"], path, f"since it was measured: {sound}"))
            continue
        yield {**row, "audio": sound}


def _sound(root: Path, rate: int, path: str, digest: str | None) -> dict[str, object] | Refused:
    try:
        return embedded(root, path, rate, digest)
    except Refused as refused:
        return refused


class _Writer:
    """Rows of one split into files of about ``shard_mb``; their number is known only at the end."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema, shard_mb: int) -> None:
        self.folder, self.split, self.schema = folder, split, schema
        self.limit = shard_mb * 1_000_000
        self.rows = self.shards = self.bytes = 0
        self.waiting: list[Row] = []
        self.file: pq.ParquetWriter | None = None

    def add(self, row: Row) -> None:
        self.waiting.append(row)
        self.rows += 1
        if len(self.waiting) == GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self.waiting:
            return
        if self.file is None:
            self.file = pq.ParquetWriter(self._name(self.shards), self.schema, compression="zstd")
        table = pa.Table.from_pylist(self.waiting, self.schema)
        self.file.write_table(table)
        self.waiting, self.bytes = [], self.bytes + table.nbytes
        if self.bytes >= self.limit:
            self._end()

    def _end(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file, self.bytes, self.shards = None, 0, self.shards + 1

    def _name(self, shard: int, of: int = 0) -> Path:
        return self.folder / f"{self.split}-{shard:05d}-of-{of:05d}.parquet"

    def close(self) -> int:
        """Write what waits, give the files their final names, and return the number of rows."""
        self._flush()
        self._end()
        for shard in range(self.shards):
            final = self._name(shard, self.shards)
            os.replace(self._name(shard), final)
            with open(final, "rb+") as written:
                os.fsync(written.fileno())
        return self.rows


def _replace(target: Path, fresh: Path) -> None:
    old = target.with_name(f"data.old.{os.getpid()}{files.TEMPORARY}")
    if target.exists():
        os.replace(target, old)
    os.replace(fresh, target)
    files.sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def require_rows(built: Built, name: str) -> None:
    """A data set of no rows is a failure, and its most frequent reason is what the user needs to hear."""
    if built.splits:
        return
    reasons = Counter(row.reason for row in built.dropped).most_common(1)
    why = f"; {reasons[0][1]} of {len(built.dropped)} rows: {reasons[0][0]}" if reasons else ""
    raise SemoError(f"{name}: no row is left to publish{why}")
