"""The reasons of ``evidence.json``: for each emotion the words that suggest it and those that speak against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotate.attributes import OWN
from annotate.descriptors.evidence import AGAINST, FOR


@dataclass(frozen=True)
class Reason:
    """A word that goes with an emotion, or against it.

    Attributes:
        column: the column of words.
        word: the word.
        difference: share of the emotion's clips that have it less the share of all clips, -1 to 1.
    """

    column: str
    word: str
    difference: float

    @property
    def attribute(self) -> str:
        """The attribute that the word is of."""
        return self.column.removesuffix(OWN)

    @property
    def relative(self) -> bool:
        """Whether the word is relative to the speaker's other clips."""
        return self.column.endswith(OWN)

    @property
    def text(self) -> str:
        """The reason as pages name it: ``pitch high``, ``pitch high for the speaker``."""
        return f"{self.attribute} {self.word}" + (" for the speaker" if self.relative else "")


def by_emotion(evidence: Mapping[str, Any]) -> dict[str, dict[str, list[Reason]]]:
    """Emotion -> ``for`` or ``against`` -> its reasons, the strongest first; of every emotion, also without reasons."""
    return {
        emotion: {sense: _of_sense(columns, sense) for sense in (FOR, AGAINST)}
        for emotion, columns in evidence.get("emotions", {}).items()
    }


def rows(evidence: Mapping[str, Any], shown: Callable[[str, list[Reason]], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each emotion, for the report and the card.

    Args:
        evidence: the content of ``evidence.json``.
        shown: what a page shows of the reasons of one sense; given the sense and the reasons, the strongest first.

    Returns:
        ``emotion``; ``few``, the number of its training clips where they are too few to give reasons, else None; and
        ``for`` and ``against``, what ``shown`` makes of the reasons.
    """
    few = too_few(evidence)
    return [
        {"emotion": emotion, "few": few.get(emotion), **{sense: shown(sense, given) for sense, given in senses.items()}}
        for emotion, senses in by_emotion(evidence).items()
    ]


def too_few(evidence: Mapping[str, Any]) -> dict[str, int]:
    """Emotion -> its training clips, of emotions with fewer than the rule asks for: none of their words was tested."""
    least = evidence.get("rule", {}).get("fewest_clips")
    if least is None:  # evidence of an earlier version
        return {}
    counts = {
        emotion: max((cell["of"] for words in columns.values() for cell in words.values()), default=0)
        for emotion, columns in evidence.get("emotions", {}).items()
    }
    return {emotion: count for emotion, count in counts.items() if count < least}


def _of_sense(columns: Mapping[str, Any], sense: str) -> list[Reason]:
    reasons = [
        Reason(column, word, cell["difference"])
        for column, words in columns.items()
        for word, cell in words.items()
        if cell["sense"] == sense
    ]
    return sorted(reasons, key=lambda reason: (-abs(reason.difference), reason.text))
