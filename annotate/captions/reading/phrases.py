"""Units in phrases: a head with what stands before it."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotate.captions.reading.clauses import NONE, Unit, Units


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


def phrases(units: Units) -> list[Phrase]:
    """The units of a caption in phrases, in order, each unit in one."""
    made: list[Phrase] = []
    at = 0
    while at < len(units):
        made.append(_phrase(units, at))
        at += len(made[-1].units)
    return made


def _phrase(units: Units, at: int) -> Phrase:
    """Preposition? determiners (describing words, joined by commas or "and")* head+, as long as it goes."""
    phrase, place, end = Phrase(at, [], "phrase"), at, at + 1
    while units.at(place).kind == "prep":
        phrase.prep, place = units[place].low, place + 1
    while place < len(units):
        if units[place].kind in ("and", "mark", "but") and phrase.head is NONE and phrase.mods:
            if not _joins(units, place, phrase):
                break
        elif _takes(units, place, phrase):
            end = place + 1
        else:
            break
        place += 1
    phrase.units = units[at:end]
    if phrase.head is NONE and not phrase.mods:
        phrase.kind = units[at].kind if end == at + 1 else "words"
    return phrase


def _takes(units: Units, place: int, phrase: Phrase) -> bool:
    """Whether the next unit belongs to a phrase; it is put where it belongs."""
    unit, head, begun = units[place], phrase.head, bool(phrase.mods) or phrase.head is not NONE
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
        and (head.kind != "noun" or _reaches_head(units, place + 1))
    ):
        phrase.head, phrase.det = NONE, "'s"
    elif (verbal and not (phrase.det or phrase.prep or phrase.mods or _listed_moving(units, place))) or (
        begun and (pronoun or (head is not NONE and _is_verb(unit, head, verbal)))
    ):
        return False
    elif unit.nominal or (verbal and (phrase.det or phrase.prep or _moving(units, place))):
        phrase.head = unit
    elif unit.describes and (head is NONE or (head.person and _reaches_head(units, place))):
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


def _joins(units: Units, place: int, phrase: Phrase) -> bool:
    """Whether a comma or "and" between describing words leads on to the same head: "a low, slow voice"."""
    comma = units[place].low == ","
    if units[place].kind == "mark" and not comma:
        return False
    place += 1 + (comma and units.at(place + 1).kind in ("and", "but"))
    after = units.at(place)
    if after.kind == "fact" and after.nominal and not after.person and phrase.det:
        return True  # "a subdued, bass voice"; not "pitch: mid, low volume"
    if _moving(units, place):
        return not phrase.mods[-1].low.endswith("ly")  # "a low, rising pitch"; not "speaks angrily, dropping pitch"
    tags = any(unit.kind == "scale" or unit.about == "emotion" for unit in phrase.mods)
    return after.describes and _reaches_head(units, place) and not (comma and not phrase.det and tags)


def _moving(units: Units, place: int) -> bool:
    """Whether the "rising" or "steeply rising" of "a rising pitch" stands there."""
    place += units.at(place).kind == "degree"
    return units.at(place).kind == "move" and units[place].low.endswith("ing") and units.at(place + 1).kind == "noun"


def _listed_moving(units: Units, place: int) -> bool:
    """Whether it is the "falling" of "her flat intonation, falling pitch and low voice"."""
    return (
        _moving(units, place)
        and units.at(place - 1).kind in ("mark", "and")
        and units.at(place - 2).kind in ("noun", "attribute")
    )


def _reaches_head(units: Units, place: int) -> bool:
    while units.at(place).describes or units.at(place).kind in ("and", "but") or units.at(place).low == ",":
        place += 1
    head = units.at(place)
    return units[place - 1].kind not in ("and", "but", "mark") and head.nominal and head.entry.form != "pron"
