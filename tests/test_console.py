"""Nothing that comes from data reaches the terminal raw."""

from __future__ import annotations

import ast
import csv
import io
import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import soundfile
from conftest import voice
from hypothesis import given
from hypothesis import strategies as st

from annotate import console
from annotate.cli.annotate import main
from annotate.errors import SemoError

PACKAGE = Path(console.__file__).parent
HOSTILE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202e\u2066\x00\udc80\u2028\U000e0041"


def seen(text: str) -> bool:
    return all(unicodedata.category(one)[0] != "C" or one in "\n\u200c\u200d" for one in text)


def test_one_place_writes_to_the_terminal() -> None:
    for path in PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
        assert "print" not in names or path.name == "console.py", path


@given(st.text())
def test_any_text_is_one_line_of_characters_that_are_seen(text: str) -> None:
    shown = console.printable(text)
    assert seen(shown)
    assert "\n" not in shown
    if seen(text) and "\n" not in text:
        assert shown == text


@given(st.text())
def test_a_line_of_json_stays_the_same(text: str) -> None:
    assert json.loads(console.printable(json.dumps({"a": text}, ensure_ascii=False))) == {"a": text}


@pytest.mark.parametrize("text", ["日本語\u3000です", "می\u200cخواهم", "naïve\u00a0text", "\U0001f469\u200d\U0001f52c"])
def test_what_people_write_is_shown_as_it_is(text: str) -> None:
    assert console.printable(text) == text


def test_an_error_holds_nothing_that_a_terminal_obeys() -> None:
    assert seen(str(SemoError(f"{HOSTILE}: no such label")))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_an_encoding_that_lacks_a_character_is_no_failure(encoding: str) -> None:
    to = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    console.show("Übung 日本 \udcff", file=to)
    assert isinstance(to.buffer, io.BytesIO)
    assert to.buffer.getvalue().decode(encoding).count("\n") == 1


def hostile_corpus(root: Path) -> Path:
    """A corpus whose speakers, labels, files and sexes are what a terminal would obey."""
    root.mkdir()
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "speaker", "emotion", "gender", "text"])
        for number in range(8):
            name = f"c\x1b[3{number}m{number}.wav"
            soundfile.write(root / name, voice(1.0, 110 + 20 * number, syllables=4), 16000)
            label = ("joy\x1b]0;owned\x07", "\x9b2Jrage", "\u202efear")[number % 3]
            writer.writerow([name, f"\x1b[2J{number % 2}", label, "fm"[number % 2], "Hello \x1b[1m there."])
        writer.writerow(["gone\x1b[5m.wav", "\x1b[2J0", "joy", "f", ""])
    return root


def test_a_hostile_corpus_moves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, out = hostile_corpus(tmp_path / "corpus"), tmp_path / "out"
    lines = [f"corpus.root={root}", "corpus.split=random", "descriptors.smallest_group=3", "features.voice=none"]
    assert main(["check", "table", *lines]) in (0, 1)
    assert main(["run", "table", *lines, "--output", str(out), "--workers=1"]) == 0
    assert main(["verify", str(out)]) == 0
    assert main(["run", "table", *lines, "corpus.labels=a\x1b[31mb", "--output", str(out)]) == 2
    assert main(["describe", "\x1b[31mpitch"]) == 2
    assert main(["run", f"{root}/\x1b[31m.yaml"]) in (1, 2)
    told = capsys.readouterr()
    assert seen(told.out), ascii(told.out)
    assert seen(told.err), ascii(told.err)


def test_half_a_character_in_a_name_is_no_failure(tmp_path: Path) -> None:
    """A file name that is no UTF-8 comes as lone surrogates, which standard output refuses."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from annotate.cli.annotate import main; sys.exit(main(sys.argv[1:]))",
         "run", b"no\xff\x1bsuch.yaml"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (1, 2)
    assert b"\x1b" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
