"""Where all text goes to the terminal: nothing that comes from data moves the cursor, colours, hides or turns text.

A speaker, a label or a file may be named with ESC, NUL, a mark of direction or half a character; a terminal would obey
it, or printing would fail. Such characters are written by their numbers, as JSON does: a line of JSON stays the same.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import TextIO

_JOINERS = "\u200c\u200d"  # part of how Persian, Hindi and emoji are written; they move nothing
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def printable(text: object) -> str:
    """The text on one line, every character that would not be seen written out."""
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(_shown(character) for character in plain)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN or character in _JOINERS:
        return character
    code = ord(character)
    if code > 0xFFFF:  # as JSON writes it
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def show(text: object = "", *, error: bool = False, file: TextIO | None = None) -> None:
    """Print one line, to standard output, standard error or a file; what the encoding lacks is written out too."""
    to = file or (sys.stderr if error else sys.stdout)
    line = printable(text)
    encoding = getattr(to, "encoding", None) or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=to, flush=error or file is not None)


def show_lines(text: str, *, error: bool = False) -> None:
    """Print text of several lines."""
    for line in text.split("\n"):
        show(line.replace("\t", "    "), error=error)
