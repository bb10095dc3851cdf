"""Tables of any common form as a stream of records: CSV, TSV, JSON lines, Parquet; a broken row is one problem."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from annotate import documents
from annotate.corpora import corpus_text, delimited_text
from annotate.errors import SemoError, UsageError

LONGEST_LINE = 1_000_000  # bytes of a line of JSON
HEAD = 65_536  # bytes looked at to find the encoding and the separator
BATCH = 1024  # rows of a Parquet file read at a time
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
STATED = re.compile(r'\ufeff?"?sep=(.)"?\s*$')
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")  # NeMo's manifests are lines of JSON in a .json
ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".json")


@dataclass(frozen=True)
class Record:
    """A row of a table: the number of its first line, its values by column, or what is wrong with it; and notes."""

    row: int
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """An opened table: the names of its columns, and its records in order, streaming.

    Attributes:
        columns: for JSON lines those of the first rows; a later row may have others.
        encoding: what it is read as; bytes that are not of it make a row broken.
    """

    path: Path
    columns: tuple[str, ...]
    encoding: str
    records: Callable[[], Iterator[Record]]


def opened(path: Path, *, encoding: str | None = None, separator: str | None = None, quotes: str = "auto") -> Table:
    """Open a table by the ending of its name.

    Args:
        path: a file with one of ``ENDINGS``.
        encoding: any that Python knows; by default UTF-8, or UTF-16 where the file begins so.
        separator: of columns, itself or its name in ``SEPARATORS``; by default what the header has most of.
        quotes: ``auto``, or ``none`` where quotation marks are part of the text (see ``delimited_text.py``).

    Raises:
        SemoError: it has no header, or cannot be read.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{path}: expected a table with one of the endings {', '.join(ENDINGS)}")
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise SemoError(f"{path}: cannot be read: {error.strerror or error}") from None
    corpus_text.refuse_stand_in(path, head)
    if ending == ".parquet":
        return _parquet(path)
    if not head.strip():
        raise SemoError(f"{path}: is empty; expected a header and rows")
    chosen = encoding or corpus_text.candidates(head)[0]
    _check_encoding(path, chosen)
    if ending in JSON_ENDINGS:
        array = ending == ".json" and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
        return _json_array(path) if array else _json_lines(path, chosen)
    return _separated(path, chosen, SEPARATORS.get(separator or "", separator), ending, quotes)


def _check_encoding(path: Path, encoding: str) -> None:
    try:
        "".encode(encoding)
    except LookupError:
        raise UsageError(f"{path}: '{encoding}' is not a known encoding; try utf-8, utf-16, gbk, cp1252") from None


def _separated(path: Path, encoding: str, separator: str | None, ending: str, quotes: str) -> Table:
    # undecodable bytes become lone surrogates in UTF-8, so that just their row is put aside
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"

    def lines() -> Iterator[delimited_text.SeparatedLine]:
        with open(path, encoding=encoding, errors=errors, newline="") as file:
            for _ in range(passed):
                file.readline()
            yield from delimited_text.Lines(file, str(path), chosen, quotes, passed)

    with open(path, encoding=encoding, errors=errors, newline="") as file:
        passed, stated, first = _first_line(file)
    chosen = separator or stated or ("\t" if ending == ".tsv" else max(",;\t|", key=first.count))
    header = next(lines(), None)
    if header is None or header.problem or not any(header.cells):
        raise SemoError(f"{path}: the first line is not a header of column names")
    columns = tuple(name.strip().lstrip("\ufeff") for name in header.cells)
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise SemoError(f"{path}: the header names column '{twice[0]}' twice")

    def records() -> Iterator[Record]:
        for line in islice(lines(), 1, None):
            yield _of_line(line, columns)

    return Table(path, columns, encoding, records)


def _first_line(file: TextIO) -> tuple[int, str | None, str]:
    """Lines before the header (blank ones, and Excel's ``sep=;``), the separator that is stated, the header."""
    passed, stated = 0, None
    while line := file.readline(HEAD):
        match = STATED.match(line)
        if not match and line.strip():
            break
        passed, stated = passed + 1, match[1] if match else stated
    return passed, stated, line


def _of_line(line: delimited_text.SeparatedLine, columns: Sequence[str]) -> Record:
    if line.problem:
        return Record(line.number, problem=line.problem)
    if len(line.cells) > len(columns) and any(line.cells[len(columns) :]):
        return Record(line.number, problem=f"row with more cells than the header ({len(columns)})")
    if "\ufffd" in "".join(line.cells):
        return Record(line.number, problem="text that is not in the table's encoding")
    values = dict(zip(columns, line.cells, strict=False))
    return Record(line.number, values, notes=(line.note,) if line.note else ())


def _json_lines(path: Path, encoding: str) -> Table:
    def records() -> Iterator[Record]:
        with open(path, "rb") as file:
            for number, line in enumerate(_lines(file, encoding), 1):
                if line is None or line.strip():
                    yield _of_json(number, line, encoding)

    columns = dict.fromkeys(name for record in islice(records(), 100) for name in record.values)
    if not columns:
        raise SemoError(f"{path}: found no JSON object in its first lines; expected one per line")
    return Table(path, tuple(columns), encoding, records)


def _json_array(path: Path) -> Table:
    """A JSON array of objects, one for each row; the whole is read at once."""
    try:
        rows = documents.read_json(path)
    except (ValueError, RecursionError) as error:
        raise SemoError(f"{path}: is not valid JSON: {str(error).splitlines()[0]}") from None
    if not isinstance(rows, list):
        raise SemoError(f"{path}: expected an array of JSON objects")
    columns = dict.fromkeys(str(name) for row in rows[:100] if isinstance(row, dict) for name in row)
    if not columns:
        raise SemoError(f"{path}: found no JSON object in its array; expected one for each row")

    def records() -> Iterator[Record]:
        for number, row in enumerate(rows, 1):
            yield (
                Record(number, row) if isinstance(row, dict) else Record(number, problem="entry that is not an object")
            )

    return Table(path, tuple(columns), "utf-8", records)


def _lines(file: Any, encoding: str) -> Iterator[bytes | None]:
    """Lines as bytes; None for one that is too long, whose rest is passed over without being kept."""
    if encoding.startswith("utf-16"):
        # a line feed has two bytes there
        yield from (line.encode(encoding) for line in file.read().decode(encoding, "replace").split("\n"))
        return
    while line := file.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _of_json(number: int, line: bytes | None, encoding: str) -> Record:
    if line is None:
        return Record(number, problem=f"line of more than {LONGEST_LINE:,} bytes")
    try:
        content = json.loads(line.decode(encoding))
    except UnicodeDecodeError:
        return Record(number, problem="text that is not in the table's encoding")
    except (ValueError, RecursionError):
        return Record(number, problem="line that is not a JSON object")
    if not isinstance(content, dict):
        return Record(number, problem="line that is not a JSON object")
    return Record(number, content)


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = tuple(pq.ParquetFile(path).schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise SemoError(f"{path}: is not a valid Parquet file: {str(error).splitlines()[0]}") from None

    def records() -> Iterator[Record]:
        number = 0
        # recordings may lie in the same file: columns of bytes are not read
        names = [field.name for field in pq.ParquetFile(path).schema_arrow if is_text_like(field.type)]
        for batch in pq.ParquetFile(path).iter_batches(batch_size=BATCH, columns=names):
            for values in rows_of(batch):
                number += 1
                yield Record(number, values)

    return Table(path, columns, "utf-8", records)


def is_text_like(kind: Any) -> bool:
    """Whether a column's type can hold what a row says of a recording: text, numbers, truth values."""
    import pyarrow as pa

    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_floating,
              pa.types.is_boolean, pa.types.is_dictionary, pa.types.is_decimal, pa.types.is_duration,
              pa.types.is_time)  # fmt: skip
    return any(check(kind) for check in checks)


def rows_of(batch: Any) -> list[dict[str, Any]]:
    """The rows of a record batch; text that is not UTF-8 comes as lone surrogates, which puts its row aside."""
    import pyarrow as pa

    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
        return rows
    except UnicodeDecodeError:
        held = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                raw = column.cast(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
                held[name] = [v if v is None else v.decode("utf-8", "surrogateescape") for v in raw.to_pylist()]
            else:
                held[name] = column.to_pylist()
        return [dict(zip(held, cells, strict=True)) for cells in zip(*held.values(), strict=True)]
