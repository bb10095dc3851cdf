"""What a single word claims of the noun that it is said of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from annotate.captions.reading.claim import LEVELS, Claim
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.phrases import Phrase


@dataclass
class State:
    """What the clause so far speaks of.

    Attributes:
        subject: nouns of the clause's subject.
        pending: nouns that no word has been said of yet.
        last: the nouns named last, which "it" stands for.
        shared: the words of the noun before, which further bare nouns share.
        level: the level said last, which "and so is the volume" repeats.
        carried: a level said of everything, which a list after a colon spells out.
        linked, spoke: a copula, a verb of speaking stood in this clause.
        joined: an "and" or a mark stood right before.
        relative, vague: the clause is a relative one; its subject is "it".
        passing: a relative clause that says nothing of the noun before it: "the rate at which she speaks".
    """

    subject: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    shared: list[Unit] = field(default_factory=list)
    level: Unit | None = None
    carried: Unit | None = None
    linked: bool = False
    spoke: bool = False
    joined: bool = False
    relative: bool = False
    vague: bool = False
    passing: bool = False

    @property
    def named(self) -> list[str]:
        """The nouns that a relative clause or an "of" may go back to."""
        return self.pending or self.last

    def clause(self, subject: Sequence[str] = ()) -> None:
        """A new clause."""
        self.relative = self.vague = self.passing = False
        self.subject, self.pending, self.shared, self.linked = list(subject), [], [], False


class WordClaims:
    """Makes the claims of one caption, word by word; ``rules.Reader`` finds what each word is said of."""

    def __init__(self, caption: str, units: Units, phrases: Sequence[Phrase], lexicon: Lexicon) -> None:
        self.caption, self.units, self.phrases, self.lexicon = caption, units, phrases, lexicon
        self.state, self.consumed = State(), set[int]()
        self.claims: list[Claim] = []
        self.at = 0

    def _attributive(self, unit: Unit, target: str, valued: bool = False) -> bool:
        """A word before its noun; whether it says how the noun is, which another may have said already."""
        if valued and unit.about not in LEVELS and self._with(unit, target) is not None:
            unit.read = True
            return True  # "a brisk, steady pace"
        if unit.kind == "scale":
            self._assign(unit, [target])
            return True
        self._describing(unit, target)
        return unit.about == target or self._with(unit, target) is not None

    def _with(self, unit: Unit, target: str | None) -> tuple[str, tuple[str, ...]] | None:
        return self.lexicon.with_noun.get(target or "", {}).get(unit.low)

    def _share(self, unit: Unit, target: str) -> None:
        if unit.kind == "scale":
            self._assign(unit, [target])

    def _describing(self, unit: Unit, target: str | None) -> None:
        """A word that may speak of its noun alone ("a steady pace"), or by itself."""
        listed = self._with(unit, target)
        if listed is not None and (unit.about not in LEVELS or unit.about == target):
            self._claim(unit, *listed)
        else:
            self._plain_fact(unit, target)

    def _plain_fact(self, unit: Unit, target: str | None = None) -> None:
        if unit.kind == "attribute":
            self._claim(unit, unit.about, unit.entry.says)
        elif unit.kind == "fact" and unit.about == "emotion" and self._happened(unit):
            return  # "grief had settled into every word"
        elif unit.kind == "fact" and unit.about == "emotion":
            denies = unit.denied != (unit.entry.form == "denies")
            also = self.lexicon.also.get(unit.low)
            other = (also,) if also and target in (None, "voice") else ()
            self._claim(unit, "emotion", unit.entry.says, other, denies, of_voice=bool(other) and target == "voice")
            if self._heard_apart(unit):
                self.claims.append(replace(self.claims[-1], about="unmeasured", says=("variation",)))
        elif unit.kind == "fact" and unit.about in LEVELS and not self._of_another(unit):
            self._claim(unit, unit.about, ("normal",) if unit.usual else unit.entry.says)

    def _of_another(self, unit: Unit) -> bool:
        """Whether a level is that of a feeling, an accent or a sound: "scorn pours out", "a creeping terror"."""
        place = self.units.index(unit)
        before, after = self.units.at(place - 1), self.units.at(place + 1)
        acts = unit.entry.form == "verb" or (len(unit.words) > 1 and unit.words[0].endswith("s"))
        if unit.low in self.lexicon.groups["deep"] and self._strengthens(unit):
            return True
        if unit.low.endswith("audible") and before.kind == "be" and self.units.at(place - 2).about == "emotion":
            return True  # "anger is clearly audible"
        another = self._moves_feeling(unit, place, acts) or (acts and self._does_another(place))
        of_voice = self.units.at(place + 2).about == "voice"  # "a loud radio voice"
        return another or (not of_voice and self._of_untold(unit, before, after))

    def _moves_feeling(self, unit: Unit, place: int, acts: bool) -> bool:
        """Whether a level is how a feeling moves: "the fear is deepened by a voice", "a creeping terror"."""
        before, after = self.units.at(place - 1), self.units.at(place + 1)
        groups = self.lexicon.groups
        if unit.low.endswith("ed") and after.low == "by" and self._feels_before(place):
            return True
        acts = acts and not self._acts_on_speech(place)
        if acts and (before.low == "what" or (unit.about == "speed" and self._is_feeling(before))):
            return True  # "what lingers is disdain"
        if unit.about == "speed" and acts and self._begins_with_feeling(place):
            return True  # "the anger of this woman pours out"
        if unit.about == "speed" and unit.low.endswith(" out") and self._feeling_after(place):
            return True  # "pours out her scorn", "burst out in astonishment"
        if after.about != "emotion":
            return False
        shade = unit.low in groups["images of a feeling"] or (unit.low in groups["mild"] and unit.entry.form == "adj")
        return unit.low.endswith(" out") or (shade and self._is_feeling(after))  # "a quiet pride"

    @staticmethod
    def _of_untold(unit: Unit, before: Unit, after: Unit) -> bool:
        """Whether a level is that of an accent, a sound or a gesture: "faintly Scottish", "he claps slowly"."""
        form = unit.entry.form
        gesture = before.about.startswith("appearance") and before.entry.form == "verb" and form == "adverb"
        faint = form == "adverb" and unit.entry.says == ("quiet",) and before.kind != "say"
        sound = form == "adj" and after.entry.form == "noun" and after.about.startswith("place")
        return gesture or (faint and after.about.startswith("accent")) or sound

    def _does_another(self, place: int) -> bool:
        """Whether the subject before a verb is an animal or a thing: "a dog is barking", "the thunder roars"."""
        place -= 1
        while self.units.at(place).kind in ("be", "aux", "degree", "and"):
            place -= 1
        subject = self.units.at(place)
        other = subject.about.startswith("place") or subject.low in self.lexicon.groups["creatures"]
        return subject.kind == "untold" and subject.entry.form == "noun" and other

    def _begins_with_feeling(self, place: int) -> bool:
        """Whether the sentence of a verb begins with an emotion, and names nobody but whose that is, and no voice."""
        first = place
        while first > 0 and self.units[first - 1].kind != "end":
            first -= 1
        span = self.units[first:place]
        named = [unit for unit in span if unit.nominal]
        others = any(unit.about == "voice" or unit.low in self.lexicon.groups["utterances"] for unit in named)
        somebody = any(
            unit.person and "of" not in self.units.lows(first + at - 2, first + at) for at, unit in enumerate(span)
        )
        parted = self.units.at(place - 1).kind in ("mark", "colon")  # "Joy, squealing"
        apart = parted and not self.units[place].low.endswith(" out")
        return bool(named) and self._is_feeling(named[0]) and not (others or somebody or apart)

    def _feels_before(self, place: int) -> bool:
        """Whether the noun before a verb is an emotion: "the fear that these convey is deepened by"."""
        for unit in reversed(self.units[max(0, place - 8) : place]):
            if self._is_feeling(unit):
                return True
            if unit.nominal or unit.person or unit.kind in ("mark", "colon", "end"):
                return False
        return False

    def _acts_on_speech(self, place: int) -> bool:
        """Whether words or a measure are what a verb acts on: "sadness slows down her speech"."""
        place += 1
        while self.units.at(place).determines or self.units.at(place).describes:
            place += 1
        noun = self.units.at(place)
        return noun.measure or noun.about == "voice" or noun.low in self.lexicon.groups["utterances"]

    def _feeling_after(self, place: int) -> bool:
        place += 1
        while self.units.at(place).determines or self.units.at(place).kind == "prep":
            place += 1
        return self.units.at(place).about == "emotion"

    @staticmethod
    def _is_feeling(unit: Unit) -> bool:
        return unit.about == "emotion" and unit.entry.form in ("noun", "word")

    def _happened(self, unit: Unit) -> bool:
        before = self.units.at(self.units.index(unit) - 1)
        return unit.low.endswith("ed") and before.low in self.lexicon.groups["perfect"]

    def _heard_apart(self, unit: Unit) -> bool:
        """Whether it is a sound that the caption places: "a giggle in nearly every phrase"."""
        groups, place = self.lexicon.groups, self.units.index(unit) + 1
        placed = self.units.at(place).low in groups["placing"] and not unit.muted
        counted = self.units.at(place).low in groups["counting"]  # "yawns twice"
        in_stretch = placed and bool({*self.units.lows(place, place + 5)} & groups["stretches"])
        return unit.low in groups["vocal sounds"] and (counted or in_stretch)

    def _shade(self, unit: Unit, head: Unit) -> None:
        """The "scornful" of "scornful anger": a shade of it, unless the one excludes the other."""
        excluded = self.lexicon.excludes.get(head.entry.says[0], frozenset())
        shade = not excluded.issuperset(unit.entry.says)
        self._claim(unit, "emotion", (*unit.entry.says, *head.entry.says) if shade else unit.entry.says)

    def _moving(self, unit: Unit, target: str, nominal: bool = True) -> bool:
        """A noun that moves; "a rising pitch" goes up over the sentence and need not be high."""
        says = unit.entry.says[0]
        if target in self.lexicon.groups["moving"] or (nominal and target == "pitch"):
            self._claim(unit, "contour", (self.lexicon.values["contour"][says],))
        elif target in LEVELS:
            self._claim(unit, target, (self.lexicon.values[target][says],))
        return True

    def _strengthens(self, unit: Unit) -> bool:
        """Whether "deep" only strengthens: "deeply sad"."""
        place = self.units.index(unit)
        spoken = self.units.at(place - 1).kind in ("say", "and", "mark")
        runs = self.units.at(place - 1).kind == "be"
        feels = runs and self.units.at(place - 2).about == "emotion"  # "sorrow runs deep"
        return feels or self.units.at(place + 1).about == "emotion" or (unit.low.endswith("ly") and not spoken)

    def _assign(self, unit: Unit, targets: Sequence[str], bare: bool = False) -> None:
        """A level word said of nouns."""
        level = "normal" if unit.usual else unit.entry.says[0]
        self.state.level = unit
        if unit.muted:
            return
        for target in dict.fromkeys(targets):
            if target in LEVELS:
                self._claim(unit, target, (self.lexicon.values[target][level],))
            elif target == "voice":
                self._of_voice(unit, level, bare)

    def _of_voice(self, unit: Unit, level: str, bare: bool) -> None:
        """Of a voice "high" and "low" speak of pitch; "low" may also speak of volume."""
        before = self.phrases[self.at - 1].low if self.at else ""
        if bare and unit.denied and before in self.lexicon.groups["away"] and before != "not":
            return  # "rather than high, her volume is low"
        if unit.usual:
            self._claim(unit, "pitch", ("normal",))  # "her voice is as high as most women's"
            return
        if level == "normal" and (bare or unit.low not in self.lexicon.groups["middling"]):
            self.state.carried = unit
            return
        if unit.entry.form == "adverb":
            return
        raised, lowered = (unit.low in self.lexicon.groups[name] for name in ("raised", "lowered"))
        other = self.lexicon.of_voice.get("raised" if raised else level, ())
        if unit.denied and not (raised or lowered):
            other = ()
        self._claim(unit, "pitch", (self.lexicon.values["pitch"][level],), other)

    def _claim(
        self,
        unit: Unit,
        about: str,
        says: tuple[str, ...],
        other: tuple[tuple[str, str], ...] = (),
        denies: bool | None = None,
        of_voice: bool = False,
    ) -> None:
        if unit.muted:
            return
        unit.read = True
        denied = (unit.denied and unit.entry.form != "always") if denies is None else denies
        if unit.occasional and about != "emotion":
            about, says, other, denied = "unmeasured", ("variation",), (), False
        self.claims.append(
            Claim(
                about, says, self.caption[unit.start : unit.end], unit.start, unit.end, denies=denied,
                hedged=unit.hedged, other=other, usual=unit.against_usual, of_voice=of_voice,
            )
        )  # fmt: skip
