"""In which scripts a text is written, and which of them the rules of a language read (``scripts.yaml``)."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from annotate import documents

LATIN = "Latin"


@cache
def table() -> dict[str, Any]:
    """What ``scripts.yaml`` says."""
    content: dict[str, Any] = documents.packaged_yaml(Path(__file__).with_suffix(".yaml"))
    return content


@lru_cache(maxsize=4096)
def of_letter(letter: str) -> str | None:
    """The script of a letter, as Unicode names it; None for what is no letter or of no script."""
    if not unicodedata.category(letter).startswith("L"):
        return None
    plain = unicodedata.normalize("NFKC", letter)[:1]  # full-width Latin is Latin
    first = unicodedata.name(plain, "").partition(" ")[0]
    if not first or first in table()["none"]:
        return None
    return str(table()["names"].get(first, first.capitalize()))


def of_text(text: str) -> set[str]:
    """The scripts of a text's letters."""
    if text.isascii():
        return {LATIN} if any(map(str.isalpha, text)) else set()
    return {script for letter in set(text) if (script := of_letter(letter)) is not None}


def read_by(language: str) -> frozenset[str]:
    """The scripts that the rules of a language read.

    Args:
        language: its ISO 639 code.
    """
    return frozenset() if language in table()["unread"] else frozenset(table()["scripts"].get(language, LATIN).split())


def unread(text: str, language: str) -> set[str]:
    """The scripts of a text that the rules of a language do not read; empty where all of it can be counted."""
    return of_text(text) - read_by(language)


def letters(text: str, language: str) -> int | None:
    """Letters of a text that are a syllable each; None for a language whose letters are not."""
    script = table()["syllabic"].get(language)
    return None if script is None else sum(of_letter(letter) == script for letter in text)
