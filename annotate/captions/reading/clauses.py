"""A caption cut into units of the lexicon, and those into phrases: a head with what stands before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from annotate.captions.reading.lexicon import Entry, Lexicon
from annotate.captions.reading.tokens import QUOTE, STOPS, Token, tokens

MARKS = {":": "colon", "=": "colon", "&": "and", "/": "and", "|": "mark", "+": "and", QUOTE: "quote"}
KEY = 5  # units of a key in brackets, at most
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DESCRIBES = re.compile(
    r"(ing|ed|ous|ful|less|able|ible|ive|ish|ly|y|ic|al|ant|ent|like)$"
)  # endings of words that describe, whatever they mean
_INFLECTED = re.compile(r"(ly|ness|er|est|s)$")


@dataclass(eq=False)
class Unit:
    """A phrase of the lexicon, an unknown word or a mark, with what ``scope`` finds of it.

    ``muted`` claims nothing (compared, asked, expected); ``figure`` tells no event (a simile); ``own`` is held against
    the speaker's usual; ``usual`` is only as much as usual; ``read``: a rule has made a claim of it.
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
    own: bool = False
    usual: bool = False
    read: bool = False

    @property
    def kind(self) -> str:
        """The kind of its entry."""
        return self.entry.kind

    @property
    def about(self) -> str:
        """What its entry is about."""
        return self.entry.about

    @property
    def person(self) -> bool:
        """A word of gender."""
        return self.entry.about == "gender"

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
        return self[place] if 0 <= place < len(self) else NONE

    def lows(self, first: int, end: int) -> list[str]:
        """The words from a place up to another."""
        return [unit.low for unit in self[max(0, first) : max(0, end)]]


@dataclass
class Phrase:
    """Units from ``first`` on: a head with what stands before it, words without a head, or a single other unit."""

    first: int
    units: list[Unit]
    kind: str
    prep: str = ""
    det: str = ""
    mods: list[Unit] = field(default_factory=list)
    head: Unit = NONE

    @property
    def headed(self) -> bool:
        """Whether it is a phrase with a head."""
        return self.kind == "phrase" and self.head is not NONE

    @property
    def words(self) -> bool:
        """Whether it is describing words without a head or a preposition."""
        return self.kind == "phrase" and self.head is NONE and not self.prep

    @property
    def low(self) -> str:
        """Its first words."""
        return self.units[0].low if self.units else ""


NOTHING = Phrase(-1, [], "end")


def units(text: str, lexicon: Lexicon) -> Units:
    """The longest phrases of the lexicon, left to right, none overlapping; the rest word by word."""
    words = tokens(text)
    lows = [_spelt(word.low, lexicon) for word in words]
    found: list[Unit] = []
    at = 0
    while at < len(words):
        length, entry = _longest(lows, at, lexicon)
        if entry is None:
            entry = _single(words[at], lows, at, lexicon)
        last = words[at + length - 1]
        stop = at + length
        goes_on = len(words) > stop + 1 and lows[stop] == "." and not words[stop + 1].capital
        if goes_on and last.low in lexicon.groups["abbreviations"]:
            del words[stop], lows[stop]  # "reg. volume"
        inside = tuple(lows[at : at + length])
        found.append(Unit(" ".join(inside), words[at].start, last.end, entry, words[at].capital, inside))
        at += length
    return _by_neighbours(_without_asides(found, lexicon.groups["asides"]))


def _by_neighbours(found: Units) -> Units:
    """The units with words that are another part of speech here: "too quick", "all sound normal"."""
    for place, unit in enumerate(found):
        before, after = found.at(place - 1), found.at(place + 1)
        if unit.low == "too" and after.describes:
            unit.entry = Entry("degree")
        elif unit.low == "sound" and after.describes and before.kind in ("det", "it", "noun", "degree"):
            if before.low in ("all", "both") or before.kind != "det":
                unit.entry = Entry("be")
        elif unit.low == "'s" and (before.entry.form == "pron" or before.kind in ("it", "rel")):
            unit.entry = Entry("be")  # "he's bored"
        elif unit.low == "]" and after.kind not in ("mark", "end", "colon") and "[" in found.lows(place - KEY, place):
            unit.entry = Entry("colon")  # "[Pitch] high [Gender] female"
        elif unit.low == "/" and before.end < unit.start and unit.end < after.start:
            unit.entry = Entry("mark")  # a list with blanks; "and/or" is none
    return found


def _without_asides(found: Sequence[Unit], asides: frozenset[str]) -> Units:
    """The units without the "however" of "the pitch, however, is high": what it parts belongs together."""
    kept, every, place = Units(), Units(found), 0
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
    if base is None and not word.capital and (base := lexicon.respelt(low)) is not None:
        lows[at] = base
        return lexicon.words[base,] if (base,) in lexicon.words else Entry("plain")
    if base is None:
        return Entry("unknown")
    entry = lexicon.words.get((base,), Entry("plain"))
    if entry.kind in ("fact", "scale", "move", "striking", "attribute", "untold") and base != low:
        if not _INFLECTED.search(low) or entry.about == "gender":
            return Entry("plain")
        if entry.kind == "untold" and entry.form == "noun" and low.endswith("ly"):
            return Entry("plain")  # "situationally"
        return Entry(entry.kind, entry.about, entry.says, "adverb" if low.endswith("ly") else entry.form)
    return entry if entry.kind in ("plain", "thing", "verb", "word", "noun") else Entry("plain")


def _spelt(low: str, lexicon: Lexicon) -> str:
    """The "so" of "sooo", the "really" of "reallllly"."""
    if not _STRETCHED.search(low):
        return low
    spelt = [_STRETCHED.sub(put, low) for put in (r"\1\1", r"\1")]
    return next((word for word in spelt if (word,) in lexicon.words), low)


def phrases(found: Units) -> list[Phrase]:
    """The units of a caption in phrases, in order, each unit in one."""
    made: list[Phrase] = []
    at = 0
    while at < len(found):
        made.append(_phrase(found, at))
        at += len(made[-1].units)
    return made


def _phrase(found: Units, at: int) -> Phrase:
    """Preposition? determiners (describing words, joined by commas or "and")* head+, as long as it goes."""
    phrase, place, end = Phrase(at, [], "phrase"), at, at + 1
    while found.at(place).kind == "prep":
        phrase.prep, place = found[place].low, place + 1
    while place < len(found):
        if found[place].kind in ("and", "mark", "but") and phrase.head is NONE and phrase.mods:
            if not _joins(found, place, phrase):
                break
        elif _takes(found, place, phrase):
            end = place + 1
        else:
            break
        place += 1
    phrase.units = found[at:end]
    if phrase.head is NONE and not phrase.mods:
        phrase.kind = found[at].kind if end == at + 1 else "words"
    return phrase


def _takes(found: Units, place: int, phrase: Phrase) -> bool:
    """Whether the next unit belongs to a phrase; it is put where it belongs."""
    unit, head, begun = found[place], phrase.head, bool(phrase.mods) or phrase.head is not NONE
    verbal = unit.entry.form == "verb" and unit.kind in ("fact", "untold", "move")
    feeling = bool(phrase.prep and not phrase.det and phrase.mods) and phrase.mods[-1].about == "emotion"
    if feeling and unit.kind == "unknown" and unit.low.endswith(("s", "ed")):
        return False  # "an air of calm surrounds it"
    pronoun = unit.entry.form == "pron"
    if (unit.determines or (unit.kind == "not" and unit.low == "no")) and not begun:
        phrase.det = phrase.det or unit.low
    elif (
        unit.low == "'s"
        and unit.kind == "det"
        and head is not NONE
        and (head.kind != "noun" or _reaches_head(found, place + 1))
    ):
        phrase.head, phrase.det = NONE, "'s"
    elif (verbal and not (phrase.det or phrase.prep or phrase.mods or _listed_moving(found, place))) or (
        begun and (pronoun or (head is not NONE and _is_verb(unit, head, verbal)))
    ):
        return False
    elif unit.nominal or (verbal and (phrase.det or phrase.prep or _moving(found, place))):
        phrase.head = unit
    elif unit.describes and (head is NONE or (head.person and _reaches_head(found, place))):
        phrase.mods.append(unit)
        phrase.head = NONE  # "a female high voice"
    else:
        return False
    return True


def _is_verb(unit: Unit, head: Unit, verbal: bool) -> bool:
    """The "rolls" of "his voice rolls along": after a noun a word that may be a verb is one."""
    ending = unit.low.endswith(("s", "ed")) and not unit.low.endswith("ss")
    after = head.kind == "noun" or head.person
    return (after and (verbal or (unit.kind == "thing" and ending))) or (unit.kind == "unknown" and ending)


def _joins(found: Units, place: int, phrase: Phrase) -> bool:
    """Whether a comma or "and" between describing words leads on to the same head: "a low, slow voice"."""
    comma = found[place].low == ","
    if found[place].kind == "mark" and not comma:
        return False
    place += 1 + (comma and found.at(place + 1).kind in ("and", "but"))
    after = found.at(place)
    if after.kind == "fact" and after.nominal and not after.person:
        return True  # "a subdued, bass voice"
    if _moving(found, place):
        return not phrase.mods[-1].low.endswith("ly")  # "a low, rising pitch"; not "speaks angrily, dropping pitch"
    tags = any(unit.kind == "scale" or unit.about == "emotion" for unit in phrase.mods)
    return after.describes and _reaches_head(found, place) and not (comma and not phrase.det and tags)


def _moving(found: Units, place: int) -> bool:
    """Whether the "rising" or "steeply rising" of "a rising pitch" stands there."""
    place += found.at(place).kind == "degree"
    return found.at(place).kind == "move" and found[place].low.endswith("ing") and found.at(place + 1).kind == "noun"


def _listed_moving(found: Units, place: int) -> bool:
    """Whether it is the "falling" of "her flat intonation, falling pitch and low voice"."""
    return (
        _moving(found, place)
        and found.at(place - 1).kind in ("mark", "and")
        and found.at(place - 2).kind in ("noun", "attribute")
    )


def _reaches_head(found: Units, place: int) -> bool:
    while found.at(place).describes or found.at(place).kind in ("and", "but") or found.at(place).low == ",":
        place += 1
    head = found.at(place)
    return found[place - 1].kind not in ("and", "but", "mark") and head.nominal and head.entry.form != "pron"
