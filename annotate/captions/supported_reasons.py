"""Which word goes with which emotion, so that a caption gives no reason that does not hold.

A run takes the table that was counted on its corpus (``evidence.json``, ``annotate/descriptors/evidence.py``). Where
nothing was counted, what is typical in the literature may take its place: Juslin and Laukka (2003), Psychological
Bulletin 129(5), table 7, reduced to three steps (``literature.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.descriptors.evidence import Senses
from annotate.descriptors.evidence import senses as senses_of

# emotion -> column -> word -> share of the emotion's clips that have it, less the share of all clips
Differences = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Evidence:
    """What the evidence says of each word: for, against or nothing, and how far.

    Attributes:
        senses: emotion -> column -> word -> ``for`` or ``against``.
        differences: how much more often the emotion's clips have the word than all clips do; empty where not counted.
    """

    senses: Senses = field(default_factory=dict)
    differences: Differences = field(default_factory=dict)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Evidence:
        """The evidence of an ``evidence.json``."""
        return cls(
            senses_of(content),
            {
                emotion: {
                    name: {word: cell["difference"] for word, cell in cells.items() if cell["difference"] is not None}
                    for name, cells in columns.items()
                }
                for emotion, columns in content["emotions"].items()
            },
        )

    def sense(self, emotion: str | None, column: str, word: str) -> str:
        """``for``, ``against`` or ``silent``."""
        return self.senses.get(emotion or "", {}).get(column, {}).get(word, "silent")

    def strength(self, emotion: str | None, column: str, word: str) -> float:
        """How far a word is tied to an emotion: the size of its difference, 1 where nothing was counted."""
        return abs(self.differences.get(emotion or "", {}).get(column, {}).get(word, 1.0))

    def telling(self, column: str, word: str) -> float:
        """How telling a word is of emotions in general: the mean size of its differences; looks at no clip's label."""
        sizes = [abs(of[column][word]) for of in self.differences.values() if word in of.get(column, {})]
        return sum(sizes) / len(sizes) if sizes else 1.0


def literature() -> Evidence:
    """The table of the literature: the typical word is for, its opposite against."""
    return Evidence(_literature())


@cache
def _literature() -> Senses:
    senses_by_emotion: dict[str, dict[str, dict[str, str]]] = {}
    texts = documents.packaged_yaml(Path(__file__).parent / "literature.yaml")
    for emotion, columns in texts.items():
        for column, senses in columns.items():
            senses_by_emotion.setdefault(emotion, {})[column] = {word: sense for sense, word in senses.items()}
    return senses_by_emotion
