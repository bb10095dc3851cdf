"""A caption cut into words and marks, with their places; hyphens part words, so that "low-pitched" is two."""

from __future__ import annotations

import re
from functools import lru_cache
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


@lru_cache(maxsize=8)  # a caption is cut for its clauses, and for its reasons once more
def tokens(text: str) -> tuple[Token, ...]:
    """The words and marks of a text in order, hyphens within words left out, a dash between blanks kept."""
    pieces = []
    for match in _WORD.finditer(text):
        word, (start, end) = match.group(), match.span()
        if word.isalnum():
            pieces.append(Token(word.lower(), start, end, word[0].isupper()))
        elif word != "-":
            beside = word == "/" and "/" in (text[start - 1 : start], text[end : end + 1])
            pieces.append(Token(";" if beside else _written(word), start, end, word[0].isupper()))
        elif (start == 0 or text[start - 1].isspace()) and text[end : end + 1].isspace():
            pieces.append(Token("\u2014", start, end))
    return tuple(pieces)


def _written(mark: str) -> str:
    """A mark, number or contraction as captions in English have it."""
    low = mark.lower().replace("\u2019", "'")
    return _WRITTEN.get(low, "\n" if low[0] == "\n" else low)


def split(text: str) -> tuple[str, ...]:
    """A phrase of the lexicon, cut as captions are."""
    if (plain := text.replace("-", " ").replace(" ", "")).isascii() and plain.isalnum():
        return tuple(text.replace("-", " ").lower().split())  # most of the lexicon, ten times as fast
    return tuple(token.low for token in tokens(text))
