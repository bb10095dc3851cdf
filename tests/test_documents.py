"""YAML and JSON of strangers: whatever bounds they burst, one clear line, at once, from every command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from annotate import documents, settings
from annotate.cli.annotate import main
from annotate.corpora import data_manifest
from annotate.errors import SemoError

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 20)}]}}\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)
# what -> the text, and what its line says
BAD = {
    "aliases that repeat aliases": (BOMB, "counting those that aliases repeat"),
    "merges that repeat merges": (MERGES, "counting those that aliases repeat"),
    "a mapping bomb": (BOMB.replace("[", "{k: [").replace("]", "]}"), "counting those that aliases repeat"),
    "a list within itself": ("a: &a [1, *a]\n", "is inside what it repeats"),
    "a mapping within itself": ("a: &a\n  b: *a\n", "is inside what it repeats"),
    "two that hold each other": ("a: &a\n  b: &b [*a]\nc: *b\n", "is inside what it repeats"),
    "the whole within itself": ("&a\nname: *a\n", "is inside what it repeats"),
    "5,000 brackets": ("a: " + "[" * 5000 + "]" * 5000, "nest"),
    "5,000 brackets left open": ("a: " + "[" * 5000, "nest"),
    "5,000 braces": ("a: " + "{b: " * 5000 + "}" * 5000, "nested more than 60"),
    "5,000 dashes": ("a:\n" + "".join(" " * n + "-\n" for n in range(1, 300)), "nested more than 60"),
    "a number of 100,000 digits": ("a: " + "9" * 100_000, "number of 100000 digits"),
    "a number to base 60": ("a: " + ":".join(["59"] * 20_000), "a number of"),
    "a date that is none": ("a: 2001-99-99", "not valid YAML"),
    "an object of Python": ("a: !!python/object/apply:os.system [id]", "not valid YAML"),
    "NUL": ('a: "x\\0y"', "NUL"),
    "half a character": ('a: "\\ud800"', "not valid YAML"),
    "a key that is a list": ("? [a]\n: 1", "not valid YAML"),
    "two documents": ("a: 1\n---\nb: 2\n", "not valid YAML"),
    "no mapping": ("[1, 2]", "expected a mapping"),
    "an unknown alias": ("a: *b", "not valid YAML"),
    "too large": ("a: " + "x" * (5 << 20), "expected at most"),
    "nothing": ("", "expected a mapping"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_each_is_one_line_that_names_the_file(what: str, tmp_path: Path) -> None:
    text, wanted = BAD[what]
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    for read in (documents.read_yaml, lambda p: settings.load(str(p)), lambda p: data_manifest.load(str(p))):
        with pytest.raises(SemoError, match=wanted) as refused:
            read(path)
        assert str(path) in str(refused.value)


@pytest.mark.parametrize("what", ["aliases that repeat aliases", "5,000 brackets", "a list within itself"])
def test_commands_end_in_one_line(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD[what][0])
    for line in (
        ["check", str(path)],
        ["run", str(path)],
        ["check", "ravdess", f"corpus.manifest={path}", "corpus.root=x"],
        ["check", "ravdess", f"corpus.options={BAD[what][0].partition(': ')[2].splitlines()[0]}", "corpus.root=x"],
    ):
        assert main(line) == 2, line
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1
        assert "unexpected" not in error


def test_a_device_a_pipe_and_a_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("zero.yaml", "pipe.yaml", "folder.yaml", "absent.yaml"):
        with pytest.raises(SemoError, match=name):
            documents.read_yaml(tmp_path / name)


def test_what_is_within_the_bounds_is_read(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text("a: &a {x: 1}\nb: {<<: *a, y: [*a, *a]}\nroot: ???\nlabels: {root: ???}\n")
    assert documents.read_yaml(path) == {
        "a": {"x": 1}, "b": {"x": 1, "y": [{"x": 1}, {"x": 1}]}, "root": "???", "labels": {"root": "???"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "[" * 5000 + "]" * 5000, "[" * 250 + "]" * 250, "", "\x00", "{", "9" * 5000],
)
def test_json_of_any_depth_is_refused_as_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested|Expecting|digits"):
        documents.parse_json(text)


def test_json_of_many_lists_is_not_deep() -> None:
    text = json.dumps({"a": [[1], {"b": [2]}] * 1000})
    assert documents.parse_json(text) == documents.parse_json(text.encode()) == json.loads(text)


def test_a_file_of_json_is_bounded_and_regular(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": "x" * 100}))
    assert documents.read_json(path)
    with pytest.raises(ValueError, match="too large"):
        documents.read_json(path, most_bytes=50)
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    with pytest.raises(ValueError, match="not a file"):
        documents.read_json(tmp_path / "zero.json")
