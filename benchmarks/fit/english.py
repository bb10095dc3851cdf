"""Learn the syllables of English words: ``python -m benchmarks.fit.english``.

Writes ``annotate/features/syllables/english_patterns.tsv`` and ``english_words.tsv`` from the lexicon of the package
``gruut-lang-en`` (MIT; its data derive from CMUdict, BSD), which aligns the letters of each word with its phones.

A letter that may carry a syllable is looked at in contexts of growing length. A context becomes a pattern where
it occurs at least twice, says the same in at least half of its words, and says something else than the longest
shorter context that is a pattern. What the patterns then get wrong is listed word by word.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from annotate.features.syllables import english
from annotate.features.syllables.count import VOWELS

COMMAND = "python -m benchmarks.fit.english"
SYLLABIC = frozenset(("l̩", "n̩", "m̩"))
LEAST_WORDS, LEAST_SHARE = 2, 0.5
EDGE = 6  # of "#" on either side of a word
SPELLED = ("mr", "mrs")  # said as other words
Patterns = dict[tuple[int, str], int]


@dataclass(frozen=True)
class Lexicon:
    """Words with the numbers of syllables that they may have, and their first alignment."""

    counts: Mapping[str, frozenset[int]]
    alignments: Mapping[str, str]


def read() -> Lexicon | None:
    """The lexicon; None where the package is not installed."""
    spec = util.find_spec("gruut_lang_en")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "lexicon.db"
    counts: dict[str, set[int]] = defaultdict(set)
    alignments: dict[str, str] = {}
    with sqlite3.connect(path) as lexicon:
        for word, phones in lexicon.execute("select word, phonemes from word_phonemes order by pron_order"):
            if re.fullmatch(r"[a-z']+", low := word.lower()):
                counts[low].add(sum(_voiced(phone) for phone in phones.split()))
        for word, alignment in lexicon.execute("select word, alignment from g2p_alignments order by id"):
            alignments.setdefault(word.lower(), alignment or "")
    return Lexicon({word: frozenset(found) for word, found in counts.items()}, alignments)


def other_half(word: str) -> bool:
    """Whether a word is of the half that the test takes: by a hash, so that it never changes."""
    return hashlib.md5(word.encode(), usedforsecurity=False).digest()[0] % 2 == 1


def learn(words: Iterable[str], lexicon: Lexicon) -> Patterns:
    """Patterns from the words given: (class of the context, its letters) -> syllables that the letter carries."""
    seen: list[dict[str, Counter[int]]] = [defaultdict(Counter) for _ in english.CONTEXTS]
    for word in words:
        carried = _carried(word, lexicon.alignments.get(word, ""))
        for place, letter in enumerate(word if carried else ""):
            if letter in english.CARRIERS:
                for kind, context in enumerate(_contexts(word, place)):
                    seen[kind][context][carried[place]] += 1
    patterns: Patterns = {(0, letter): counts.most_common(1)[0][0] for letter, counts in seen[0].items()}
    for kind in range(1, len(english.CONTEXTS)):
        for context, counts in seen[kind].items():
            total, (says, often) = counts.total(), counts.most_common(1)[0]
            if total >= LEAST_WORDS and often / total >= LEAST_SHARE and _shorter(patterns, kind, context) != says:
                patterns[kind, context] = says
    return patterns


def exceptions(words: Iterable[str], lexicon: Lexicon) -> dict[str, int]:
    """The words that ``english.syllables`` gets wrong with the patterns in use, with what is right."""
    wrong = {}
    for word in sorted(words):
        right = lexicon.counts[word]
        if (re.search("[aeiouy]", word) or word in SPELLED) and english.syllables(word) not in right:
            wrong[word] = min(right)
    return wrong


def use(patterns: Patterns, words: Mapping[str, int]) -> None:
    """Let ``english.syllables`` count by other tables than the shipped ones, in this process."""
    english.tables = lambda: (dict(words), patterns)  # type: ignore[assignment]
    english.syllables.cache_clear()


def _voiced(phone: str) -> bool:
    plain = re.sub("[ˈˌ]", "", phone)
    return bool(VOWELS & set(plain)) or plain in SYLLABIC


def _carried(word: str, alignment: str) -> list[int]:
    """Syllables carried by each letter of a word, the first vowel of a group carrying the group's; [] if unaligned."""
    found: list[int] = []
    spelled = ""
    for group in alignment.split(" "):
        letters, brace, phones = group.partition("}")
        if not brace:
            return []
        parts = letters.split("|")
        carries = 0 if phones == "_" else sum(bool(VOWELS & set(phone)) for phone in phones.split("|"))
        bearer = next((place for place, letter in enumerate(parts) if letter in "aeiouy"), 0)
        found += [carries if place == bearer else 0 for place in range(len(parts))]
        spelled += "".join(parts)
    return found if spelled == word else []


def _contexts(word: str, place: int) -> list[str]:
    padded, middle = "#" * EDGE + word + "#" * EDGE, place + EDGE
    return [padded[middle - before : middle + after + 1] for before, after in english.CONTEXTS]


def _shorter(patterns: Patterns, kind: int, context: str) -> int | None:
    """What the longest pattern within a context says."""
    before, after = english.CONTEXTS[kind]
    for other in range(kind - 1, -1, -1):
        a, b = english.CONTEXTS[other]
        part = context[before - a : len(context) - (after - b)]
        if (other, part) in patterns:
            return patterns[other, part]
    return None


def _write(path: Path, head: str, rows: Iterable[tuple[str, int]]) -> None:
    path.write_text(f"! {head}\n" + "".join(f"{key}\t{count}\n" for key, count in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=english.HERE)
    chosen = parser.parse_args()
    lexicon = read()
    if lexicon is None:
        parser.error("the lexicon is not here: pip install --no-deps gruut-lang-en brings it")
    patterns = learn(lexicon.counts, lexicon)
    use(patterns, {})
    wrong = exceptions(lexicon.counts, lexicon)
    made = f"made from gruut-lang-en (MIT) by: {COMMAND}"
    ordered = sorted(patterns.items(), key=lambda item: item[0])
    _write(
        chosen.output / "english_patterns.tsv",
        f"pattern length class, pattern (# word edge), syllables carried by its middle letter; {made}",
        ((f"{kind} {context}", count) for (kind, context), count in ordered),
    )
    _write(chosen.output / "english_words.tsv", f"word, syllables: what the patterns get wrong; {made}", wrong.items())
    print(f"{len(lexicon.counts)} words, {len(patterns)} patterns, {len(wrong)} exceptions")


if __name__ == "__main__":
    main()
