"""A dry run writes nothing, fetches nothing and speaks nothing, whatever the reader would do first."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import annotate
from annotate import espeak_ng, registry

WRITES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.utime",
          "os.chmod", "shutil.copyfile", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp"}  # fmt: skip
FETCHES = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.posix_spawn"}


class Spy:
    """What the interpreter is asked to change: an audit hook, which cannot be taken off, so it is switched."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: Any) -> None:
        if not self.on or not (event in WRITES or event in FETCHES):
            return
        if event == "open":
            _, mode, flags = arguments
            writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC)
            if not (writing or any(sign in (mode or "") for sign in "wax+")):
                return
        if "__pycache__" in str(arguments) or "/dev/null" in str(arguments):
            return
        self.events.append(f"{event} {arguments}")


SPY = Spy()


@pytest.fixture
def spy() -> Iterator[Spy]:
    SPY.events.clear()
    yield SPY
    SPY.on = False


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def planned(spy: Spy, recipe: str, output: Path, **sections: Any) -> list[Any]:
    """The lines of a dry run, held against what it did meanwhile."""
    spy.on = True
    try:
        lines = annotate.plan_run(recipe, output=output, **sections)
    finally:
        spy.on = False
    assert spy.events == []
    return lines


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary files and caches go below ``tmp_path``, where a dry run must leave nothing."""
    for name in ("TMPDIR", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "TMPDIR").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_the_spy_sees_what_it_looks_for(spy: Spy, tmp_path: Path) -> None:
    spy.on = True
    (tmp_path / "new").write_text("x")
    os.mkdir(tmp_path / "folder")
    with socket.socket() as one, pytest.raises(OSError, match=r".*"):
        one.connect(("127.0.0.1", 1))
    spy.on = False
    assert {event.split()[0] for event in spy.events} == {"open", "os.mkdir", "socket.connect"}


def test_the_quickstart_is_not_spoken(spy: Spy, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_ng, "speak", lambda *_, **__: pytest.fail("a dry run speaks"))
    before = files(elsewhere)
    (line,) = planned(spy, "quickstart", elsewhere / "out", corpus={"root": str(elsewhere / "corpus")})
    assert line.part == "corpus"
    assert files(elsewhere) == before


def test_nothing_is_fetched_from_the_hub(spy: Spy, elsewhere: Path) -> None:
    before = files(elsewhere)
    chosen = {"root": str(elsewhere / "corpus"), "options": {"repo": "someone/something"}}
    (line,) = planned(spy, "huggingface", elsewhere / "out", corpus=chosen)
    assert line.part == "corpus"
    assert files(elsewhere) == before


def test_no_other_reader_prepares_anything() -> None:
    """Whoever gives a reader a ``prepare`` adds a test of its dry run here."""
    prepared = {name for name in registry.names("reader") if registry.load("reader", name).prepare is not None}
    assert prepared == {"espeak", "huggingface"}


def test_nor_is_anything_written_beside_a_finished_output(spy: Spy, tiny: Path, elsewhere: Path) -> None:
    output = elsewhere / "out"
    sections = {
        "corpus": {"root": str(tiny)}, "features": {"pitch": "none", "voice": "none"}, "dataset": {"audio": "none"},
        "descriptors": {"smallest_group": 5},
    }  # fmt: skip
    annotate.run("ravdess", output=output, workers=1, progress=False, **sections)
    before = files(elsewhere)
    assert not any(line.shards for line in planned(spy, "ravdess", output, **sections))
    changed = {**sections, "descriptors": {"smallest_group": 5, "method": "zscore"}}
    assert any(line.shards for line in planned(spy, "ravdess", output, **changed))
    assert files(elsewhere) == before
