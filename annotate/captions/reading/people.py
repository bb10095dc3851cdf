"""Who speaks, as the caption has it: nouns and pronouns of the speaker, and of nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.captions.reading.claim import LEVELS, Claim
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.lexicon import Lexicon

SECOND = ("second speaker or listener",)


class People:
    """The persons of one caption."""

    def __init__(self, caption: str, units: Units, lexicon: Lexicon, spoken: frozenset[str]) -> None:
        self.caption, self.units, self.lexicon, self.spoken = caption, units, lexicon, spoken
        self.groups = lexicon.groups

    def claims(self) -> list[Claim]:
        """Claims about the speaker's gender; those about others are claims of a second speaker."""
        persons: list[Claim] = []
        for place, unit in self._words():
            claim = self._claim(place, unit, persons)
            if claim is not None:
                persons.append(claim)
        return persons or list(self._named()) or list(self._letters())

    def _words(self) -> Iterator[tuple[int, Unit]]:
        """Units of gender, also within a longer phrase: "takes her time"."""
        for place, unit in enumerate(self.units):
            if unit.person:
                yield place, unit
            elif len(unit.words) > 1 or unit.kind == "det":
                for word in unit.words:
                    entry = self.lexicon.genders.get(word)
                    if entry is not None:
                        yield place, Unit(word, unit.start, unit.end, entry, muted=unit.muted, words=(word,))

    def _low(self, place: int) -> str:
        return self.units.at(place).low

    def _kind(self, place: int) -> str:
        return self.units.at(place).kind

    def _claim(self, place: int, unit: Unit, before: list[Claim]) -> Claim | None:
        pronoun = unit.low in self.groups["pronouns"]
        if unit.low in ("boy", "man") and self._exclaimed(place):
            unit.muted = True
            return None
        if self._either(place, unit):
            return None
        if (before and unit.muted) or (
            unit.low in self.groups["several"] and self._low(place - 1) in self.groups["many"]
        ):
            return None
        after = self.units[place + 1] if place + 1 < len(self.units) else None
        if after is not None and after.about.startswith("second") and not pronoun:
            return None  # "her male partner": the claims of a second speaker tell of the partner
        other = self._somebody_else(place, unit, before, pronoun)
        if other == "pronoun":
            return None
        if other:
            return self._made(unit, "unmeasured", SECOND)
        return self._made(unit, "gender", unit.entry.says, self._denied(place, pronoun))

    def _exclaimed(self, place: int) -> bool:
        """Whether it is the "boy" of "Boy, is she mad!"."""
        after = place + 2 if self._low(place + 1) == "," else place + 1
        opens = self._kind(place - 1) in ("end", "but", "and", "mark") or self._low(place - 1) == "oh"
        subject = self.groups["pronouns"] | {"this", "that"}
        return opens and self._low(after) in self.groups["asking"] and self._low(after + 1) in subject

    def _either(self, place: int, unit: Unit) -> bool:
        """Whether it is left open: "hard to tell whether it's a man or a woman"."""
        for step in (1, -1):
            at, joined = place + step, False
            while self._low(at) in ("or", "a", "an", "/"):
                joined, at = joined or self._low(at) in ("or", "/"), at + step
            other = self.units[at] if 0 <= at < len(self.units) else None
            if joined and other is not None and other.person and other.entry.says != unit.entry.says:
                return True
        return False

    def _somebody_else(self, place: int, unit: Unit, before: list[Claim], pronoun: bool) -> str | None:
        """Whether it is another than the speaker: spoken to, brought in by "a" or "another", or spoken of again."""
        speaker = next((claim for claim in before if claim.about == "gender" and not claim.denies), None)
        if speaker is None:
            return None
        second = any(claim.about == "unmeasured" for claim in before) or any(
            other.about.startswith("second") for other in self.units[:place]
        )
        differs = unit.entry.says != speaker.says
        if pronoun and differs and self._object(place):
            return "noun"  # "he despises her"
        if pronoun:
            return "pronoun" if second and differs else None
        at = place - 1
        while self._kind(at) in ("det", "word") or (0 <= at < len(self.units) and self.units[at].describes):
            at -= 1
        named = {self._low(between) for between in range(at + 1, place)}
        described = self._low(place + 1) == "'s" or self._kind(place + 1) in ("noun", "fact")
        if self._low(at) in self.groups["towards"] and not described:
            return "noun"
        brought_in = (
            named & {"a", "another", "an", "some"} or (second and "the" in named) or self._low(place + 1) == "'s"
        )
        same = self._kind(at) in ("be", "but") or self._low(at) in self.groups["same"]
        return "noun" if differs and brought_in and not same else None

    def _object(self, place: int) -> bool:
        """Whether a pronoun is the object of a verb: "he despises her", not "angers her voice"."""
        before = self.units.at(place - 1)
        acts = before.entry.form == "verb" or (
            before.kind in ("unknown", "untold", "verb") and before.low.endswith("s")
        )
        stands = before.kind == "be" and self._low(place - 2) == "to"  # "why it had to be him"
        ends = self._kind(place + 1) in ("end", "mark", "and", "but")
        return (acts and (ends or self._low(place) == "him")) or (stands and ends and self._low(place) == "him")

    def _denied(self, place: int, pronoun: bool) -> bool:
        """Only "not a man" denies a gender; "not her voice" does not."""
        if pronoun or not self.units[place].denied:
            return False
        before = self.units[place - 1] if place else None
        if self._kind(place + 1) == "colon" and self._low(place + 2) in self.groups["no flag"]:
            return True  # "female: no"
        described = before is not None and before.about in (*LEVELS, "emotion")  # "not a calm woman" is a woman
        near = {self._low(at) for at in range(max(0, place - 3), place)}
        kinds = {self._kind(at) for at in range(max(0, place - 3), place)}
        standing = "striking" in kinds  # "not unusual for a man"
        return "not" in kinds and not (described or standing or near & {"the", "this", "that"})

    def _named(self) -> Iterator[Claim]:
        """The gender of "a frightened princess"; "my mother" is not the speaker."""
        for place, unit in enumerate(self.units):
            gender = self.lexicon.persons.get(unit.low)
            if gender is None or unit.low in self.spoken:
                continue
            at = place - 1
            while at >= 0 and self.units[at].describes:
                at -= 1
            if self._low(at) not in self.groups["owned"] | self.groups["towards"]:
                yield self._made(unit, "gender", (gender,))
                return

    def _letters(self) -> Iterator[Claim]:
        """Notes write "F." or "(M)" for the speaker: a capital by itself, between marks or at an end."""
        bounds = ("end", "mark", "colon")
        for place, unit in enumerate(self.units):
            after_key = self._kind(place - 1) == "colon" and self._low(place - 2) in self.groups["who"]
            alone = unit.low in ("f", "m") and (after_key or unit.capital or place == 0 or self._low(place - 1) == "(")
            ends = self._kind(place + 1) in bounds or self._kind(place - 1) == "colon"
            if self._kind(place - 1) == "colon" and self.units.at(place - 2).about in LEVELS:
                continue  # "speed: F"
            keyed = self._low(place - 1) in self.groups["who"]  # "Sex F"
            if alone and ends and (keyed or self._kind(place - 1) in bounds):
                yield self._made(unit, "gender", ("female" if unit.low == "f" else "male",))

    def _made(self, unit: Unit, about: str, says: tuple[str, ...], denies: bool = False) -> Claim:
        return Claim(
            about, says, self.caption[unit.start : unit.end], unit.start, unit.end, denies=denies, hedged=unit.hedged
        )
