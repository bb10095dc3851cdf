"""What a reader plug-in is, and what readers share: finding recordings, refusing paths that leave the root."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate.corpora.manifest import Manifest
from annotate.corpora.utterance import Utterance
from annotate.errors import SemoError

AUDIO_ENDINGS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aiff", ".aif", ".au", ".sph")


@dataclass(frozen=True)
class Request:
    """What a reader is asked to read: the folder, the manifest, and the recipe's ``corpus.options``."""

    root: Path
    manifest: Manifest
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """A reader plug-in.

    Attributes:
        version: goes up when the same folder would give other utterances.
        read: yields the utterances in a fixed order, streaming; one bad row is an ``Utterance`` with
            ``drop``, a folder that is not this corpus is a ``SemoError`` that says what it looked for.
        prepare: makes the corpus where it can be made on the spot (the quickstart).
    """

    version: str
    read: Callable[[Request], Iterable[Utterance]]
    prepare: Callable[[Request], None] | None = None


def recordings(root: Path) -> Iterator[str]:
    """Paths of all recordings below ``root``, relative and sorted; a Mac's ``._*`` files are passed over."""
    for folder, below, files in os.walk(root):
        below.sort()
        here = Path(folder).relative_to(root)
        for name in sorted(files):
            if name.lower().endswith(AUDIO_ENDINGS) and not name.startswith("."):
                yield (here / name).as_posix()


def require_folder(root: Path, looked_for: str) -> None:
    """Refuse a root that is absent, not a folder, or not readable, saying what was looked for."""
    if not root.exists():
        raise SemoError(f"corpus.root={root}: there is no such folder; expected {looked_for}")
    if not root.is_dir():
        raise SemoError(f"corpus.root={root}: is a file; expected a folder with {looked_for}")
    if not os.access(root, os.R_OK | os.X_OK):
        raise SemoError(f"corpus.root={root}: cannot be read; check its permissions")


def nothing_found(root: Path, looked_for: str) -> SemoError:
    """The error for a root that holds nothing of the corpus."""
    return SemoError(f"corpus.root={root}: found no {looked_for}")
