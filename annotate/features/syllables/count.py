"""Syllables and phones of a text, by language.

English and German syllables come from spelling, Chinese and Korean ones are the characters; those of other
languages, and phones, come from eSpeak NG where the optional extra ``espeak`` is installed. A language that nothing
counts, and text in a script that the language's rules do not read, is None, never guessed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from annotate import espeak_ng
from annotate.corpora import languages
from annotate.features.syllables import english, german, scripts
from annotate.features.syllables.spoken_words import spoken_words

RULES: dict[str, Callable[[str], int]] = {"en": english.syllables, "de": german.syllables}
# letters of the International Phonetic Alphabet that are vowels; a diphthong is one phone of eSpeak's
VOWELS = frozenset("aeiouyɑɒæəɚɛɜɝɪʊʌɔɐᵻœøɨʉɘɵɤɯɶʏ")
SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"


def syllables(text: str, language: str) -> int | None:
    """Syllables of a text; None where no rules count its language, or one of its scripts.

    Args:
        text: as written; numbers, signs and abbreviations are read out.
        language: ``en``, ``de-AT``, ...: a BCP 47 tag.
    """
    if uncounted(text, language):
        return None
    text = _spoken(text)
    characters = scripts.letters(text, _short(language))
    if characters is not None and not any(map(str.isdigit, text)):
        return characters
    words = count_words(text, language)
    if words is not None:
        return sum(count for _, count in words)
    sounds = _phones(text, language)
    return None if sounds is None else nuclei(sounds)


def uncounted(text: str, language: str) -> str | None:
    """Why the rules of a language do not count a text, or None where they can be tried."""
    short = _short(language)
    if not scripts.read_by(short):
        return f"no syllables are known for the language '{language}'"
    unread = sorted(scripts.unread(text, short))
    if not unread:
        return None
    return f"it has {' and '.join(unread)} letters, which the rules for '{language}' do not read"


def nuclei(sounds: Iterable[str]) -> int:
    """How many of some phones in IPA carry a syllable: the vowels and the syllabic consonants."""
    apart = (unicodedata.normalize("NFD", phone) for phone in sounds)  # eSpeak writes a centralised a as one character
    return sum(bool(VOWELS & set(phone)) or SYLLABIC in phone for phone in apart)


def count_words(text: str, language: str) -> list[tuple[str, int]] | None:
    """Each spoken word of a text with its syllables; None for a language without rules of ours."""
    short = _short(language)
    return [(word, RULES[short](word)) for word in spoken_words(text, short)] if short in RULES else None


def phones(text: str, language: str) -> int | None:
    """Phones of a text by eSpeak NG; None where it is not installed, or does not read the language or script."""
    if uncounted(text, language):
        return None
    sounds = _phones(_spoken(text), language)
    return None if sounds is None else len(sounds)


def _spoken(text: str) -> str:
    """The text without signs that nobody reads out, in one form of Unicode (full-width letters, ligatures).

    eSpeak NG names signs: an emoji is seven syllables of Spanish. A sign is spoken beside a number (``5 + 3``,
    ``20 °C``), and one of arithmetic between words.
    """
    kept = (" " if _is_sign(c) and not _read_out(text, place) else c for place, c in enumerate(text))
    return unicodedata.normalize("NFKC", "".join(kept))


def _is_sign(character: str) -> bool:
    return character in "#*_|\\" or unicodedata.category(character) in ("So", "Sk", "Sm", "Sc", "Co", "Cc", "Cn")


def _read_out(text: str, place: int) -> bool:
    before, after = text[:place].rstrip()[-1:], text[place + 1 :].lstrip()[:1]
    if unicodedata.category(text[place]) == "So" and text[place] not in "°№":
        return False
    return before.isdigit() or after.isdigit() or (text[place] in "+=" and before.isalnum() and after.isalnum())


@lru_cache(maxsize=4096)
def _phones(text: str, language: str) -> tuple[str, ...] | None:
    short = _short(language)
    return espeak_ng.phones(text, scripts.table()["espeak"].get(short, short)) if espeak_ng.available() else None


def _short(language: str) -> str:
    return languages.code(language) or language.lower()
