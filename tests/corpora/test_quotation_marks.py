"""Quotation marks in tables: every line is a row, or the table is refused with the line's number."""

import random
import string

import pytest

from annotate.corpora import table_file
from annotate.errors import SemoError


def records(path, content, **options):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    opened = table_file.opened(path, **options)
    return [(record.row, record.problem or tuple(record.values.values())) for record in opened.records()]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('a.wav\t"What do you mean? asked the man.\tsad', ("a.wav", '"What do you mean? asked the man.', "sad")),
        ('a.wav\tgo away."\tsad', ("a.wav", 'go away."', "sad")),
        ('a.wav\t"Hello" he said.\tsad', ("a.wav", '"Hello" he said.', "sad")),
        ('a.wav\tHe said "no" twice.\tsad', ("a.wav", 'He said "no" twice.', "sad")),
        ('a.wav\tIt is 5" long\tsad', ("a.wav", 'It is 5" long', "sad")),
        ('a.wav\t"Hello, he said."\tsad', ("a.wav", "Hello, he said.", "sad")),
        ('a.wav\t"a ""quoted"" word"\tsad', ("a.wav", 'a "quoted" word', "sad")),
        ('a.wav\t"a \\"quoted\\" word"\tsad', ("a.wav", 'a "quoted" word', "sad")),
        ("a.wav\t'single'\tsad", ("a.wav", "'single'", "sad")),
    ],
)
def test_a_line_of_a_tsv(tmp_path, line, cells):
    rest = "".join(f"{number}.wav\tIt is late.\tsad\n" for number in range(5))
    found = records(tmp_path / "t.tsv", f"path\ttext\tlabel\n{line}\n{rest}")
    assert found[0] == (2, cells)
    assert [row for row, _ in found] == [2, 3, 4, 5, 6, 7]


def test_quotes_that_open_in_one_row_and_close_in_another(tmp_path):
    """A novel read aloud: one sentence begins what another ends."""
    lines = ['a.wav\t"Come in, he said.\tsad', "b.wav\tAnd shut the door\tsad", 'c.wav\tat once."\tsad']
    found = records(tmp_path / "t.tsv", "path\ttext\tlabel\n" + "\n".join(lines))
    assert [cells[1] for _, cells in found] == ['"Come in, he said.', "And shut the door", 'at once."']


def test_cells_of_several_lines_are_one_row(tmp_path):
    content = 'path,text,label\na.wav,"Hello,\n\nyou and, you",sad\nb.wav,"two\r\nlines ""here""",happy\nc.wav,x,sad\n'
    assert records(tmp_path / "t.csv", content) == [
        (2, ("a.wav", "Hello,\n\nyou and, you", "sad")),
        (5, ("b.wav", 'two\r\nlines "here"', "happy")),
        (7, ("c.wav", "x", "sad")),
    ]


def test_what_may_be_one_row_or_several_is_refused_with_the_line_and_the_way_out(tmp_path):
    content = 'path,text\na.wav,x\nb.wav,"Hello\nc.wav,you"\n'
    with pytest.raises(SemoError, match=r"t\.csv, line 3: .* closes in line 4.*corpus\.options\.quotes=none"):
        records(tmp_path / "t.csv", content)
    found = records(tmp_path / "t.csv", content, quotes="none")
    assert [cells for _, cells in found] == [("a.wav", "x"), ("b.wav", '"Hello'), ("c.wav", 'you"')]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('b.wav,"Well, I said,sad', "quotation mark that is never closed (line 3)"),
        ('b.wav,"Well" I, said,sad', "row whose quotation marks do not enclose whole cells (line 3)"),
        ("b.wav,a\0b,sad", "row with a NUL character"),
    ],
)
def test_a_line_that_cannot_be_read_is_one_problem_and_takes_no_other_with_it(tmp_path, line, problem):
    content = f"path,text,label\na.wav,x,sad\n{line}\nc.wav,y,sad\n"
    assert records(tmp_path / "t.csv", content) == [
        (2, ("a.wav", "x", "sad")),
        (3, problem),
        (4, ("c.wav", "y", "sad")),
    ]


@pytest.mark.parametrize(
    "content",
    [
        'sep=;\r\npath;text\r\na.wav;"x; y"\r\n',
        '\n\npath,text\na.wav, "x; y"\n',
        '"path"\t"text"\n"a.wav"\t"x; y"\n',
        'path|text\ra.wav|"x; y"\r',
        '\ufeffpath,text\na.wav,"x; y"\n',
    ],
)
def test_dialects(tmp_path, content):
    assert [cells for _, cells in records(tmp_path / "t.csv", content)] == [("a.wav", "x; y")]


@pytest.mark.parametrize("place", ["head", "row", "many"])
def test_one_nul_does_not_make_a_table_utf_16(tmp_path, place):
    lines = ["path,text", *(f"{number}.wav,It is late" for number in range(30))]
    where = {"head": 0, "row": 7, "many": 8}[place]
    lines[where] += {"head": "\0", "row": "\0", "many": "\0" * 900}[place]
    if place == "head":
        with pytest.raises(SemoError, match="not a header"):
            records(tmp_path / "t.csv", "\n".join(lines))
        return
    found = records(tmp_path / "t.csv", "\n".join(lines))
    assert len(found) == 30
    assert [what for row, what in found if row == where + 1] == ["row with a NUL character"]


def test_whatever_quotes_there_are_no_row_is_lost(tmp_path):
    """Texts with quotation marks anywhere, written as each writer writes them: as many rows as were written."""
    chance = random.Random(3)
    alphabet = string.ascii_lowercase[:6] + '  \'"",'
    for number in range(300):
        texts = ["".join(chance.choices(alphabet, k=chance.randint(1, 12))) for _ in range(8)]
        lines = [f"{place}.wav\t{text}\tsad" for place, text in enumerate(texts)]
        found = records(tmp_path / f"{number}.tsv", "path\ttext\tlabel\n" + "\n".join(lines) + "\n")
        assert [cells[0] for _, cells in found] == [f"{place}.wav" for place in range(8)], texts
