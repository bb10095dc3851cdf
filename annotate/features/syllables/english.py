"""Syllables of English words: letter patterns, and the words that the patterns get wrong.

The patterns (``english_patterns.tsv``) and the words (``english_words.tsv``) were learned from the MIT-licensed
lexicon of the package ``gruut-lang-en`` by ``python -m benchmarks.fit.english``. The longest pattern around a letter
says how many syllables that letter carries, as hyphenation patterns do (Liang 1983, "Word hy-phen-a-tion by
com-put-er", Stanford).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

HERE = Path(__file__).parent
# letters before and after the middle one that a pattern of each class holds
CONTEXTS = ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4), (5, 5))
CARRIERS = frozenset("aeiouylnmr")


@cache
def tables() -> tuple[dict[str, int], dict[tuple[int, str], int]]:
    """The listed words, and the patterns by class of context and letters."""
    words = dict(_rows(HERE / "english_words.tsv"))
    patterns = {(int(k.split(" ")[0]), k.split(" ")[1]): n for k, n in _rows(HERE / "english_patterns.tsv")}
    return words, patterns


def _rows(path: Path) -> list[tuple[str, int]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(k, int(n)) for k, n in (line.split("\t") for line in lines if line and line[0] != "!")]


@lru_cache(maxsize=65536)
def syllables(word: str) -> int:
    """Syllables of a lower-case English word."""
    words, _ = tables()
    if word in words:
        return words[word]
    if "'" in word:
        return _contraction(word)
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    for suffix, shortest in (("ly", 4), ("less", 3), ("ness", 3), ("ful", 3)):
        stem = plain.removesuffix(suffix)
        if stem != plain and len(stem) >= shortest and stem in words:
            return words[stem] + 1
    return _by_pattern(plain)


def _by_pattern(word: str) -> int:
    _, patterns = tables()
    padded, total = f"######{word}######", 0
    for i, letter in enumerate(word):
        if letter in CARRIERS:
            for k in range(len(CONTEXTS) - 1, -1, -1):
                a, b = CONTEXTS[k]
                vowels = patterns.get((k, padded[i + 6 - a : i + 7 + b]))
                if vowels is not None:
                    total += vowels
                    break
    return max(total, 1)


def _contraction(word: str) -> int:
    stem, _, tail = word.rpartition("'")
    if word.endswith("n't"):
        base = word[:-3]
        return syllables(base or "not") + (base[-1:] in "dst")  # did-n't, is-n't, must-n't; but aren't, don't
    if not stem or not tail:
        return syllables(stem + tail)
    n = syllables(stem)
    if tail == "s":  # a voice of its own only after a hiss
        return n + bool(re.search(r"(s|z|x|ch|sh|[cgsz]e)$", stem))
    if tail in {"ll", "ve", "d", "re", "m", "em"}:
        vowel = stem[-1] in "aeiouy"
        adds = {"ll": not vowel, "ve": not vowel, "d": stem[-1] in "td", "re": not vowel, "m": False, "em": True}
        return n + adds[tail]
    return n + syllables(tail)
