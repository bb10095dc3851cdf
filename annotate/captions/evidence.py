"""Which word goes with which emotion, so that a caption gives no reason that does not hold.

A run takes the table that was counted on its corpus (``evidence.json``, ``annotate/descriptors/evidence.py``). Where
nothing was counted, what is typical in the literature may take its place: Juslin and Laukka (2003), Psychological
Bulletin 129(5), table 7, reduced to three steps. Both have one form: emotion -> descriptor -> word -> "for" or
"against".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.descriptors.evidence import Senses

TYPICAL: Mapping[str, Mapping[str, str]] = {
    "anger": {"pitch": "high", "speed": "fast", "volume": "loud"},
    "happiness": {"pitch": "high", "speed": "fast", "volume": "loud"},
    "fear": {"pitch": "high", "speed": "fast"},
    "surprise": {"pitch": "high", "speed": "fast"},
    "sadness": {"pitch": "low", "speed": "slow", "volume": "quiet"},
    "calm": {"pitch": "low", "speed": "slow", "volume": "quiet"},
    "neutral": {"pitch": "normal", "speed": "normal", "volume": "normal"},
    "disgust": {"pitch": "low", "speed": "slow"},
    "boredom": {"pitch": "low", "speed": "slow", "volume": "quiet"},
}
OPPOSITE = {"high": "low", "low": "high", "fast": "slow", "slow": "fast", "loud": "quiet", "quiet": "loud"}


@dataclass(frozen=True)
class Reasons:
    """The descriptors of a row that go with its emotion, and those that go against it; the others are silent."""

    supporting: tuple[str, ...] = ()
    opposing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.supporting or self.opposing)


def literature() -> Senses:
    """The table of the literature: the typical word is for, its opposite against."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for emotion, cues in TYPICAL.items():
        for name, word in cues.items():
            senses = {word: "for"} | ({OPPOSITE[word]: "against"} if word in OPPOSITE else {})
            found.setdefault(emotion, {})[name] = senses
    return found


def reasons(facts: Mapping[str, Any], table: Senses) -> Reasons:
    """What of a row speaks for and against its emotion; a word that is hedged is no reason either way."""
    cues = table.get(facts.get("emotion") or "", {})
    sure = [name for name in ("pitch", "speed", "volume") if name not in (facts.get("hedged") or ())]
    said = {name: cues.get(name, {}).get(facts.get(name) or "", "silent") for name in sure}
    return Reasons(
        tuple(name for name, sense in said.items() if sense == "for"),
        tuple(name for name, sense in said.items() if sense == "against"),
    )
