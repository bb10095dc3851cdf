"""The first stage: a corpus on disk becomes shards of rows.

It streams: a shard is written as soon as it is full, and what is kept of the whole corpus is the set of
ids (to find repeats), the speakers and the sessions (to resolve the split).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotate import registry
from annotate.corpora.manifest import Manifest
from annotate.corpora.reader import Reader, Request
from annotate.corpora.utterance import Utterance
from annotate.store import files, fingerprint, schema
from annotate.store.shards import Store

PART = "corpus"
COLUMNS = (
    "id", "corpus", "path", "audio_bytes", "audio_mtime_ns", "speaker", "gender_given", "session",
    "split_given", "language", "transcript_given", "emotion_original", "intensity",
    "valence", "arousal", "dominance", "drop_corpus", "notes_corpus",
)  # fmt: skip
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Index:
    """What is known of a corpus once it has been read.

    Attributes:
        shards: number of shards.
        rows: number of rows, those put aside included.
        speakers: speaker -> gender, None where it is not given or contradicts itself.
        sessions: the sessions, in order of appearance.
        conflicts: speakers that the corpus gives two genders.
    """

    fingerprint: str
    shards: int
    rows: int
    speakers: dict[str, str | None] = field(default_factory=dict)
    sessions: dict[str, None] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


def request_of(manifest: Manifest, root: Path, options: Mapping[str, Any]) -> tuple[Reader, Request]:
    """The reader of a corpus and what it is asked; makes the corpus first where it can be made."""
    reader: Reader = registry.load("reader", manifest.reader)
    request = Request(root, manifest, {**manifest.options, **options})
    if reader.prepare is not None:
        reader.prepare(request)
    return reader, request


def depends(manifest: Manifest, reader: Reader, request: Request, shard_rows: int) -> dict[str, Any]:
    """What the corpus's rows depend on: the reader, the facts it uses, and the files under the root."""
    facts = manifest.model_dump(mode="json", include={"name", "language", "speakers", "transcripts"})
    return {
        "reader": manifest.reader,
        "version": reader.version,
        "facts": facts,
        "options": dict(request.options),
        "shard_rows": shard_rows,
        "files": listing(request.root),
    }


def listing(root: Path) -> str:
    """Digest of every file below the root: path, size, time of change. Where the root lies is no part of it."""
    if root.is_file() or not root.exists():
        return fingerprint.of([os.stat(root).st_size, os.stat(root).st_mtime_ns] if root.exists() else None)
    found = []
    for folder, below, names in os.walk(root):
        below.sort()
        for name in sorted(names):
            try:
                stat = os.stat(os.path.join(folder, name))
            except OSError:  # a dangling link, or gone since: the row will say so
                continue
            found.append((os.path.relpath(os.path.join(folder, name), root), stat.st_size, stat.st_mtime_ns))
    return fingerprint.of(found)


def known(store: Store, wanted: str) -> Index | None:
    """The index of an earlier run, if it is of this very corpus and its shards are all there."""
    try:
        content = json.loads((store.folder / PART / "index.json").read_text(encoding="utf-8"))
        index = Index(**content)
    except (OSError, ValueError, TypeError):
        return None
    whole = index.fingerprint == wanted and all(store.mark(PART, shard) for shard in range(index.shards))
    return index if whole else None


def read(store: Store, manifest: Manifest, reader: Reader, request: Request, shard_rows: int, wanted: str) -> Index:
    """Read the corpus into shards and return its index."""
    speakers: dict[str, str | None] = {}
    sessions: dict[str, None] = {}
    conflicts: dict[str, None] = {}
    rows = shards = 0
    stream = checked(manifest, reader, request)
    began = time.perf_counter()
    while batch := list(islice(stream, shard_rows)):
        for row in batch:
            _note_groups(row, speakers, sessions, conflicts)
        table = pa.Table.from_pylist(batch, schema.arrow(COLUMNS))
        store.write(PART, shards, table, {"corpus": wanted, "shard": shards}, time.perf_counter() - began)
        began = time.perf_counter()
        rows, shards = rows + len(batch), shards + 1
    index = Index(wanted, shards, rows, speakers, sessions, tuple(conflicts))
    files.write_json(store.folder / PART / "index.json", index.__dict__)
    return index


def _note_groups(
    row: Mapping[str, Any],
    speakers: dict[str, str | None],
    sessions: dict[str, None],
    conflicts: dict[str, None],
) -> None:
    if row["drop_corpus"]:
        return
    if row["session"] is not None:
        sessions[row["session"]] = None
    speaker, gender = row["speaker"], row["gender_given"]
    if speaker is None:
        return
    if gender and speakers.get(speaker) and speakers[speaker] != gender:
        conflicts[speaker] = None
    speakers[speaker] = speakers.get(speaker) or gender


def checked(manifest: Manifest, reader: Reader, request: Request) -> Iterator[dict[str, Any]]:
    """The reader's utterances as rows, each held against what every corpus must keep to."""
    root = request.root.resolve()
    seen: dict[str, str] = {}
    for utterance in reader.read(request):
        yield _row(manifest, utterance, root, seen)


def _row(manifest: Manifest, utterance: Utterance, root: Path, seen: dict[str, str]) -> dict[str, Any]:
    drop = utterance.drop or _wrong_text(utterance) or _wrong_place(utterance.path, root)
    size = changed = None
    if drop is None:
        try:
            stat = os.stat(root / utterance.path)
            size, changed = stat.st_size, stat.st_mtime_ns
        except (OSError, ValueError):
            drop = "missing: there is no such file"
    if utterance.id in seen:
        drop = f"id repeats: the row of {seen[utterance.id]} has it already"
    else:
        seen[utterance.id] = utterance.path
    text = utterance.transcript if utterance.transcript is None else utterance.transcript[:LONGEST_TEXT]
    return {
        "id": utterance.id, "corpus": manifest.name, "path": utterance.path,
        "audio_bytes": size, "audio_mtime_ns": changed,
        "speaker": utterance.speaker, "gender_given": utterance.gender, "session": utterance.session,
        "split_given": utterance.split, "language": utterance.language or manifest.language,
        "transcript_given": text, "emotion_original": utterance.emotion, "intensity": utterance.intensity,
        "valence": utterance.valence, "arousal": utterance.arousal, "dominance": utterance.dominance,
        "drop_corpus": drop, "notes_corpus": list(utterance.notes),
    }  # fmt: skip


def _wrong_text(utterance: Utterance) -> str | None:
    if utterance.transcript and len(utterance.transcript) > LONGEST_TEXT:
        return f"transcript of {len(utterance.transcript):,} characters, at most {LONGEST_TEXT:,} are taken"
    return None


def _wrong_place(path: str, root: Path) -> str | None:
    """A manifest is data from elsewhere: it must not make us read, and publish, other files."""
    try:
        real = (root / path).resolve()
    except (OSError, ValueError, RuntimeError):
        return "path that cannot be read"
    return None if real.is_relative_to(root) else "path that leads out of the corpus root"


def groups(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str | None], dict[str, None], dict[str, None]]:
    """Speakers, sessions and conflicts of rows that are in memory."""
    speakers: dict[str, str | None] = {}
    sessions: dict[str, None] = {}
    conflicts: dict[str, None] = {}
    for row in rows:
        _note_groups(row, speakers, sessions, conflicts)
    return speakers, sessions, conflicts
