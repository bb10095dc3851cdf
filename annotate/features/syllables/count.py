"""Syllables and phones of a text, by language.

English and German syllables come from spelling; those of other languages, and phones, from eSpeak NG where the
optional extra ``espeak`` is installed. A language that nothing counts is told by None, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from annotate import espeak
from annotate.features.syllables import english, german
from annotate.features.syllables.words import spoken_words

RULES: dict[str, Callable[[str], int]] = {"en": english.syllables, "de": german.syllables}
# letters of the International Phonetic Alphabet that are vowels; a diphthong is one phone of eSpeak's
VOWELS = frozenset("aeiouyɑɒæəɚɛɜɝɪʊʌɔɐᵻœøɨʉɘɵɤɯɶʏ")
SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"


def syllables(text: str, language: str) -> int | None:
    """Syllables of a text; None for a language without rules where eSpeak NG cannot count either.

    Args:
        text: as written; numbers, signs and abbreviations are read out.
        language: ``en``, ``de-AT``, ...: a BCP 47 tag.
    """
    words = count_words(text, language)
    if words is not None:
        return sum(count for _, count in words)
    sounds = _phones(text, language)
    return None if sounds is None else nuclei(sounds)


def nuclei(sounds: Iterable[str]) -> int:
    """How many of some phones in IPA carry a syllable: the vowels and the syllabic consonants."""
    return sum(bool(VOWELS & set(phone)) or SYLLABIC in phone for phone in sounds)


def count_words(text: str, language: str) -> list[tuple[str, int]] | None:
    """Each spoken word of a text with its syllables; None for a language without rules of ours."""
    short = _short(language)
    return [(word, RULES[short](word)) for word in spoken_words(text, short)] if short in RULES else None


def phones(text: str, language: str) -> int | None:
    """Phones of a text by eSpeak NG; None where it is not installed or does not have the language."""
    sounds = _phones(text, language)
    return None if sounds is None else len(sounds)


@lru_cache(maxsize=4096)
def _phones(text: str, language: str) -> tuple[str, ...] | None:
    return espeak.phones(text, _short(language)) if espeak.available() else None


def _short(language: str) -> str:
    return language.lower().replace("_", "-").split("-")[0]
