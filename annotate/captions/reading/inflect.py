"""English inflections by rule, for words of the lexicon; the irregular ones stand in the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterator

VOWELS = "aeiou"
_SOUNDS = (("ph", "f"), ("c(?=[eiy])", "s"), ("[cq]k?", "k"), ("z", "s"), ("^wh", "w"), ("gh", ""), ("dg", "g"))
# an ending, and what stands in its place in the base form
_ENDINGS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ily", "y"),
    ("ally", ""), ("ly", ""), ("ly", "le"), ("ness", ""), ("iness", "y"), ("er", ""), ("er", "e"), ("est", ""),
    ("ier", "y"), ("iest", "y"), ("ish", ""),
)  # fmt: skip


def bases(word: str) -> Iterator[str]:
    """A word and what it may be an inflection of."""
    yield word
    for ending, put in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            yield stem + put
            if not put and len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]  # "stopped", "hitting"


def _doubles(word: str) -> bool:
    """One syllable, consonant-vowel-consonant: sad, sadder; not loud, low."""
    return 3 <= len(word) <= 4 and word[-1] not in VOWELS + "wxy" and word[-2] in VOWELS and word[-3] not in VOWELS


def inflected(item: str, form: str) -> Iterator[tuple[str, str]]:
    """A phrase and its inflections with their forms: ``adj`` (degrees, adverb), ``verb`` (the first word), ``noun``."""
    yield item, form
    first, _, rest = item.partition(" ")
    if form == "adj" and not rest:
        yield from ((word, "adj") for word in _degrees(first))
        yield _adverb(first), "adverb"
    elif form == "verb":
        yield from ((f"{word} {rest}".strip(), "verb") for word in _verb_forms(first))
    elif form == "noun":
        head, _, last = item.rpartition(" ")
        yield f"{head} {_plural(last)}".strip(), "noun"


def _degrees(word: str) -> list[str]:
    stem = word[:-1] if word.endswith("e") else word
    if word.endswith("y") and word[-2] not in VOWELS:
        stem = word[:-1] + "i"
    stem = word + word[-1] if _doubles(word) else stem
    return [stem + "er", stem + "est"]


def _adverb(word: str) -> str:
    if word.endswith("ly"):
        return word
    if word.endswith("y"):
        return word[:-1] + "ily"
    if word.endswith("ic"):
        return word + "ally"
    return word[:-1] + "y" if word.endswith("le") else word + ("y" if word.endswith("ll") else "ly")


def _verb_forms(word: str) -> list[str]:
    if word.endswith("y") and word[-2] not in VOWELS:
        return [word[:-1] + "ies", word[:-1] + "ied", word + "ing"]
    if word.endswith("e"):
        return [word + "s", word + "d", word[:-1] + "ing"]
    stem = word + word[-1] if _doubles(word) else word
    return [_plural(word), stem + "ed", stem + "ing"]


def _plural(word: str) -> str:
    if word.endswith("man"):
        return word  # men and women are not the speaker; where they are, the lexicon lists them
    if word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x", "z", "go")) else "s")


def skeleton(word: str) -> str:
    """How a word sounds, roughly: without vowels after its first letter, "femail" as "female", "voise" as "voice"."""
    for pattern, put in _SOUNDS:
        word = re.sub(pattern, put, word)
    return word[0] + re.sub(r"(.)\1+", r"\1", re.sub("[aeiouy]", "", word[1:]))
