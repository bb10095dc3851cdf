"""The two figures of the field for emotions that replies name: UA and WA."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """How well emotions were told.

    Attributes:
        clips: how many were judged.
        parsed: share of replies that name a known emotion.
        ua: unweighted accuracy, the mean of the emotions' recalls.
        wa: weighted accuracy, the share of clips that are right. A reply without an emotion is wrong in both.
    """

    clips: int
    parsed: float
    ua: float
    wa: float

    def text(self) -> str:
        """One line for a person."""
        return f"{self.clips} clips: {self.parsed:.1%} of replies name an emotion, UA {self.ua:.1%}, WA {self.wa:.1%}"


def score(truth: Sequence[str], named: Sequence[str | None]) -> Score:
    """Hold the emotions found against the true ones, in the same order."""
    right: dict[str, list[bool]] = defaultdict(list)
    for true, predicted in zip(truth, named, strict=True):
        right[true].append(true == predicted)
    recalls = [sum(hits) / len(hits) for hits in right.values()]
    count = max(1, len(truth))
    return Score(
        clips=len(truth),
        parsed=sum(emotion is not None for emotion in named) / count,
        ua=sum(recalls) / max(1, len(recalls)),
        wa=sum(map(sum, right.values())) / count,
    )
