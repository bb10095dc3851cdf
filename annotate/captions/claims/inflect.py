"""English inflections by rule, for words of the lexicon: regular ones only, the irregular stand in the lexicon."""

from __future__ import annotations

VOWELS = "aeiou"


def _doubles(word: str) -> bool:
    """One syllable, consonant-vowel-consonant: sad, sadder; not loud, low."""
    return (
        len(word) <= 4
        and len(word) >= 3
        and word[-1] not in VOWELS + "wxy"
        and word[-2] in VOWELS
        and word[-3] not in VOWELS
    )


def comparatives(word: str) -> list[str]:
    """Comparative, superlative, adverb."""
    stem = word[:-1] if word.endswith("e") else word
    if word.endswith("y") and word[-2] not in VOWELS:
        stem = word[:-1] + "i"
    if _doubles(word):
        stem = word + word[-1]
    adverb = word[:-1] + "ily" if word.endswith("y") and word[-2:] != "ly" else word + "ly"
    if word.endswith("ic"):
        adverb = word + "ally"
    elif word.endswith("le"):
        adverb = word[:-1] + "y"
    elif word.endswith("ll"):
        adverb = word + "y"
    return [stem + "er", stem + "est", adverb]


def verb_forms(word: str) -> list[str]:
    """Third person, past, participle."""
    if word.endswith("y") and word[-2] not in VOWELS:
        return [word[:-1] + "ies", word[:-1] + "ied", word + "ing"]
    third = word + ("es" if word.endswith(("s", "sh", "ch", "x", "z")) else "s")
    if word.endswith("e"):
        return [third, word + "d", word[:-1] + "ing"]
    stem = word + word[-1] if _doubles(word) else word
    return [third, stem + "ed", stem + "ing"]


def plurals(word: str) -> list[str]:
    """The plural of a noun."""
    if word.endswith("man"):
        return []  # men and women are not the speaker; where they are, the lexicon lists them
    if word.endswith("y") and word[-2] not in VOWELS:
        return [word[:-1] + "ies"]
    return [word + ("es" if word.endswith(("s", "sh", "ch", "x", "z")) else "s")]
