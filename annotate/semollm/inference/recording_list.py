"""Which recordings a user means: files, folders, lists; and who speaks in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate.corpora import column_map, table_file
from annotate.errors import UsageError, unknown_name
from annotate.semollm.model import pretrained

ENDINGS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff", ".aif", ".au", ".caf", ".w64", ".rf64")
ENDINGS_OF_TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
FOLDER = "folder"  # --speaker-of: the folder that a recording lies in


@dataclass(frozen=True)
class Source:
    """A recording by the name that its results carry, and who speaks, where that is known and of use."""

    id: str
    path: Path
    speaker: str | None = None


def sources(audio: Iterable[Path], listed: Path | None, speaker_of: str | None = None) -> list[Source]:
    """The recordings that the user means: files, folders of them, and a list.

    Args:
        audio: files and folders.
        listed: ``id<TAB>path`` lines, or a table with a column of paths where ``speaker_of`` names another.
        speaker_of: a column of the table, or ``folder``: all recordings of a folder are of one speaker.

    Raises:
        UsageError: none at all, a file that is not there, a line that is not ``id<TAB>path``, or no such column.
    """
    by_folder = speaker_of == FOLDER
    if speaker_of is not None and not by_folder and (listed is None or listed.suffix.lower() not in ENDINGS_OF_TABLES):
        raise UsageError(
            f"--speaker-of {speaker_of}: expected --test-src TABLE with that column "
            f"({', '.join(ENDINGS_OF_TABLES)}), or --speaker-of {FOLDER}"
        )
    recordings: list[Source] = []
    for path in audio:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
            recordings += [Source(file.relative_to(path).with_suffix("").as_posix(), file) for file in inside]
        elif path.is_file():
            recordings.append(Source(path.stem, path))
        else:
            raise UsageError(f"{path}: there is no such file or folder")
    if listed is not None:
        recordings += list(_listed(listed) if by_folder or speaker_of is None else _tabled(listed, speaker_of))
    if by_folder:
        recordings = [dataclasses.replace(source, speaker=str(source.path.resolve().parent)) for source in recordings]
    if not recordings:
        raise UsageError("no recording was given; expected files, folders, or --test-src LIST.scp")
    if speaker_of is not None and all(source.speaker is None for source in recordings):
        raise UsageError(f"{listed}: the column '{speaker_of}' is empty, so no speaker can be enrolled")
    return recordings


def _listed(scp: Path) -> Iterator[Source]:
    try:
        lines = scp.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{scp}: cannot be read: {pretrained.first_line(error)}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        name, tab, path = line.partition("\t")
        if not tab or not name.strip() or not path.strip():
            raise UsageError(f"{scp}, line {number}: expected id<TAB>path, found {line[:60]!r}")
        yield Source(name.strip(), Path(path.strip()))


def _tabled(path: Path, speaker_of: str) -> Iterator[Source]:
    """The recordings of a table, each with its speaker; an empty speaker is an unknown one.

    Paths are taken from the table's folder where they are relative and not found from here.
    """
    opened = table_file.opened(path)
    if speaker_of not in opened.columns:
        raise unknown_name(f"{path}: column", speaker_of, opened.columns)
    place = _column(opened.columns, "path")
    if place is None:
        raise UsageError(f"{path}: has no column of paths; its columns are {', '.join(opened.columns)}")
    name = _column(opened.columns, "id")
    for record in opened.records():
        if record.problem is not None:
            raise UsageError(f"{path}, line {record.row}: {record.problem}")
        value = _text(record.values.get(place))
        if value is None:
            raise UsageError(f"{path}, line {record.row}: no path in the column '{place}'")
        recording = Path(value)
        if not recording.is_absolute() and not recording.exists():
            recording = path.parent / recording
        called = _text(record.values.get(name)) if name is not None else None
        yield Source(called or recording.stem, recording, _text(record.values.get(speaker_of)))


def _column(names: Iterable[str], field: str) -> str | None:
    """The column that usually bears a field, whatever its case and hyphens."""
    plain = {"".join(letter for letter in name.lower() if letter.isalnum()): name for name in names}
    return next((plain[usual] for usual in column_map.USUAL[field] if usual in plain), None)


def _text(value: Any) -> str | None:
    return None if value is None or not str(value).strip() else str(value).strip()
