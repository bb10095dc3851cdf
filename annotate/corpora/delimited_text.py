"""Rows of a table with a separator (CSV, TSV) from its physical lines, whatever its dialect does with quotes.

A line that reads as it stands is a row. A quotation mark that is still open at the end of a line either begins a
cell of several lines or was never meant as one, as in texts that quote half a sentence; what follows it decides.
Where both readings fit the table is refused with the line's number, since each of them would invent rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from annotate.errors import SemoError

QUOTE = '"'
LONGEST_CELL = 131_072  # characters
MOST_LINES = 500  # of one cell
QUOTES = ("auto", "none")
OPEN = "quotation mark that is never closed"
# what a line must hold for a dialect to be tried on it; the first that gives as many cells as the header wins
DIALECTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ('{separator} "', {"skipinitialspace": True}),
    ('"', {}),
    ('\\"', {"doublequote": False, "escapechar": "\\"}),
)


@dataclass(frozen=True)
class SeparatedLine:
    """A row of a table: the number of its first physical line, its cells, or what is wrong with it."""

    number: int
    cells: tuple[str, ...] = ()
    problem: str | None = None
    note: str | None = None


class Lines:
    """The rows of a file, streaming; at most ``MOST_LINES`` lines are held.

    Args:
        file: opened with ``newline=""``.
        where: the table's name, for errors.
        separator: one character.
        quotes: ``auto``, or ``none`` where quotation marks are text like any other.
        passed: lines of the file that were read before.
    """

    def __init__(self, file: TextIO, where: str, separator: str, quotes: str = "auto", passed: int = 0) -> None:
        self.file, self.where, self.separator, self.quotes = file, where, separator, quotes
        self.ahead: list[str] = []
        self.number = passed

    def __iter__(self) -> Iterator[SeparatedLine]:
        header = next(self.rows(0), None)
        if header is None:
            return
        yield header
        yield from self.rows(len(header.cells))

    def rows(self, width: int) -> Iterator[SeparatedLine]:
        """The rows from here on; blank lines are passed over.

        Args:
            width: cells of the header; 0 where the header itself is read.
        """
        while (line := self._next()) is not None:
            if not line.strip("\r\n"):
                continue
            yield self._row(line, width)

    def _next(self) -> str | None:
        line = self.ahead.pop(0) if self.ahead else self.file.readline()
        self.number += bool(line)
        return line or None

    def _peek(self, place: int) -> str | None:
        while len(self.ahead) <= place:
            line = self.file.readline()
            if not line:
                return None
            self.ahead.append(line)
        return self.ahead[place]

    def _row(self, line: str, width: int) -> SeparatedLine:
        number = self.number
        if "\0" in line:
            return SeparatedLine(number, problem="row with a NUL character")
        literal = tuple(line.rstrip("\r\n").split(self.separator))
        if self.quotes == "none" or QUOTE not in line:
            return _sized(number, literal)
        read = self._single(line, width)
        if read is not None:
            return _sized(number, read)
        return self._several(line, literal, width)

    def _single(self, line: str, width: int) -> tuple[str, ...] | None:
        """The cells of a line whose quotation marks are all closed in it; None where they are not."""
        first: tuple[str, ...] | None = None
        for sign, dialect in DIALECTS:
            cells = self._strict([line], **dialect) if sign.format(separator=self.separator) in line else None
            if cells is not None and (not width or len(cells) == width):
                return cells
            first = first or cells
        literal = tuple(line.rstrip("\r\n").split(self.separator))
        if len(literal) == width:
            return None if first is None and self._opens(line) else literal
        return first

    def _opens(self, line: str) -> bool:
        """Whether a quotation mark is open at the end of the line."""
        try:
            next(csv.reader([line], delimiter=self.separator, strict=True))
        except csv.Error as error:
            return "unexpected end of data" in str(error)
        return False

    def _strict(self, lines: Sequence[str], **dialect: Any) -> tuple[str, ...] | None:
        try:
            rows = list(csv.reader(lines, delimiter=self.separator, strict=True, **dialect))
        except csv.Error:
            return None
        return tuple(rows[0]) if len(rows) == 1 else None

    def _several(self, line: str, literal: tuple[str, ...], width: int) -> SeparatedLine:
        """A line with a quotation mark that it does not close: a cell of several lines, or a mark that is text."""
        number = self.number
        if not self._opens(line):
            return SeparatedLine(
                number, problem=f"row whose quotation marks do not enclose whole cells (line {number})"
            )
        cells, count = self._closed(line)
        following = [self.ahead[place] for place in range(count)]
        as_cell = cells is not None and (not width or len(cells) == width)
        as_rows = (
            bool(width) and len(literal) == width and all(self._is_row(next_line, width) for next_line in following)
        )
        if as_cell and as_rows and self.separator != "\t":
            raise SemoError(
                f"{self.where}, line {number}: a quotation mark opens here and closes in line {number + count}; "
                "the text between may be one row or several; set corpus.options.quotes=none if quotation marks are "
                "part of the text, otherwise close it"
            )
        if cells is not None and not as_rows:
            del self.ahead[:count]
            self.number += count
            return _sized(number, cells)
        if len(literal) == width:
            return SeparatedLine(number, literal, note=f"table: line {number} has a {OPEN}, read as text")
        return SeparatedLine(number, problem=f"{OPEN} (line {number})")

    def _closed(self, line: str) -> tuple[tuple[str, ...] | None, int]:
        """The cells of the row that begins with a line and the number of further lines it takes; (None, 0) if never."""
        lines, length = [line], len(line)
        for place in range(MOST_LINES):
            following = self._peek(place)
            if following is None or (length := length + len(following)) > 2 * LONGEST_CELL:
                break
            lines.append(following)
            if QUOTE in following:
                cells = self._strict(lines)
                if cells is not None:
                    return cells, place + 1
                if not self._still_open(lines):
                    break
        return None, 0

    def _still_open(self, lines: Sequence[str]) -> bool:
        try:
            list(csv.reader(lines, delimiter=self.separator, strict=True))
        except csv.Error as error:
            return "unexpected end of data" in str(error)
        return False

    def _is_row(self, line: str, width: int) -> bool:
        return len(line.rstrip("\r\n").split(self.separator)) == width or len(self._strict([line]) or ()) == width


def _sized(number: int, cells: tuple[str, ...]) -> SeparatedLine:
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return SeparatedLine(number, problem=f"cell of more than {LONGEST_CELL:,} characters")
    return SeparatedLine(number, cells)
