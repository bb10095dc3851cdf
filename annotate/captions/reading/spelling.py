"""What an unknown word may be: a misspelt word of the lexicon, or several written together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Protocol

from annotate.captions.reading.inflect import skeleton

LONGEST_PART = 14  # letters
SHORTEST_MISSPELT = 4  # letters
CLAIMING = ("fact", "scale", "attribute", "noun")  # kinds of entries that claim something


class Kind(Protocol):
    """An entry of the lexicon, as far as spelling goes."""

    @property
    def kind(self) -> str:
        """Its kind."""


class Speller:
    """The words of a lexicon, looked up by what somebody wrote."""

    def __init__(self, words: Mapping[tuple[str, ...], Kind], base: Callable[[str], str | None]) -> None:
        self.words, self.base = words, base

    def parts(self, word: str, shortest: int, claiming: Sequence[str]) -> tuple[str, ...]:
        """The fewest words of the lexicon that a word is put together of, one of which claims something; or none."""
        best: list[tuple[str, ...] | None] = [()]
        for end in range(1, len(word) + 1):
            options = [
                (*before, word[start:end])
                for start in range(max(0, end - LONGEST_PART), end - shortest + 1)
                if (before := best[start]) is not None and (word[start:end],) in self.words
            ]
            best.append(min(options, key=len, default=None))
        fewest = best[-1] or ()
        return fewest if any(self.words[part,].kind in claiming for part in fewest) else ()

    @cached_property
    def _spelt(self) -> dict[str, str | None]:
        return {}

    def respelt(self, word: str) -> str | None:
        """The word of the lexicon that an unknown word is within one edit of, where it is no English word itself."""
        if word not in self._spelt:
            self._spelt[word] = self._search(word)
        return self._spelt[word]

    def _search(self, word: str) -> str | None:
        if len(word) < SHORTEST_MISSPELT or not word.isalpha() or not word.isascii() or english(word):
            return None
        if word.endswith("ly") and (base := self.base(word[:-2])) is not None:
            return base  # "angerly"
        edits = [word[:i] + word[i + 1 :] for i in range(len(word))]
        edits += [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
        for letter in "etaoinsrhldcumfpgwybvkxjqz":
            edits += [word[:i] + letter + word[i + (put == 0) :] for put in (1, 0) for i in range(len(word) + put)]
        known = [made for made in edits if len(made) >= SHORTEST_MISSPELT and (made,) in self.words]
        claiming = [made for made in known if self.words[made,].kind in CLAIMING]
        if len(word) == SHORTEST_MISSPELT:
            return next((made for made in claiming if made[0] == word[0]), None)
        alike = [made for made in self._skeletons.get(skeleton(word), ()) if abs(len(made) - len(word)) < 2]
        known.sort(key=lambda made: (skeleton(made) != skeleton(word), made not in claiming))
        claiming = [made for made in known if made in claiming]
        if known and skeleton(known[0]) == skeleton(word) and len(word) > SHORTEST_MISSPELT:
            return known[0]
        return next(iter([*claiming, *alike, *known]), None)

    @cached_property
    def _skeletons(self) -> dict[str, list[str]]:
        """Words that claim, by what is left of them without vowels: "femail" sounds like "female"."""
        by_skeleton: dict[str, list[str]] = {}
        for phrase, entry in self.words.items():
            if len(phrase) == 1 and entry.kind in CLAIMING and len(phrase[0]) > SHORTEST_MISSPELT:
                by_skeleton.setdefault(skeleton(phrase[0]), []).append(phrase[0])
        return by_skeleton


def english(word: str) -> bool:
    """Whether a dictionary of English has the word: "loader" is no misspelt "louder"."""
    return word in _dictionary()


@cache
def _dictionary() -> Any:
    from spellchecker import SpellChecker

    return SpellChecker(distance=1)
