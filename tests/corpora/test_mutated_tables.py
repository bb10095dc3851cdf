"""Mutants of tables in every dialect: read, or refused in one line; a mutant of a few lines loses no other row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mutants
import pytest

from annotate.corpora import corpus_rows
from annotate.corpora import data_manifest as manifests

ROWS = [(f"a{n}.wav", ("happy", "sad")[n % 2], f"s{n % 3}", f'Say "no", {n}; it\'s late|now') for n in range(12)]
HEAD = ("path", "emotion", "speaker", "text")


def quoted(separator: str) -> str:
    lines = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (HEAD, *ROWS)]
    return "\n".join(lines) + "\n"


DIALECTS = {
    "csv": ("metadata.csv", quoted(","), "utf-8"), "crlf": ("metadata.csv", quoted(",").replace("\n", "\r\n"), "utf-8"),
    "semicolon": ("metadata.csv", quoted(";"), "utf-8"), "pipe": ("metadata.csv", quoted("|"), "utf-8"),
    "tsv": ("metadata.tsv", quoted("\t"), "utf-8"), "bom": ("metadata.csv", quoted(","), "utf-8-sig"),
    "utf-16": ("metadata.csv", quoted(","), "utf-16"), "cr": ("metadata.csv", quoted(",").replace("\n", "\r"), "utf-8"),
}  # fmt: skip


def rows(path: Path) -> list[dict[str, Any]]:
    corpus = manifests.load("table")
    reader, request = corpus_rows.request_of(corpus, path.parent, {"table": path.name})
    return list(corpus_rows.checked(corpus, reader, request))


@pytest.fixture(params=DIALECTS)
def table(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    name, text, encoding = DIALECTS[request.param]
    for path, *_ in ROWS:
        (tmp_path / path).write_bytes(b"RIFF" + bytes(200))
    (tmp_path / name).write_bytes(text.encode(encoding))
    return request.param, tmp_path / name


def hold(dialect: str, path: Path, count: int) -> mutants.Outcome:
    text_like = dialect not in ("bom", "utf-16")
    mutate = mutants.text_of(path) if text_like else mutants.bytes_of(path)
    return mutants.hold(f"table {dialect}", count, mutate, rows, path)


def test_a_table_as_it_is_is_read(table: tuple[str, Path]) -> None:
    _, path = table
    assert [
        (row["path"], row["emotion_original"], row["speaker"], row["transcript_given"]) for row in rows(path)
    ] == ROWS


def test_mutants_of_tables_are_read_or_refused_in_one_line(table: tuple[str, Path]) -> None:
    hold(*table, 40).require_none()


@pytest.mark.slow
def test_many_mutants_of_tables(table: tuple[str, Path]) -> None:
    hold(*table, 600).require_none()


@pytest.mark.parametrize("dialect", ["csv", "semicolon", "pipe", "tsv", "crlf"])
@pytest.mark.parametrize("harm", ["a quotation mark that opens", "one that closes nothing", "one in a word"])
def test_a_stray_quotation_mark_takes_no_other_row(tmp_path: Path, dialect: str, harm: str) -> None:
    """Siblings of case 01, each in the fifth of twelve rows."""
    name, separator = DIALECTS[dialect][0], {"semicolon": ";", "pipe": "|", "tsv": "\t"}.get(dialect, ",")
    cell = {"a quotation mark that opens": '"Late', "one that closes nothing": 'Late"', "one in a word": 'La"te'}[harm]
    lines = [separator.join(HEAD)]
    for n, (path, emotion, speaker, _) in enumerate(ROWS):
        (tmp_path / path).write_bytes(b"RIFF" + bytes(200))
        lines.append(separator.join((path, emotion, speaker, cell if n == 4 else f"words {n}")))
    end = "\r\n" if dialect == "crlf" else "\n"
    (tmp_path / name).write_bytes((end.join(lines) + end).encode())
    found = rows(tmp_path / name)
    assert [row["path"] for row in found] == [path for path, *_ in ROWS]
    assert [row["transcript_given"] for row in found if row["path"] != "a4.wav"] == [
        f"words {n}" for n in range(12) if n != 4
    ]
