"""A caption cut into units of the lexicon: phrases that it lists, unknown words and marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.lexicon import Entry, Lexicon
from annotate.captions.reading.spelling import CLAIMING, english
from annotate.captions.reading.tokens import QUOTE, STOPS, Token, tokens

MARKS = {":": "colon", "=": "colon", "&": "and", "/": "and", "|": "mark", "+": "and", QUOTE: "quote"}
LONG_TAG = 6  # letters
LONGEST_KEY = 3  # words of a key in another language
KEY = 5  # units of a key in brackets, at most
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DESCRIBES = re.compile(
    r"(ing|ed|ous|ful|less|able|ible|ive|ish|ly|y|ic|al|ant|ent|like)$"
)  # endings of words that describe, whatever they mean
_INFLECTED = re.compile(r"(ly|ness|er|est|s|ish)$")


@dataclass(eq=False)
class Unit:
    """A phrase of the lexicon, an unknown word or a mark, with what ``scope`` finds of it.

    ``muted`` claims nothing (compared, asked, expected); ``figure`` tells no event (a simile);
    ``against_usual`` is held against the speaker's usual; ``usual`` is only as much as usual;
    ``read``: a rule has made a claim of it; ``kind`` and ``about`` are those of its entry.
    """

    low: str
    start: int
    end: int
    entry: Entry
    capital: bool = False
    words: tuple[str, ...] = ()
    denied: bool = False
    hedged: bool = False
    muted: bool = False
    figure: bool = False
    occasional: bool = False
    against_usual: bool = False
    usual: bool = False
    read: bool = False
    kind: str = field(init=False)
    about: str = field(init=False)

    def __post_init__(self) -> None:
        self.become(self.entry)

    def become(self, entry: Entry) -> None:
        """Take another entry: a word may be another part of speech here."""
        self.entry = entry
        self.kind, self.about = entry.kind, entry.about

    @property
    def person(self) -> bool:
        """A word of gender."""
        return self.entry.about == "gender"

    @property
    def measure(self) -> bool:
        """Whether it is a noun of pitch, speed or volume."""
        return self.entry.kind == "noun" and self.entry.about in LEVELS

    @property
    def determines(self) -> bool:
        """Whether it begins a phrase: an article, "her"."""
        return self.entry.kind in ("det", "it") or self.entry.form == "det"

    @property
    def nominal(self) -> bool:
        """Whether it can be the head of a phrase."""
        entry = self.entry
        if entry.kind in ("fact", "untold", "attribute"):
            return entry.form == "noun" or (entry.about == "gender" and not self.determines)
        if entry.kind == "unknown":
            return not _DESCRIBES.search(self.low)
        return entry.kind in ("noun", "extent", "thing", "quote")

    @property
    def describes(self) -> bool:
        """Whether it can stand before a head."""
        entry = self.entry
        if entry.kind in ("fact", "untold", "attribute"):
            return not self.nominal and not self.determines
        if entry.kind == "unknown":
            return not self.nominal
        return entry.kind in ("scale", "plain", "degree", "extreme", "occasional")


NONE = Unit("", -1, -1, Entry("end"))  # what stands outside the caption, and the head of a phrase without one


class Units(list[Unit]):
    """The units of a caption; ``at`` reaches beyond both ends."""

    def at(self, place: int) -> Unit:
        """The unit at a place, ``NONE`` outside."""
        try:
            return self[place] if place >= 0 else NONE
        except IndexError:
            return NONE

    def lows(self, first: int, end: int) -> list[str]:
        """The words from a place up to another."""
        return [unit.low for unit in self[max(0, first) : max(0, end)]]


def units(text: str, lexicon: Lexicon) -> Units:
    """The longest phrases of the lexicon, left to right, none overlapping; the rest word by word."""
    words = [part for word in tokens(text) for part in _apart(word, text, lexicon)]
    lows = [_spelt(word.low, lexicon) for word in words]
    sequence: list[Unit] = []
    at = 0
    while at < len(words):
        length, entry = _longest(lows, at, lexicon)
        if entry is None:
            length, entry = _translated(lows, at, lexicon)
        if entry is None:
            entry = _single(words[at], lows, at, lexicon)
        last = words[at + length - 1]
        stop = at + length
        goes_on = len(words) > stop + 1 and lows[stop] == "." and not words[stop + 1].capital
        if goes_on and last.low in lexicon.groups["abbreviations"]:
            del words[stop], lows[stop]  # "reg. volume"
        inside = tuple(lows[at : at + length])
        unit = Unit(" ".join(inside), words[at].start, last.end, entry, words[at].capital, inside)
        if sequence and sequence[-1].measure and unit.measure and sequence[-1].about != entry.about:
            sequence.append(Unit(",", last.start, last.start, Entry("mark")))  # "(pitch speed volume)"
        sequence.append(unit)
        at += length
    return _by_neighbours(_without_asides(sequence, lexicon.groups["asides"]))


def _by_neighbours(sequence: Units) -> Units:
    """The units with words that are another part of speech here: "too quick", "all sound normal"."""
    for place, unit in enumerate(sequence):
        before, after = sequence.at(place - 1), sequence.at(place + 1)
        if (unit.low == "too" or (unit.low == "so" and before.kind == "not")) and after.describes:
            unit.become(Entry("degree"))
        elif unit.kind == "way" and before.kind in ("degree", "be") and after.kind in ("end", "mark", "and", "but"):
            unit.become(replace(unit.entry, kind="scale", form="adj"))  # "his pitch is very up"
        elif after.low != "/" and (coded := _coded(sequence, place)):
            unit.become(coded)  # "pitch: N"
        elif unit.low == "lower" and before.low == "to" and after.determines:
            unit.become(Entry("move", says=("low",), form="verb"))  # "no attempt to lower his volume"
        elif unit.low == "even" and (after.kind == "degree" or after.entry.form == "comparative"):
            unit.become(Entry("degree"))  # "even more speed"
        elif unit.low == "still" and before.determines and after.nominal:
            unit.become(Entry("plain"))  # "a still pond"
        elif (
            unit.low == "concerned"
            and (before.kind == "be" or before.low == "'m")
            and _as_far_as(sequence.lows(place - 12, place))
        ):
            unit.become(Entry("plain"))  # "as far as the volume is concerned"
        elif unit.low in ("cries", "cried") and _exclaims(sequence, place):
            unit.become(Entry("say"))  # "'I passed!' cries the woman"
        elif unit.low in ("ok", "okay", "alright") and after.low == "?":
            unit.become(Entry("plain"))
        elif unit.low == "hi" and before.kind == "end" and after.kind in ("end", "mark"):
            unit.become(Entry("plain"))  # a greeting
        elif unit.low in ("as it is", "as they are") and before.kind in ("fact", "scale"):
            unit.become(Entry("plain"))  # "the volume, high as it is, cannot"
        elif unit.low == "how" and after.describes and (asked := _measured(after)) and _labels(sequence, place):
            unit.become(Entry("det"))  # "(pitch, speed, how loud)", "how high: low"
            after.become(asked)
        elif unit.kind == "say" and after.measure and not unit.low.endswith("s"):
            unit.become(Entry("plain"))  # "normal talk rate"
        elif unit.low == "sound" and after.describes and before.kind in ("det", "it", "noun", "degree"):
            if before.low in ("all", "both") or before.kind != "det":
                unit.become(Entry("be"))
        elif unit.low == "'s" and (before.entry.form == "pron" or before.kind in ("it", "rel")):
            unit.become(Entry("be"))  # "he's bored"
        elif (
            unit.low == "]" and after.kind not in ("mark", "end", "colon") and "[" in sequence.lows(place - KEY, place)
        ):
            unit.become(Entry("colon"))  # "[Pitch] high [Gender] female"
        elif unit.low == "/" and before.end < unit.start and unit.end < after.start:
            unit.become(Entry("mark"))  # a list with blanks; "and/or" is none
    return sequence


def _exclaims(sequence: Units, place: int) -> bool:
    """Whether a "cries" says words: "'Help!' cries the woman", "he cries, 'Help!'"; not "he cries a river"."""
    before, after = sequence.at(place - 1), sequence.at(place + 1)
    beside = "quote" in (before.kind, after.kind) or (after.kind == "mark" and sequence.at(place + 2).kind == "quote")
    spoken = before.entry.form == "pron" and sequence.at(place - 2).kind == "quote" and after.kind == "end"
    by_somebody = after.low in ("a", "the") and any(unit.person for unit in sequence[place + 2 : place + 5])
    return beside or spoken or by_somebody


def _as_far_as(lows: Sequence[str]) -> bool:
    """Whether words lead to a "concerned": "as far as the volume is", "where pitch is"; not "so far she is"."""
    clause = lows[max((at + 1 for at, low in enumerate(lows) if low in STOPS), default=0) :]
    return "as far as" in " ".join(clause) or "where" in clause


def _coded(sequence: Units, place: int) -> Entry | None:
    """The level that a letter after a key begins, if only one of its attribute does: "speed=F"."""
    letter, key = sequence[place].low, sequence.at(place - 2)
    if len(letter) > 1 or key.kind != "noun" or sequence.at(place - 1).kind != "colon":
        return None
    values = [value for value in LEVELS.get(key.about, ()) if value[0] == letter]
    return Entry("fact", key.about, (values[0],), "adj") if len(values) == 1 else None


def _measured(unit: Unit) -> Entry | None:
    """What "how high", "how loud" asks of, as a noun."""
    about = unit.about if unit.about in LEVELS else "pitch" if unit.kind == "scale" else ""
    return Entry("noun", about) if about else None


def _labels(sequence: Units, asks: int) -> bool:
    """Whether a "how loud" names what it asks of: "how loud: very", "nothing special in how loud"; not "how loud!"."""
    place = asks + 2
    listed = sequence.at(place).kind in ("mark", "and") and not sequence.at(place + 1).describes
    ordinary = sequence.at(asks - 1).kind == "prep" and sequence.at(asks - 2).entry.says == ("normal",)
    return ordinary or listed or sequence.at(place).kind in ("colon", "be")


def _without_asides(sequence: Sequence[Unit], asides: frozenset[str]) -> Units:
    """The units without the "however" of "the pitch, however, is high": what it parts belongs together."""
    kept, every, place = Units(), Units(sequence), 0
    while place < len(every):
        if every[place].low == every.at(place + 2).low == "," and every.at(place + 1).low in asides:
            place += 3
        else:
            kept.append(every[place])
            place += 1
    return kept


def _longest(lows: Sequence[str], at: int, lexicon: Lexicon) -> tuple[int, Entry | None]:
    for length in range(min(lexicon.longest.get(lows[at], 0), len(lows) - at), 0, -1):
        entry = lexicon.words.get(tuple(lows[at : at + length]))
        if entry is not None and not (length > 1 and _owns(lows, at + length, lexicon)):
            if length > 1 and lows[at] in lexicon.groups["copulas"] and _longest(lows, at + 1, lexicon)[0] >= length:
                continue  # "is down in the dumps" is no "is down"
            return length, entry
    return 1, None


def _apart(word: Token, text: str, lexicon: Lexicon) -> list[Token]:
    """The words of a tag that is written together: "#deepvoice", "lowpitch"."""
    tag = text[word.start - 1 : word.start] == "#"
    if not word.low.isalpha() or len(word.low) < LONG_TAG or lexicon.base(word.low) is not None:
        return [word]
    if not tag and (word.capital or english(word.low)):
        return [word]
    parts = lexicon.speller.parts(word.low, *((2, (*CLAIMING, "untold")) if tag else (3, CLAIMING)))
    made, start = [], word.start
    for part in parts:
        made.append(Token(part, start, start + len(part), word.capital))
        start += len(part)
    return made or [word]


def _translated(lows: Sequence[str], at: int, lexicon: Lexicon) -> tuple[int, Entry | None]:
    """What a key or its value in another language is: read beside a colon only."""
    for length in range(min(LONGEST_KEY, len(lows) - at), 0, -1):
        entry = lexicon.translations.get(tuple(lows[at : at + length]))
        beside = lows[at + length : at + length + 1] if entry and entry.kind in ("thing", "noun") else lows[at - 1 : at]
        if entry is not None and MARKS.get("".join(beside)) == "colon":
            return length, entry
    return 1, None


def _owns(lows: Sequence[str], end: int, lexicon: Lexicon) -> bool:
    """Whether the "her" that ends a phrase belongs to a noun after it: "beneath her words"."""
    if end >= len(lows) or not (lows[end - 1] in lexicon.groups["owners"] or lows[end - 2 : end] == ["a", "cold"]):
        return False
    after = lexicon.words.get((lexicon.base(lows[end]) or "",))
    return after is not None and (after.kind in ("noun", "thing") or after.form == "noun")


def _single(word: Token, lows: list[str], at: int, lexicon: Lexicon) -> Entry:
    low = lows[at]
    if not low[0].isalnum():
        return Entry("end" if low in STOPS else MARKS.get(low, "mark"))
    if low[0].isdigit():
        return Entry("number")
    base = lexicon.base(low)
    if base is None and not word.capital and (base := lexicon.speller.respelt(low)) is not None:
        lows[at] = base
        return lexicon.words[base,] if (base,) in lexicon.words else Entry("plain")
    if base is None:
        return Entry("unknown")
    entry = lexicon.words.get((base,), Entry("plain"))
    if entry.kind in ("fact", "scale", "move", "striking", "attribute", "untold") and base != low:
        if not _INFLECTED.search(low) or entry.about == "gender":
            return Entry("plain")
        if low.endswith("ly") and entry.kind == "untold" and (entry.form == "noun" or entry.about.startswith("pers")):
            return Entry("plain")  # "situationally"
        return Entry(entry.kind, entry.about, entry.says, "adverb" if low.endswith("ly") else entry.form)
    return entry if entry.kind in ("plain", "thing", "verb", "word", "noun") else Entry("plain")


def _spelt(low: str, lexicon: Lexicon) -> str:
    """The "so" of "sooo", the "really" of "reallllly"."""
    if not _STRETCHED.search(low):
        return low
    spelt = [_STRETCHED.sub(put, low) for put in (r"\1\1", r"\1")]
    return next((word for word in spelt if (word,) in lexicon.words), low)
