"""What a caption tells that nothing measured: age, place, health, others, events, degrees, and unknown things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from annotate.captions.reading.claim import LEVELS, Claim
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.phrases import Phrase

STRANGE_WORDS = 5  # so many unknown words, wherever they stand, tell a story
_THINGS = ("place", "health", "life", "appearance")
_DECADE = re.compile(r"[1-9]0(s|ish|something)")
# endings of abstract nouns and of words that describe: they are no persons, places or things of a speaker's life
_ABSTRACT = re.compile(
    r"(ly|ness|ity|ous|ful|less|able|ible|ive|ion|ment|ance|ence|ism|ure|ing|ency|ancy|itude|hood|esque|some|dom|ic|al|ed)s?$"
)


class Unmeasured:
    """What nothing measured in one caption."""

    def __init__(
        self,
        caption: str,
        units: Units,
        phrases: Sequence[Phrase],
        lexicon: Lexicon,
        spoken: frozenset[str],
        strict: bool,
        complete: bool = False,
    ) -> None:
        self.caption, self.units, self.phrases, self.lexicon = caption, units, phrases, lexicon
        self.spoken, self.strict, self.complete = spoken, strict, complete
        self.groups = lexicon.groups

    def claims(self) -> Iterator[Claim]:
        """Claims of kind ``unmeasured``; with ``strict`` every unknown content word is one."""
        unknown = [place for place in range(len(self.units)) if self._unknown(place)]
        strange = [place for place in unknown if self.strict or not self.units[place].figure]
        for place, unit in enumerate(self.units):
            if unit.kind == "untold" and not unit.read and not self._harmless(place, unit):
                yield self._made(unit, unit.entry.says)
            elif (unit.low in self.groups["young"] and not unit.muted) or (
                unit.kind == "number" and self._is_age(place)
            ):
                yield self._made(unit, ("age",))
            elif unit.kind == "colon" and self._low(place - 1) in self.groups["courses"] and self._given(place + 1):
                yield self._made(self.units[place - 1], ("delivery",))
            elif (unit.kind == "extreme" and self._of_level(place)) or self._most(place) or self._than_all(place):
                yield self._made(unit, ("degree",))
            elif place in strange and (self.strict or len(strange) >= STRANGE_WORDS or self._tells(place)):
                yield self._made(unit, ("unknown word",))

    def _made(self, unit: Unit, says: tuple[str, ...]) -> Claim:
        emotions = self.lexicon.impressions.get((self.lexicon.base(unit.low) or unit.low,), frozenset())
        if self.caption[unit.end :].lstrip("\"' ").startswith((":", "=")):
            emotions = frozenset()  # "assertiveness: low" restates nothing
        text = self.caption[unit.start : unit.end]
        return Claim("unmeasured", says, text, unit.start, unit.end, suggests=tuple(sorted(emotions)))

    def _low(self, place: int) -> str:
        return self.units.at(place).low

    def _kind(self, place: int) -> str:
        return self.units.at(place).kind

    def _unknown(self, place: int) -> bool:
        unit = self.units[place]
        return unit.kind == "unknown" and len(unit.low) > 1 and unit.low not in self.spoken and unit.low[:2].isalpha()

    def _of_level(self, place: int) -> bool:
        """Whether the degree is of a level: "extremely high", "the highest of all"."""
        before = place - 2 if self._kind(place - 1) == "noun" else place - 1  # "the highest pitch imaginable"
        beside = [self.units.at(at) for at in (place + 1, before)]
        if self.units[place].muted and "as" in self.units.lows(place - 6, place):  # "as loud as a human voice can get"
            beside += [unit for unit in self.units[max(0, place - 6) : place] if not unit.muted]
        return any(
            u.kind in ("scale", "fact") and u.about in ("", *LEVELS) and u.entry.says != ("normal",) for u in beside
        )

    def _most(self, place: int) -> bool:
        """A superlative among others: "the deepest voice of the collection", "the fastest I have ever heard"."""
        unit = self.units[place]
        if not (unit.low.endswith("est") and unit.kind in ("scale", "fact") and unit.about in ("", *LEVELS)):
            return False
        first, at = place - 1, place + 1
        while self._low(first).endswith("est") or self._kind(first) in ("and", "mark"):
            first -= 1  # "the saddest, slowest and lowest of all"
        while self.units.at(at).nominal and self._kind(at) != "extent":
            at += 1
        among = self._low(at) in self.groups["at large"] and self.units.at(at + 2).kind != "noun"
        return self._low(first) == "the" and among and self.units.at(at + 1).kind != "noun"

    def _than_all(self, place: int) -> bool:
        """Whether it is compared with all others: "higher than almost any other in the collection"."""
        if self._kind(place) != "than":
            return False
        near = set(self.units.lows(place + 1, place + 4))
        return "other" in near and bool(near & self.groups["all"])

    def _is_age(self, place: int) -> bool:
        """Ages in figures: "in his 40s", "25 y", "a man around 50", "woman, 34"."""
        low = self._low(place)
        if _DECADE.fullmatch(low):
            return True
        if not (low.isdigit() and len(low) == 2):
            return False
        before = self._low(place - 1) if self._kind(place - 1) not in ("end", "colon") else self._low(place - 2)
        near = [self.units.at(at) for at in range(max(0, place - 4), place)]
        person = self._low(place - 2) in ("f", "m") or any(unit is not None and unit.person for unit in near)
        apart = self._kind(place - 1) == "mark" and self._kind(place + 1) in ("mark", "end")
        return (
            self._low(place + 1) in self.groups["years"]
            or before == "age"
            or (person and (before in self.groups["about"] or apart))
        )

    def _harmless(self, place: int, unit: Unit) -> bool:
        """A word of the list that here is another."""
        before = self.units.at(place - 1)
        keyed = self._kind(place + 1) == "colon" and self._kind(place + 2) == "number"  # "confidence: 0.8"
        if unit.about == "manner" and (keyed or self._shades(place, unit)):
            return True
        if unit.low in self.groups["reciprocal"] and self._of_voice(place):
            return True  # "the words succeed one another"
        if (
            (unit.muted and unit.denied)
            or all(word in self.spoken or word in self.groups["linking"] for word in unit.words)
            or (unit.muted and unit.about.startswith("second") and before.low not in self.groups["owners"])
        ):
            return True
        if unit.low.endswith("ed") and self._kind(place + 1) == "prep" and self._feeling_follows(place + 2):
            return True  # "the words are bathed in tranquillity"
        if unit.words[-1] == "to" and set(self.units.lows(place + 1, place + 4)) & self.groups["recordings"]:
            return True  # "listening to the recording": whoever writes the caption does
        if unit.entry.form == "noun" and (before.kind == "aux" or self._acts(place)):
            return True  # "as far as I can judge", "she did not trouble to raise it", "coach the model"
        if unit.about == "age" and self._emotional(place + 1) and not unit.nominal and len(unit.words) == 1:
            return True  # "the old grief"
        if self._low(place + 1) == "of" and unit.about.startswith(_THINGS) and self._voice_follows(place + 2):
            return True  # "out of the very cellar of his voice"
        if self._keyed_unknown(place):
            return True  # "age: unknown"
        if unit.about.startswith(("appearance", "place")) and not unit.low.endswith("ing") and self._of_voice(place):
            return True  # "the words leave her lips", "her voice carries across the room"
        if unit.about.startswith("appearance") and unit.describes and self._kind(place + 1) == "noun":
            return True  # "a tall pitch"
        in_voice = self._low(place + 1) == "in" and self._voice_follows(place + 2)
        if before.low == "its" or (in_voice and unit.about.startswith(_THINGS)):  # "alarm bells in her voice"
            return True  # "the voice hangs its head"
        of_noun = before.kind in ("noun", "it", "rel") or before.low in ("it", "that", "this")
        if of_noun and (unit.about.startswith("appearance") or unit.low == "alone"):
            return True  # "her pitch sits in the middle", "the loudness alone tells"
        if unit.figure and not self.strict and unit.about.startswith(_THINGS):
            return True
        return unit.low in ("someone", "somebody") and self._speaks(place)

    def _shades(self, place: int, unit: Unit) -> bool:
        """Whether a manner is denied, an image, or that of an emotion or of a level: "cold fury", "a smooth pace"."""
        head = self.phrases[self._phrase_at(place)].head
        if self._kind(place - 1) == "be":
            subject = place - 2
            while self._kind(subject) != "end" and not self.units.at(subject).nominal:
                subject -= 1
            if self._emotional(subject):
                return True  # "his distaste was sincere"
        of_claim = head is not unit and (head.about == "emotion" or head.about in LEVELS or head.kind == "move")
        return of_claim or unit.denied or unit.muted or self._emotional(place + 1)

    def _given(self, place: int) -> bool:
        """Whether a value stands there that nobody has read: "pitch trend: rising", "pauses: frequent"."""
        unit = self.units.at(place)
        return not (unit.read or unit.kind in ("end", "mark", "not") or unit.low in self.groups["no value"])

    def _keyed_unknown(self, place: int) -> bool:
        """Whether it is a key without a value: "age: unknown", "accent - none"."""
        beside = self._kind(place + 1) == "colon" or self._low(place + 1) == "\u2014"
        return beside and self._low(place + 2) in self.groups["no value"]

    def _acts(self, place: int) -> bool:
        """Whether a noun is a verb here: after "did not", or before its object at the beginning of a sentence."""
        denied = self._kind(place - 1) == "not" and self._kind(place - 2) == "aux"
        return denied or (self._kind(place - 1) == "end" and self.units.at(place + 1).determines)

    def _of_voice(self, place: int) -> bool:
        """Whether a voice or its words are what the clause with this unit speaks of: they stand or climb nowhere."""
        at = self._phrase_at(place)
        acted = self.units[place].entry.form == "verb"
        for phrase in reversed(self.phrases[:at]):
            if phrase.kind in ("end", "mark", "colon", "but", "sub", "and", "rel"):
                return False
            acted = acted or phrase.kind in ("verb", "move", "untold", "unknown", "words")
            acted = acted or phrase.low.endswith("ing") or phrase.low in self.groups["leaving"]
            if phrase.headed and not phrase.prep:
                return acted and (phrase.head.about == "voice" or phrase.head.low in self.groups["utterances"])
            if phrase.low == "it":
                return acted  # "her voice is soft, but it filled the room"
        return False

    def _phrase_at(self, place: int) -> int:
        """The number of the phrase that the unit belongs to."""
        return next(
            n for n, phrase in enumerate(self.phrases) if phrase.first <= place < phrase.first + len(phrase.units)
        )

    def _voice_follows(self, place: int) -> bool:
        place += self.units.at(place).determines
        unit = self.units.at(place)
        return unit.about == "voice" or unit.low in self.groups["utterances"]

    def _feeling_follows(self, place: int) -> bool:
        """Whether an emotion stands there, a determiner and describing words aside."""
        while self.units.at(place).determines or (self.units.at(place).describes and not self._emotional(place)):
            place += 1
        return self._emotional(place)

    def _emotional(self, place: int) -> bool:
        return self.units.at(place).about == "emotion"

    def _speaks(self, place: int) -> bool:
        """Whether the "someone" is the speaker: the first who is named, or "typical of someone who"."""
        first = not any(unit.person for unit in self.units[:place])
        after = self.units.at(place + 1)
        if after.low == "so":
            return True  # "someone so quiet"
        described = after.kind in ("rel", "say", "be") or after.describes or after.low in ("with", "whose")
        return described and (first or self._low(place - 1).endswith(("of", "like", "as", "for", "to", "by", "from")))

    def _tells(self, place: int) -> bool:
        """Whether an unknown word names a person, a place or a cause: a name, "in the X", "because of X".

        What an unknown word names elsewhere is an image as often as not ("a hailstorm of fury"), and tells nothing.
        """
        unit = self.units[place]
        opening = place == 0 or self._kind(place - 1) in ("end", "quote", "mark", "colon")
        if unit.capital and not opening:
            return True
        phrase = self.phrases[self._phrase_at(place)]
        if unit.denied or unit.muted:
            return False
        if (self.complete or phrase.head.person) and self._characterises(phrase, place):
            return True
        if phrase.head is not unit or _ABSTRACT.search(unit.low):
            return False
        if self.complete and self._unknown_thing(phrase, place):
            return True  # "in an elevator", "opens a gift": all else is said, and this is something more
        return bool(self.groups["causes"] & {other.low for other in self.units[max(0, place - 8) : place]})

    def _characterises(self, phrase: Phrase, place: int) -> bool:
        """Whether an unknown word says how the speaker, the voice or a strange thing is.

        "An aristocratic lady", "a velvety voice", "a birthday cake", "she sounds earnest".
        """
        unit, head = self.units[place], phrase.head
        if unit.low.endswith("ly") and not self.units.at(place + 1).person:
            return False
        if unit in phrase.mods or (head.kind == "unknown" and head is not unit):
            spoken = head.person or head.about == "voice" or head.low in self.groups["manners"]
            return spoken or (head.kind == "unknown" and self._kind(phrase.first - 1) != "end")
        return not phrase.headed and self._kind(place - 1) == "be" and unit.describes and not unit.low.endswith("ed")

    def _unknown_thing(self, phrase: Phrase, place: int) -> bool:
        """Whether an unknown head is a thing: "a gift"; not "a curl of scorn", nor "have the lady drag it out"."""
        image = self._low(place + 1) == "of" and (self._feeling_follows(place + 2) or self._voice_follows(place + 2))
        article = phrase.det in self.groups["articles"] and phrase.units[0].kind != "not"
        return article and not image and not any(unit.nominal and unit is not phrase.head for unit in phrase.units)
