"""Walking a corpus root: which files are looked at, and what is passed over (``passed_over.yaml``)."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.corpora.recording_path import AUDIO_ENDINGS

SHOWN = 5  # names shown of each kind
MOST_COUNTED = 100_000  # files of a folder that is not looked into, so that a link to a whole disk costs little


@cache
def table() -> dict[str, Any]:
    """What ``passed_over.yaml`` says."""
    content: dict[str, Any] = documents.packaged_yaml(Path(__file__).with_name("passed_over.yaml"))
    return content


def hidden(name: str) -> bool:
    """Whether a file or folder is one that tools make: hidden, or named so."""
    return name.startswith(".") or name in table()["folders"] or _copies().match(name) is not None


@cache
def _copies() -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in table()["copies"]))


def folders(root: Path) -> Iterator[tuple[str, list[str], list[str], list[str]]]:
    """Each folder below a root in order: its path from there, its files, the folders passed over, the links to folders.

    Links to folders are not followed: what they name may lie outside the root, or below it a second time.
    """
    for folder, below, files in os.walk(root):
        links = sorted(name for name in below if os.path.islink(os.path.join(folder, name)))
        passed = sorted(name for name in below if hidden(name))
        below[:] = sorted(set(below) - set(links) - set(passed))
        here = os.path.relpath(folder, root).replace(os.sep, "/")
        yield "" if here == "." else f"{here}/", sorted(files), passed, links


@dataclass
class Survey:
    """What a walk has passed over.

    Attributes:
        recordings: files with an audio ending that readers may look at.
        hidden: name of a folder or kind of file that tools make -> recordings in it.
        links: links to folders, with the recordings behind each.
        endings: ending of sound or video that is not read -> files.
    """

    recordings: int = 0
    hidden: Counter[str] = field(default_factory=Counter)
    links: dict[str, int] = field(default_factory=dict)
    endings: Counter[str] = field(default_factory=Counter)

    def plain(self) -> dict[str, Any]:
        """The survey as JSON holds it."""
        return {
            "recordings": self.recordings, "hidden": dict(self.hidden), "links": self.links,
            "endings": dict(self.endings),
        }  # fmt: skip


def survey(root: Path) -> Survey:
    """Walk a root and count what is passed over; opens no file."""
    seen = Survey()
    if not root.is_dir():
        return seen
    unread = tuple(table()["unread"])
    for start, files, passed, links in folders(root):
        for name in passed:
            if count := _recordings(root / start / name):
                seen.hidden[name] += count
        for name in links:
            seen.links[start + name] = _recordings(root / start / name)
        for name in files:
            low = name.lower()
            if low.endswith(AUDIO_ENDINGS):
                if hidden(name):
                    seen.hidden["._*" if name.startswith("._") else name if name.startswith(".") else "copies"] += 1
                else:
                    seen.recordings += 1
            elif low.endswith(unread) and not hidden(name):
                seen.endings[os.path.splitext(low)[1]] += 1
    return seen


def _recordings(folder: Path) -> int:
    """Recordings in a folder that is not looked into, as far as they are counted."""
    count = seen = 0
    for _, below, files in os.walk(folder):
        below.sort()
        count += sum(name.lower().endswith(AUDIO_ENDINGS) for name in files)
        seen += len(files) + len(below)
        if seen > MOST_COUNTED:
            break
    return count
