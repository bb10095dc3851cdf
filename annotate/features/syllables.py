"""Syllables of a text."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def count(text: str, language: str) -> int | None:
    """Syllables of a text; None for a language without support."""
    if language != "en":
        return None
    return sum(_english(word.lower()) for word in WORD.findall(text))


def _english(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    if re.search(r"[^aeiouyl]e$|[^aeiouy]es$|[^td]ed$", word) and groups > 1:
        groups -= 1
    return max(groups, 1)
