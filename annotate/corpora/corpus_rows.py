"""The first stage: a corpus on disk becomes shards of rows.

It streams: a shard is written as soon as it is full, and what is kept of the whole corpus is 8 bytes of
each id (to find repeats), the speakers and the sessions (to resolve the split).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotate import documents, registry
from annotate.corpora import languages, locator, storable, times
from annotate.corpora.data_manifest import Manifest
from annotate.corpora.reader import Reader, Request, check_options, without_ending
from annotate.corpora.recording_path import RecordingPaths
from annotate.corpora.utterance import Utterance
from annotate.errors import SemoError
from annotate.store import files, fingerprint, schema
from annotate.store.shards import DOUBLES_EVERY, LARGEST, Store, size

PART = "corpus"
VERSION = "2"  # goes up when what all readers share would give other rows
COLUMNS = (
    "id", "corpus", "path", "audio_bytes", "audio_mtime_ns", "speaker", "gender_given", "session",
    "split_given", "language", "language_given", "transcript_given", "transcript_original", "emotion_original",
    "intensity", "valence", "arousal", "dominance", "measured_given", "drop_corpus", "notes_corpus",
)  # fmt: skip
LISTING_THREADS = 4
REPEATS = "id repeats: an earlier row has it already"


@dataclass(frozen=True)
class Index:
    """What is known of a corpus once it has been read.

    Attributes:
        shards: number of shards.
        rows: number of rows, those put aside included.
        speakers: speaker -> gender, None where it is not given or contradicts itself.
        sessions: session -> its speakers, both in order of appearance.
        conflicts: speakers that the corpus gives two genders.
        usable: rows that are not put aside here.
        reasons: the most frequent reasons for putting rows aside, with their counts.
    """

    fingerprint: str
    shards: int
    rows: int
    speakers: dict[str, str | None] = field(default_factory=dict)
    sessions: dict[str, list[str]] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    usable: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def require_usable(index: Index, name: str) -> None:
    """Refuse a corpus of which no row can be used, saying why that is (all files empty, all of them LFS pointers)."""
    if not index.usable:
        reason, rows = next(iter(index.reasons.items()))
        raise SemoError(f"{name}: no row is left to publish; {rows} of {index.rows} rows: {reason}")


def request_of(
    manifest: Manifest, root: Path, options: Mapping[str, Any], *, prepare: bool = True
) -> tuple[Reader, Request]:
    """The reader of a corpus and what it is asked; with ``prepare`` the corpus is made first where it can be made."""
    reader: Reader = registry.load("reader", manifest.reader)
    check_options(reader, manifest, options)
    request = Request(root, manifest, {**manifest.options, **options})
    if prepare and reader.prepare is not None:
        reader.prepare(request)
    return reader, request


def depends(manifest: Manifest, reader: Reader, request: Request, shard_rows: int) -> dict[str, Any]:
    """What the corpus's rows depend on: the reader, the facts it uses, and the files under the root."""
    facts = manifest.model_dump(mode="json", include={"name", "language", "speakers", "transcripts"})
    return {
        "reader": manifest.reader,
        "version": [reader.version, VERSION],
        "facts": facts,
        "options": dict(request.options),
        "cut": [shard_rows, DOUBLES_EVERY, LARGEST],
        "columns": COLUMNS,
        "files": listing(request.root),
        # what an option names elsewhere; what lies below the root is in "files" already
        "named": {
            name: listing(Path(value))
            for name, value in request.options.items()
            if isinstance(value, str) and value and os.path.exists(value) and not _below(request.root, value)
        },
    }


def _below(root: Path, value: str) -> bool:
    place = (root / value).resolve()
    return place.exists() and place.is_relative_to(root.resolve())


def listing(root: Path) -> str:
    """Digest of every file below the root: path, size, time of change. Where the root lies is no part of it."""
    if root.is_file() or not root.exists():
        return fingerprint.of([os.stat(root).st_size, os.stat(root).st_mtime_ns] if root.exists() else None)
    digest = hashlib.sha256()
    # most of the time is the system's, a call for each file: threads share it, and a million files take seconds
    with ThreadPoolExecutor(LISTING_THREADS) as threads:
        level = [""]
        while level:
            folders = list(threads.map(lambda folder: _folder(os.path.join(root, folder)), level))
            for folder, (_, held) in zip(level, folders, strict=True):
                digest.update(os.fsencode(folder) + b"\0\0" + held)
            level = [
                os.path.join(folder, name) for folder, (below, _) in zip(level, folders, strict=True) for name in below
            ]
    return digest.hexdigest()


def _folder(folder: str) -> tuple[list[str], bytes]:
    """The folders within a folder, links not followed, and a digest of its files: name, size, time of change."""
    below: list[str] = []
    files_: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    below += [] if entry.is_symlink() else [entry.name]
                    continue
                stat = entry.stat()
            except OSError:  # a dangling link, or gone since: the row will say so
                continue
            files_.append(f"{entry.name}\0{stat.st_size}\0{stat.st_mtime_ns}")
    return sorted(below), hashlib.sha256(os.fsencode("\0".join(sorted(files_)))).digest()


def known(store: Store, wanted: str) -> Index | None:
    """The index of an earlier run, if it is of this very corpus and its shards are all there."""
    try:
        content = documents.read_json(store.folder / PART / "index.json")
        if not fingerprint.sealed(content, required=True):
            return None
        index = Index(**{name: value for name, value in content.items() if name != fingerprint.SEAL})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    whole = index.fingerprint == wanted and all(store.mark(PART, shard) for shard in range(index.shards))
    return index if whole else None


def read(store: Store, manifest: Manifest, reader: Reader, request: Request, shard_rows: int, wanted: str) -> Index:
    """Read the corpus into shards and return its index."""
    groups = Groups()
    rows = shards = 0
    reasons: Counter[str] = Counter()
    stream = checked(manifest, reader, request)
    began = time.perf_counter()
    while batch := list(islice(stream, size(shards, shard_rows))):
        for row in batch:
            groups.note(row)
            reasons.update([row["drop_corpus"]] if row["drop_corpus"] else [])
        table = pa.Table.from_pylist(batch, schema.arrow(COLUMNS))
        store.write(PART, shards, table, {"corpus": wanted, "shard": shards}, time.perf_counter() - began)
        began = time.perf_counter()
        rows, shards = rows + len(batch), shards + 1
    sessions = {session: list(speakers) for session, speakers in groups.sessions.items()}
    usable, frequent = rows - sum(reasons.values()), dict(reasons.most_common(5))
    index = Index(wanted, shards, rows, groups.speakers, sessions, tuple(groups.conflicts), usable, frequent)
    files.write_json(store.folder / PART / "index.json", fingerprint.seal(index.__dict__))
    return index


@dataclass
class Groups:
    """Speakers and sessions as rows go by.

    Attributes:
        speakers: speaker -> gender, None where it is not given; where two are given the first one stays.
        sessions: session -> its speakers, as an ordered set.
        conflicts: speakers that are given two genders.
    """

    speakers: dict[str, str | None] = field(default_factory=dict)
    sessions: dict[str, dict[str, None]] = field(default_factory=dict)
    conflicts: dict[str, None] = field(default_factory=dict)

    def note(self, row: Mapping[str, Any]) -> None:
        """Take one row into account; rows that are put aside say nothing."""
        if row["drop_corpus"]:
            return
        speaker, gender, session = row["speaker"], row["gender_given"], row["session"]
        members = self.sessions.setdefault(session, {}) if session is not None else None
        if speaker is None:
            return
        if members is not None:
            members[speaker] = None
        if gender and self.speakers.get(speaker) and self.speakers[speaker] != gender:
            self.conflicts[speaker] = None
        self.speakers[speaker] = self.speakers.get(speaker) or gender


def checked(manifest: Manifest, reader: Reader, request: Request) -> Iterator[dict[str, Any]]:
    """The reader's utterances as rows, each held against what every corpus must keep to."""
    places = RecordingPaths(request.root)
    seen: set[int] = set()
    for utterance in reader.read(request):
        yield _row(manifest, utterance, places, seen)


def _row(manifest: Manifest, given: Utterance, places: RecordingPaths, seen: set[int]) -> dict[str, Any]:
    utterance, problem = storable.storable(given)
    drop = utterance.drop or problem or _wrong_text(utterance)
    path, size, changed = utterance.path, None, None
    if drop is None:
        place = places.find(utterance.path)
        path, size, changed, drop = place.path, place.size, place.changed_ns, place.refused
        path = locator.with_part(path, utterance.start, utterance.end)
    name = without_ending(place.path) if utterance.placed_id and drop is None else utterance.id
    mark = _mark(name)
    if mark in seen and (utterance.start is not None or utterance.end is not None):
        name = f"{name}_{times.named(utterance.start, utterance.end)}"  # an id of the recording: its parts need theirs
        mark = _mark(name)
    if mark in seen:
        drop = REPEATS
    seen.add(mark)
    language = utterance.language or manifest.language
    code = languages.code(language) if language else None
    notes = [f"language: '{language}' is not a known language"] if language and code is None else []
    return {
        "id": name, "corpus": manifest.name, "path": path,
        "audio_bytes": size, "audio_mtime_ns": changed,
        "speaker": utterance.speaker, "gender_given": utterance.gender, "session": utterance.session,
        "split_given": utterance.split, "language": code, "language_given": utterance.language,
        "transcript_given": utterance.transcript,
        "transcript_original": utterance.written, "emotion_original": utterance.emotion,
        "intensity": utterance.intensity,
        "valence": utterance.valence, "arousal": utterance.arousal, "dominance": utterance.dominance,
        "measured_given": json.dumps(utterance.measured) if utterance.measured else None,
        "drop_corpus": drop, "notes_corpus": [*utterance.notes, *notes],
    }  # fmt: skip


def _mark(name: str) -> int:
    """64 bits of an id: among a million ids two different ones fall together once in 37 million corpora."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


def _wrong_text(utterance: Utterance) -> str | None:
    if utterance.gender not in (None, "female", "male"):
        return f"gender '{utterance.gender}': a reader must give female, male or nothing"
    return None
