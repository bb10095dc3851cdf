"""Where a row's recording lies: inside the corpus root, whole enough to be worth decoding, under which name.

A manifest is data from elsewhere: it must not make us read, and publish, other files. So a path has to
stay within the root, links resolved.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from annotate.corpora import locator, path_spelling

# read by libsndfile, and by FFmpeg where the extra "av" is installed
SOUND_ENDINGS = (
    ".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff", ".aif", ".au", ".sph", ".wave", ".oga", ".aifc", ".snd", ".caf",
    ".w64", ".rf64", ".bwf", ".nist", ".voc", ".mp2",
)  # fmt: skip
MEDIA_ENDINGS = (".m4a", ".webm", ".weba", ".aac", ".wma", ".amr", ".awb", ".3gp", ".3ga", ".mka", ".m4b")
AUDIO_ENDINGS = (*SOUND_ENDINGS, *MEDIA_ENDINGS)
VIDEO_ENDINGS = (".mp4", ".avi", ".mkv", ".mov", ".flv")
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LFS = "a Git LFS pointer, not the real file: fetch it with 'git lfs pull'"
ANNEX = "a git-annex pointer, not the real file: fetch it with 'git annex get .'"
WEB_PAGE = "a web page, not the real file: the download failed (a login, a quota?); download it again"
OUTSIDE = "path that leads out of the corpus root"
WINDOWS = "a path of Windows, and no such file below the root: write paths relative to corpus.root, with /"
MISSING = "missing: there is no such file"
# a pointer has about 130 bytes; larger files are not opened to look for one
SMALL = 1024


def stand_in(head: bytes) -> str | None:
    """What a file is that only stands in for the real one, and how to fetch that; None for any other content.

    Args:
        head: its first bytes, 256 are enough.
    """
    if head.startswith(LFS_POINTER):
        return LFS
    if b"/annex/objects/" in head[:40]:
        return ANNEX
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return WEB_PAGE if start.startswith((b"<!doctype html", b"<html")) else None


@dataclass(frozen=True)
class RecordingPath:
    """A recording's file: its path below the root, and either what identifies it or why it is refused."""

    path: str
    size: int | None = None
    changed_ns: int | None = None
    refused: str | None = None


class RecordingPaths:
    """Looks up recordings below one root; what it learns of folders it keeps, so that a row costs one stat."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.path.realpath(root)
        self._inside = lru_cache(maxsize=4096)(self._resolved_inside)
        self.folders = path_spelling.Folders(self.root)
        # in the Hub's cache the files of a snapshot are links to the data set's own blobs
        blobs = os.path.join(os.path.dirname(os.path.dirname(self.root)), "blobs")
        in_cache = os.path.basename(os.path.dirname(self.root)) == "snapshots" and os.path.isdir(blobs)
        self.blobs = os.path.realpath(blobs) if in_cache else None

    def find(self, path: str) -> RecordingPath:
        """The place of a recording.

        A name without a file is tried with the other audio endings: copies of a corpus are often
        converted, and their label files still say ``.wav``. So is one that is spelt otherwise: in another case or
        form of Unicode, with the separators of Windows, or as an absolute path of another machine.
        """
        if not path or "\0" in path:
            return RecordingPath(path, refused="path that cannot be read")
        inner = locator.parse(path)
        if inner is not None:
            held = self.find(inner.file)
            whole = locator.Locator(held.path, inner.column, inner.row).text
            return RecordingPath(whole, held.size, held.changed_ns, held.refused)
        below = os.path.relpath(os.path.normpath(path), self.root) if os.path.isabs(path) else path
        try:
            place = self._look(below)
            if place.refused in (MISSING, OUTSIDE):
                place = next((other for other in self._readings(path) if other.refused != MISSING), place)
            if place.refused in (MISSING, OUTSIDE) and path_spelling.is_windows(path):
                return RecordingPath(path, refused=WINDOWS)
            return place
        except (OSError, ValueError) as error:
            return RecordingPath(path, refused=f"unreadable: {getattr(error, 'strerror', None) or error}")

    def _look(self, path: str) -> RecordingPath:
        folder, _, name = path.rpartition("/")
        if name in ("", ".", "..") or not self._inside(folder):
            return RecordingPath(path, refused=OUTSIDE)
        for tried in self._names(name):
            there = f"{folder}/{tried}" if folder else tried
            try:
                status = os.lstat(os.path.join(self.root, there))
            except FileNotFoundError:
                continue
            return self._judged(there, status)
        spelt = self.folders.find(folder, self._names(name))
        if len(spelt) > 1:
            alike = ", ".join(os.path.basename(other) for other in spelt[:3])
            return RecordingPath(path, refused=f"several files match apart from spelling (case, accents): {alike}")
        if spelt and self._inside(spelt[0].rpartition("/")[0]):
            return self._judged(spelt[0], os.lstat(os.path.join(self.root, spelt[0])))
        return RecordingPath(path, refused=self._missing(folder, name))

    def _readings(self, path: str) -> Iterator[RecordingPath]:
        """What else a path may mean; a bare name at the end of an absolute path only where that is one of Windows."""
        for other in path_spelling.readings(path):
            if "/" in other or path_spelling.is_windows(path) or not path_spelling.is_absolute(path):
                yield self._look(other)

    def _judged(self, path: str, status: os.stat_result) -> RecordingPath:
        whole = os.path.join(self.root, path)
        if stat.S_ISLNK(status.st_mode):
            if "annex/objects/" in os.readlink(whole) and not os.path.exists(whole):
                return RecordingPath(path, refused=ANNEX)
            if not self._contains(os.path.realpath(whole)):
                return RecordingPath(path, refused="link that leads out of the corpus root")
            try:
                status = os.stat(whole)
            except FileNotFoundError:
                return RecordingPath(path, refused="link to a missing file")
        if not stat.S_ISREG(status.st_mode):
            return RecordingPath(path, refused="not a file")
        if status.st_size == 0:
            return RecordingPath(path, refused="empty: the file has no bytes")
        if status.st_size < SMALL:
            with open(whole, "rb") as file:
                if refused := stand_in(file.read(256)):
                    return RecordingPath(path, refused=refused)
        return RecordingPath(path, status.st_size, status.st_mtime_ns)

    def _names(self, name: str) -> list[str]:
        """The name itself, then the same name with other audio endings."""
        stem, dot, ending = name.rpartition(".")
        if not dot or f".{ending.lower()}" not in AUDIO_ENDINGS:
            return [name, *(name + other for other in AUDIO_ENDINGS)]
        return [name, *(stem + other for other in AUDIO_ENDINGS if other != f".{ending}")]

    def _missing(self, folder: str, name: str) -> str:
        stem = name.rpartition(".")[0] or name
        for ending in VIDEO_ENDINGS:
            if os.path.exists(os.path.join(self.root, folder, stem + ending)):
                return f"only a video ({ending}): extract its sound first, e.g. ffmpeg -i NAME{ending} NAME.wav"
        return MISSING

    def _resolved_inside(self, folder: str) -> bool:
        return self._contains(os.path.realpath(os.path.join(self.root, folder)))

    def _contains(self, real: str) -> bool:
        roots = (self.root, self.blobs) if self.blobs else (self.root,)
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in roots)
