"""Files that are whole or absent: written under a temporary name, synced, then renamed."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.errors import SemoError
from annotate.store import fingerprint

TEMPORARY = ".tmp"


def write(path: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a temporary file beside ``path``, sync it, and rename it into place.

    Raises:
        SemoError: the folder cannot be written or the disk is full; no half-written file is left.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    with user_errors(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fill(temporary)
            with open(temporary, "rb+") as written:
                os.fsync(written.fileno())
            os.replace(temporary, path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    write(path, lambda temporary: _put(temporary, content))


def write_json(path: Path, content: Any) -> None:
    """Write readable JSON whole or not at all."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def append(path: Path, line: str) -> None:
    """Add a line, on the disk and whole when this returns; what a crash has left torn stays a line of its own.

    Raises:
        SemoError: the folder cannot be written or the disk is full; nothing of the line is left then.
    """
    with user_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            alone = _alone(handle)
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            try:
                _write_whole(handle, (b"\n" if torn else b"") + line.encode("utf-8") + b"\n")
                os.fsync(handle)
            except OSError:
                if alone:  # otherwise another process may have written behind it
                    os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)


def _write_whole(handle: int, content: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part, says how much, and refuses only the next."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def _alone(handle: int) -> bool:
    """Wait until no other process appends to the file; False where the file system or platform has no such lock."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)  # given back when the file is closed
    except (ImportError, OSError):
        return False
    return True


def kept(path: Path, wanted: str, make: Callable[[], dict[str, Any]], write: bool = True) -> dict[str, Any]:
    """The content kept in ``path`` under the fingerprint wanted; made, and kept, where there is none."""
    try:
        known = documents.read_json(path)
        if known["fingerprint"] == wanted and known["sha256"] == fingerprint.of(known["content"]):
            return dict(known["content"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    content = make()
    if write:
        digest = fingerprint.of(fingerprint.plain(content))  # of a file that a disk has damaged nothing is believed
        write_json(path, {"fingerprint": wanted, "sha256": digest, "content": content})
    return content


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def sweep(folder: Path) -> None:
    """Remove what a run that was killed left half-written; only for the holder of the folder's lock."""
    for left in [
        *folder.glob(f"*{TEMPORARY}"),
        *folder.glob(f"work/*/*{TEMPORARY}"),
        *folder.glob(f"work/*{TEMPORARY}"),
    ]:
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` outlive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def user_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses while writing ``path`` into one clear line."""
    try:
        yield
    except OSError as error:
        raise SemoError(f"{path}: {_why(error)}") from None


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return "the disk is full; free some space and run the same command again: finished work is kept"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "cannot be written: you have no write permission; choose another folder with output=DIR"
    return f"cannot be written: {error.strerror or error}"
