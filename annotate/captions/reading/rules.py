"""Claims from phrases: of what a word is said, kept track of from left to right.

A level word ("high") is said of the noun that it stands before ("a high pitch"), of the subject that a verb or a
colon joins it to ("her pitch is high", "pitch: high"), of the noun after a preposition ("high in pitch"), or of the
voice. Nouns share a word ("normal pitch, speed and volume") and words a noun ("her pitch is low and steady").
"""

from __future__ import annotations

from collections.abc import Callable

from annotate.captions.reading.claim import LEVELS, Claim
from annotate.captions.reading.noun_phrases import NounPhrases
from annotate.captions.reading.phrases import Phrase


class Reader(NounPhrases):
    """Reads the phrases of one caption."""

    def read(self) -> list[Claim]:
        """All claims about levels, attributes and emotions."""
        by_kind: dict[str, Callable[[Phrase], None]] = {
            "end": self._end, "colon": self._colon, "but": self._but, "sub": self._but, "none": self._but,
            "rel": self._relative, "be": self._copula, "say": self._say, "it": self._it, "so": self._so,
            "fact": self._verb, "attribute": self._verb, "move": self._move, "striking": self._striking,
            "phrase": self._phrase, "scale": self._phrase, "mark": self._mark, "det": self._clitic, "way": self._way,
            "word": self._what,
        }  # fmt: skip
        for at, phrase in enumerate(self.phrases):
            self.at = at
            if at not in self.consumed and phrase.kind in by_kind:
                by_kind[phrase.kind](phrase)
            self.state.joined = phrase.kind in ("and", "mark") or phrase.low == "nor"
        return self.claims

    def _end(self, phrase: Phrase) -> None:
        topic = (self.state.pending or self._asked()) if phrase.low == "?" else []
        self.state.clause(topic)
        self.state.pending, self.state.spoke, self.state.carried = list(topic), False, None

    def _asked(self) -> list[str]:
        """What "How loud?" asks of."""
        asked = self._next(-1).mods[-1:]
        if asked and self._next(-2).low == "how" and (asked[0].kind == "scale" or asked[0].about in LEVELS):
            return [asked[0].about or "pitch"]
        return []

    def _colon(self, phrase: Phrase) -> None:
        """What stands before a colon is what the words after it are said of; a key that is not ours blocks them."""
        head = self._next(-1).head
        opens = self.at < 2 or self._next(-2).kind in ("end", "mark", "number")
        if opens and self._next(-1).headed and not self._names(head):
            self.state.clause()
            if head.kind in ("unknown", "untold", "thing") and head.low not in self.lexicon.groups["keys"]:
                self.state.pending = ["key"]
        elif opens and self._next(-1).units and self._next(-1).units[-1].kind == "untold":
            self.state.clause(["key"])  # "assertiveness: high"
            self.state.pending = ["key"]
        if self.state.pending:
            self.state.subject = list(self.state.pending)  # "slow pace, pitch: mid"
        self.state.linked = bool(self.state.subject)

    def _mark(self, phrase: Phrase) -> None:
        if self.state.pending == ["key"]:
            self.state.clause()

    def _way(self, phrase: Phrase) -> None:
        """The "up" of "turn the volume up", "volume: up": of a noun that stands right before it."""
        named = self._next(-1).headed or self._next(-1).kind == "colon"
        if named and self.state.pending and self._next().kind in ("end", "mark", "and", "but"):
            self._assign(phrase.units[0], self.state.pending)
            self.state.pending = []

    def _clitic(self, phrase: Phrase) -> None:
        if phrase.low == "'s":  # "her volume's normal"
            self._copula(phrase)

    def _what(self, phrase: Phrase) -> None:
        if phrase.low == "what" and self._next().det:
            self.state.clause()  # "in spite of a fast tempo, what the speaker conveys is calm"

    def _but(self, phrase: Phrase) -> None:
        if not (self._next().words and phrase.low in ("but", "yet")):  # "isn't low but high" goes on
            self.state.clause()

    def _relative(self, phrase: Phrase) -> None:
        if self._next(-1).kind == "prep" and self.state.pending:
            self.state.passing = True
        elif self.state.named:
            self.state.clause(self.state.named)
            self.state.relative = True

    def _copula(self, phrase: Phrase) -> None:
        state = self.state
        if state.joined and (phrase.low.endswith("ing") or phrase.low in self.lexicon.groups["sounding"]):
            state.clause()  # ", sounding neutral": the speaker does
        if state.linked and state.relative and not state.pending:
            state.subject, state.relative = [], False  # "a woman whose volume is high is furious"
        state.subject, state.linked = state.pending or state.subject, True

    def _say(self, phrase: Phrase) -> None:
        if self.state.passing:
            self.state.passing = False
            return
        self.state.clause(["voice"])
        self.state.spoke = True

    def _it(self, phrase: Phrase) -> None:
        if self._next().kind in ("be", "aux", "not", "move", "verb", "word"):
            self.state.clause(self.state.last)
            self.state.vague = True

    def _so(self, phrase: Phrase) -> None:
        """The volume of "and so is the volume" and of "the volume likewise"."""
        targets = self.state.pending
        valued = any(unit.kind in ("scale", "fact") for unit in self._next().mods)  # "at the same normal volume"
        if self._next().words:
            return  # "the voice is also breathy"
        if not targets and self._next().headed and not valued and not phrase.low.endswith(("too", "also")):
            targets = self._group(self.at + 1)
        compared = self._next().kind in ("like", "than") or self._next(-1).low == "about"  # "about the same"
        if self.state.level is not None and targets and not compared:
            self._assign(self.state.level, targets)
            self.state.pending = []

    def _verb(self, phrase: Phrase) -> None:
        """A verb that claims by itself: "she whispers"."""
        unit = phrase.units[0]
        if unit.about in LEVELS and unit.entry.form in ("verb", "word") and self._feels(self._next(-1)):
            return  # "melancholy lingers in her voice"
        self._plain_fact(unit)
        if unit.entry.form == "verb" and unit.about in LEVELS:
            self._say(phrase)

    def _verbal_noun(self, phrase: Phrase) -> None:
        (self._move if phrase.head.kind == "move" else self._striking)(phrase)

    def _move(self, phrase: Phrase) -> None:
        """What rises or falls: the object, the noun after "in", or the subject."""
        unit = phrase.head if phrase.headed else phrase.units[0]
        ahead = [self._next(steps).kind for steps in range(1, 5)]
        skip = 1
        if "move" in ahead and set(ahead[: ahead.index("move")]) <= {"and", "not", "mark"}:
            skip = ahead.index("move") + 2  # "raises nor lowers her pitch"
        follows, consumed = self._next(skip), set(self.consumed)
        if not follows.prep and (self._feels(follows) or (follows.det and follows.head.kind == "thing")):
            for other in (other for other in phrase.units if other is not unit):
                self._plain_fact(other)
            return  # "the slowness heightens the contempt"
        targets = self.state.pending or self.state.subject
        valued = any(mod.kind in ("scale", "fact") for mod in follows.mods)  # "keeps up a slow pace"
        if follows.headed and follows.prep in ("", "in") and self._target(follows.head) and not valued:
            targets = self._group(self.at + skip)
            if skip > 1:
                self.consumed = consumed
        ending = any(self._at_a_place(ahead_phrase) for ahead_phrase in (self._next(), self._next(2)))
        for target in targets:
            if ending and (target == "voice" or (target in LEVELS and target != "pitch")):
                self._claim(unit, "unmeasured", ("variation",))
            elif target in LEVELS or target in self.lexicon.groups["moving"]:
                rises = unit.low.endswith("ing") and skip == 1 and self._is_bare(follows)  # "delivery and rising pitch"
                self._moving(unit, "contour" if ending or target not in LEVELS else target, nominal=rises)
        if targets and targets == self.state.pending:
            self.state.subject, self.state.pending = targets, []

    @staticmethod
    def _is_bare(phrase: Phrase) -> bool:
        return phrase.headed and not (phrase.prep or phrase.det or phrase.mods)

    @staticmethod
    def _feels(phrase: Phrase) -> bool:
        """Whether a phrase ends with an emotion: what it does is no level, nor what is done to it."""
        return bool(phrase.units) and phrase.units[-1].about == "emotion"

    def _at_a_place(self, phrase: Phrase) -> bool:
        """Whether something moves within the clip alone: "towards the end", "on the final word"."""
        last = phrase.units[-1] if phrase.units else None
        return last is not None and (
            (bool(phrase.prep) and last.low == "end")
            or (last.about == "delivery" and set(last.words) & self.lexicon.groups["stretches"] != set())
        )

    def _striking(self, phrase: Phrase) -> None:
        """What nothing stands out about is normal."""
        unit = phrase.head if phrase.headed else phrase.units[0]
        if unit.denied:
            targets = self.state.pending or self.state.subject
            if self._next().headed and self._target(self._next().head):
                targets = self._group(self.at + 1)
            elif self._next().headed and self._next().det and not self._next().prep:
                return  # "does not alter the impression"
            for target in targets:
                if target in LEVELS:
                    self._claim(unit, target, ("normal",), denies=False)
            self.state.pending = []
