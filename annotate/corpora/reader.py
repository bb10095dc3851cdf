"""What a reader plug-in is, and what readers share: finding recordings, refusing what is not the corpus."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.corpora import walk
from annotate.corpora.data_manifest import EmoBoxRule, Manifest
from annotate.corpora.recording_path import AUDIO_ENDINGS
from annotate.corpora.utterance import Utterance
from annotate.errors import SemoError, UsageError, unknown_name

EMOBOX_OPTION = "emobox"
UNKNOWN_NAME = "file name that does not follow the pattern of this corpus"


@dataclass(frozen=True)
class Request:
    """What a reader is asked to read: the folder, the manifest, and the recipe's ``corpus.options``."""

    root: Path
    manifest: Manifest
    options: Mapping[str, Any]

    def text(self, name: str, default: str | None = None) -> str | None:
        """An option that holds text.

        Raises:
            UsageError: it holds something else.
        """
        value = self.options.get(name, default)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"corpus.options.{name}: expected text, found {value!r}")
        return value

    def choice(self, name: str, known: Iterable[str], default: str) -> str:
        """An option that holds one of a few names; another is an error with the nearest one."""
        value = str(self.options.get(name, default))
        if value not in (names := tuple(known)):
            raise unknown_name(f"corpus.options.{name}:", value, names)
        return value

    def place(self, name: str, default: str) -> Path:
        """A file or folder that an option names: below the root, or else where the user stands."""
        value = self.text(name, default) or default
        below = self.root / value
        return below if below.exists() or not Path(value).exists() else Path(value)


@dataclass(frozen=True)
class Reader:
    """A reader plug-in.

    Attributes:
        version: goes up when the same folder would give other utterances.
        read: yields the utterances in a fixed order, streaming; one bad row is an ``Utterance`` with
            ``drop``, a folder that is not this corpus is a ``SemoError`` that says what it looked for.
        prepare: makes the corpus where it can be made on the spot (the quickstart).
        options: what ``corpus.options`` may hold, each with what it means; others are refused.
    """

    version: str
    read: Callable[[Request], Iterable[Utterance]]
    prepare: Callable[[Request], None] | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def check_options(reader: Reader, manifest: Manifest, options: Mapping[str, Any]) -> None:
    """Refuse an option that the reader does not know, with the nearest one that it does."""
    known = {*reader.options, *manifest.options}
    if any(isinstance(rule, EmoBoxRule) for rule in manifest.splits.values()):
        known.add(EMOBOX_OPTION)
    for name in options:
        if name not in known:
            raise unknown_name(f"{manifest.name}: corpus.options:", name, known)


def recordings(root: Path) -> Iterator[str]:
    """Paths of all recordings below ``root``, relative and sorted; a Mac's ``._*`` files are passed over."""
    for path in paths(root):
        if path.lower().endswith(AUDIO_ENDINGS):
            yield path


def named(root: Path, name: re.Pattern[str], looked_for: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """All recordings in order, each with how the corpus's naming fits its path; None where it does not.

    A root without any that fits is refused before anything is given. One that does not fit is for ``misnamed``.
    """
    waiting: list[str] = []  # only once one fits is this the corpus at all
    matched = False
    for path in recordings(root):
        match = name.search(path)
        matched = matched or match is not None
        if not matched:
            waiting.append(path)
        else:
            yield path, match
    if not matched:
        raise nothing_found(root, looked_for)
    yield from ((path, None) for path in waiting)


def misnamed(path: str) -> Utterance:
    """A recording whose name the corpus does not have: put aside and told, not passed over in silence."""
    return Utterance(id=without_ending(path), path=path, drop=UNKNOWN_NAME)


def without_ending(name: str) -> str:
    """A name without an audio ending."""
    head, dot, ending = name.rpartition(".")
    return head if dot and f".{ending.lower()}" in AUDIO_ENDINGS else name


def paths(root: Path, ending: str = "") -> Iterator[str]:
    """Paths of all files below ``root`` with an ending, relative, folder by folder in order; no hidden ones."""
    for start, files, _, _ in walk.folders(root):
        for name in files:
            if name.lower().endswith(ending) and not walk.hidden(name):
                yield start + name


def stem(path: str) -> str:
    """The name of a recording without folder and audio ending; a dot within the name stays."""
    return without_ending(path.rpartition("/")[2])


def require_folder(root: Path, looked_for: str) -> None:
    """Refuse a root that is absent, not a folder, or not readable, saying what was looked for."""
    if not root.exists():
        raise SemoError(f"corpus.root={root}: there is no such folder; expected {looked_for}")
    if not root.is_dir():
        raise SemoError(f"corpus.root={root}: is a file; expected a folder with {looked_for}")
    if not os.access(root, os.R_OK | os.X_OK):
        raise SemoError(f"corpus.root={root}: cannot be read; check its permissions")


def require_file(path: Path, root: Path, looked_for: str) -> None:
    """Refuse a list or table that is not there, saying what was looked for and what lies there instead."""
    if path.is_file():
        return
    there = sorted(entry.name for entry in root.iterdir())[:5] if root.is_dir() else []
    held = f"; the folder contains {', '.join(there)}" if there else "; the folder is empty"
    raise SemoError(f"corpus.root={root}: found no {looked_for}{held}")


def nothing_found(root: Path, looked_for: str) -> SemoError:
    """The error for a root that holds nothing of the corpus."""
    return SemoError(f"corpus.root={root}: found no {looked_for}")
