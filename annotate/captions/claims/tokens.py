"""A caption cut into words and marks, with their places; hyphens part words, so that "low-pitched" is two."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(
    r"[^\W_]+(?=n['\u2019]t\b)|n['\u2019]t\b|['\u2019](?:s|re|ll|d|ve|m)\b|[^\W_]+|[^\w\s]", re.IGNORECASE
)
QUOTE = "\ue000"  # stands for a quotation; a private character, so that no caption holds it by itself
STOPS = frozenset(".;!?:\u2026")
MARKS = frozenset(',\u2014\u2013()[]"\u201c\u201d*/&|+')


@dataclass(frozen=True)
class Token:
    """One word or mark; ``low`` is its lower-case form, ``n't`` as ``not``."""

    low: str
    start: int
    end: int
    capital: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is a word and no mark."""
        return self.low[0].isalnum()


def tokens(text: str) -> list[Token]:
    """The words and marks of a text in order, hyphens left out."""
    found = []
    for match in _WORD.finditer(text):
        low = match.group().lower().replace("\u2019", "'")
        if low == "-":
            continue
        found.append(Token("not" if low == "n't" else low, match.start(), match.end(), match.group()[:1].isupper()))
    return found


def split(text: str) -> tuple[str, ...]:
    """A phrase of the lexicon, cut as captions are."""
    if (plain := text.replace("-", " ").replace(" ", "")).isascii() and plain.isalnum():
        return tuple(text.replace("-", " ").lower().split())  # most of the lexicon, ten times as fast
    return tuple(token.low for token in tokens(text))


def word_set(text: str) -> frozenset[str]:
    """Words written one after the other as a set."""
    return frozenset(text.split())
