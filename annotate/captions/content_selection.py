"""What a caption says of a clip: the few attributes that matter for it, each against the group or the speaker.

First what the evidence ties to the clip's emotion, most telling first; then what is most extreme, weighted by how
telling its word is of emotions in general in the training clips. The second order looks at no label of the clip, and a
description uses it alone. A middling word is told only where the evidence ties it to the emotion, or where there is
nothing else to tell. Of two words that clash (``clashes:`` of an attribute's file), the one that comes first is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from annotate.attributes import GROUP, SPEAKER, Attribute, AttributeTable, word_column
from annotate.captions.supported_reasons import Evidence

Row = Mapping[str, Any]
FEWEST, MOST_REASONS = 3, 4
# a description, whose choice knows no label, carries nine tenths of what the words tell only with the fifth
MOST = {"short": {"description": 5, "explanation": 4}, "long": {"description": 5, "explanation": 5}}
MOST_OPPOSING = 1
# a word against the speaker's own usual tells more of the state than one against the group (docs/captions.md)
SPEAKER_WEIGHT = 1.5
# an attribute that is tied to the emotion by less than this share of what the first one is adds length and little else
WORTH = 0.25


@dataclass(frozen=True)
class Statement:
    """One word of one attribute.

    Attributes:
        attribute: what is spoken of.
        word: its word.
        against: ``group`` or ``speaker``: what the word compares with.
        distance: from the middle word, -1 to 1.
        sense: ``for``, ``against`` or ``silent``: what the evidence says of it and the row's emotion.
        hedged: whether it is said with a doubt.
        in_group: whether the group compared with is the speaker's gender, so that "for a woman" is true.
        emphatic: whether it is said as far as it goes ("very high"); else by its word of three levels ("high").
    """

    attribute: Attribute
    word: str
    against: str = GROUP
    distance: float = 0.0
    sense: str = "silent"
    hedged: bool = False
    in_group: bool = False
    emphatic: bool = True

    @property
    def column(self) -> str:
        """The column of the row that holds the word."""
        return word_column(self.attribute.name, self.against)

    @cached_property
    def written(self) -> str:
        """The word whose phrases say it."""
        coarse = self.attribute.coarse(self.word)
        return self.word if self.emphatic or coarse is None else coarse

    def clashes(self, other: Statement) -> bool:
        """Whether a reader would take the two together for a contradiction or for one thing said twice."""
        return self._names_clash_with(other) or other._names_clash_with(self)

    def _names_clash_with(self, other: Statement) -> bool:
        words = self.attribute.clashes.get(self.attribute.coarse(self.word) or self.word, {})
        return (other.attribute.coarse(other.word) or other.word) in words.get(other.attribute.name, ())

    @property
    def middling(self) -> bool:
        """Whether it is the word of the middle: nothing out of the ordinary."""
        return self.distance == 0.0

    @property
    def compares(self) -> bool:
        """Whether it is said as a comparison with the speaker: "than usual"."""
        return self.against == SPEAKER and not self.middling


@dataclass(frozen=True)
class Telling:
    """What a caption tells: every statement, in the order of what matters most."""

    statements: tuple[Statement, ...] = ()

    @property
    def supporting(self) -> tuple[Statement, ...]:
        """What goes with the emotion."""
        return tuple(statement for statement in self.statements if statement.sense == "for")

    @property
    def opposing(self) -> tuple[Statement, ...]:
        """What goes against the emotion."""
        return tuple(statement for statement in self.statements if statement.sense == "against")

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes told."""
        return tuple(statement.attribute.name for statement in self.statements)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the words told."""
        return tuple(statement.column for statement in self.statements)


def partition(
    statements: Sequence[Statement], passes: Callable[[Statement], bool]
) -> tuple[list[Statement], list[Statement]]:
    """The statements that pass, and those that do not, each in their order."""
    return [item for item in statements if passes(item)], [item for item in statements if not passes(item)]


def against_speaker(statement: Statement) -> bool:
    """Whether it compares with the speaker's usual."""
    return statement.against == SPEAKER


def extent(statement: Statement) -> float:
    """How far its word lies from the middle one, 0 to 1."""
    return abs(statement.distance)


def select(
    row: Row, table: AttributeTable, evidence: Evidence, style: str = "explanation", length: str = "long",
    against: str = "both",
) -> Telling:  # fmt: skip
    """The statements of a row's caption.

    Args:
        row: the words of the attributes (``NAME``, ``NAME_own``), ``emotion``, ``gender``, ``hedged``.
        table: the attributes of the recipe.
        evidence: which word goes with which emotion, and how far.
        style: ``explanation`` begins with what is tied to the emotion; ``description`` looks at no label.
        length: ``short`` or ``long``: how many are told at most.
        against: ``group``, ``speaker`` or ``both``: which comparisons are told. Where a speaker of few clips has no
            usual, ``speaker`` tells the word against the group.
    """
    emotion = (row.get("emotion") if style == "explanation" else None) or None
    words = list(statements(row, table, evidence, emotion))
    if against != "both":
        compared = {word.attribute.name for word in words if word.against == SPEAKER} if against == SPEAKER else set()
        words = [word for word in words if word.against == (SPEAKER if word.attribute.name in compared else GROUP)]
    reasons = _reasons(words, evidence, emotion)
    supporting = [reason for reason in reasons if reason.sense == "for"]
    # that a word is the usual one is a reason only where there is no other
    supporting = _compatible([reason for reason in supporting if not reason.middling] or supporting)[:MOST_REASONS]
    opposing = _opposing(reasons, supporting, evidence, emotion)
    chosen = supporting + _compatible(opposing, supporting)[:MOST_OPPOSING]
    for statement in _striking(words, evidence):
        if len(chosen) >= (FEWEST if statement.middling else MOST[length][style]):
            break
        named = any(statement.attribute.name == earlier.attribute.name for earlier in chosen)
        if not named and _compatible([statement], chosen):
            chosen.append(statement)
    first = next((place for place, statement in enumerate(chosen) if abs(statement.distance) == 1), None)
    return Telling(tuple(replace(statement, emphatic=place == first) for place, statement in enumerate(chosen)))


def _compatible(statements: Sequence[Statement], beside: Sequence[Statement] = ()) -> list[Statement]:
    """The statements, in their order, that clash neither with an earlier one nor with those that stand beside them."""
    kept: list[Statement] = []
    for statement in statements:
        if not any(statement.clashes(other) for other in (*beside, *kept)):
            kept.append(statement)
    return kept


def _opposing(
    reasons: Sequence[Statement], supporting: Sequence[Statement], evidence: Evidence, emotion: str | None
) -> list[Statement]:
    """What goes against the emotion, where it does so as plainly as anything goes with it."""

    def strength(statement: Statement) -> float:
        return evidence.strength(emotion, statement.column, statement.word)

    least = max(map(strength, supporting), default=0.0)
    return [
        reason
        for reason in reasons
        if reason.sense == "against" and abs(reason.distance) == 1 and strength(reason) >= least
    ]


def statements(row: Row, table: AttributeTable, evidence: Evidence, emotion: str | None) -> Iterator[Statement]:
    """Every word of a row that can be said, silent ones too."""
    hedged = row.get("hedged") or ()
    for attribute in table.values():
        order = attribute.words(table.levels)
        for against in (GROUP, SPEAKER):
            word = row.get(word_column(attribute.name, against))
            if word is None or word not in attribute.all_words or not writable(attribute, word, against):
                continue
            doubtful = word_column(attribute.name, against) in hedged
            if doubtful and against == SPEAKER:
                continue  # a comparison takes no "fairly": "fairly louder"
            place, half = (order.index(word), len(order) // 2) if word in order else _coarse_place(attribute, word)
            sense = "silent" if doubtful else evidence.sense(emotion, word_column(attribute.name, against), word)
            yield Statement(
                attribute, word, against, (place - half) / half, sense, doubtful,
                against == GROUP and row.get("gender") is not None
                and row.get(f"{attribute.name}_scale") == row.get("gender"),
            )  # fmt: skip


def writable(attribute: Attribute, word: str, against: str) -> bool:
    """Whether the attribute's file says how to write a word; one without ``write`` is written by its words alone."""
    if not attribute.write:
        return word not in {words[len(words) // 2] for words in attribute.levels.values()}
    forms = attribute.write.get(word, {})
    return bool(forms) and (against == GROUP or any(form.startswith("comparative") for form in forms))


def _coarse_place(attribute: Attribute, word: str) -> tuple[int, int]:
    words = next(words for words in attribute.levels.values() if word in words)
    return words.index(word), len(words) // 2


def _reasons(words: Sequence[Statement], evidence: Evidence, emotion: str | None) -> list[Statement]:
    """What the evidence ties to the emotion, most telling first, one statement an attribute."""
    best: dict[str, tuple[float, Statement]] = {}
    for word in words:
        if word.sense == "silent" or not word.attribute.cue or (word.sense == "against" and word.middling):
            continue
        weight = evidence.strength(emotion, word.column, word.word) * _weight(word)
        held = best.get(word.attribute.name)
        if held is None or (word.sense == "for", weight) > (held[1].sense == "for", held[0]):
            best[word.attribute.name] = (weight, word)
    ranked = sorted(best.values(), key=lambda pair: -pair[0])
    most = max((weight for weight, _ in ranked), default=0.0)
    return [reason for weight, reason in ranked if weight >= WORTH * most]


def _striking(words: Sequence[Statement], evidence: Evidence) -> list[Statement]:
    """The other words, most extreme first; middling ones last; one of each attribute before a second of any."""
    best: dict[str, tuple[float, Statement]] = {}
    for word in words:
        weight = abs(word.distance) * evidence.telling(word.column, word.word) * _weight(word)
        held = best.get(word.attribute.name)
        if held is None or (weight, word.middling and word.against == GROUP) > (held[0], False):
            best[word.attribute.name] = (weight, replace(word, sense="silent"))
    return [word for _, word in sorted(best.values(), key=lambda pair: (pair[1].middling, -pair[0]))]


def _weight(statement: Statement) -> float:
    return SPEAKER_WEIGHT if against_speaker(statement) else 1.0
