"""A caption cut into words and marks, with their places; hyphens part words, so that "low-pitched" is two."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(
    r"[^\W_]+(?=n['\u2019]t\b)|n['\u2019]t\b|['\u2019](?:s|re|ll|d|ve|m)\b|\d+(?:\.\d+)?(?=\W|$)|[^\W_]+|\n+|[^\w\s]",
    re.IGNORECASE,
)
# marks of other scripts, a contraction, dashes
_WRITTEN = {**dict(zip("：，、。；＝", ":,,.;=", strict=True)), "n't": "not", "\u2013": "\u2014", "\u2026": "."}
STOPS = frozenset(".;!?\n")
QUOTE = "\ue000"  # stands for a quotation; a private character, so that no caption holds it by itself


class Token(NamedTuple):
    """A word or mark; ``low`` is its lower-case form, ``n't`` as ``not``."""

    low: str
    start: int
    end: int
    capital: bool = False


def tokens(text: str) -> list[Token]:
    """The words and marks of a text in order, hyphens within words left out, a dash between blanks kept."""
    pieces = []
    for match in _WORD.finditer(text):
        low = match.group().lower().replace("\u2019", "'")
        if low == "-":
            spaced = text[match.start() - 1 : match.start()].isspace() or match.start() == 0
            if not (spaced and text[match.end() : match.end() + 1].isspace()):
                continue
            low = "\u2014"
        if low == "/" and "/" in (text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]):
            low = ";"
        low = _WRITTEN.get(low, "\n" if low[0] == "\n" else low)
        pieces.append(Token(low, match.start(), match.end(), match.group()[:1].isupper()))
    return pieces


def split(text: str) -> tuple[str, ...]:
    """A phrase of the lexicon, cut as captions are."""
    if (plain := text.replace("-", " ").replace(" ", "")).isascii() and plain.isalnum():
        return tuple(text.replace("-", " ").lower().split())  # most of the lexicon, ten times as fast
    return tuple(token.low for token in tokens(text))
