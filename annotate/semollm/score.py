"""Emotions read back from replies, and the two figures of the field: UA and WA."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.semollm.data import Clip


def parted(reply: str) -> tuple[str, str | None]:
    """What a reply says itself, and the transcript that it quotes; None where it quotes none.

    The transcript stands between single quotes; an apostrophe within a word is none.
    """
    text = re.search(r"(?<!\w)'(.*)'(?!\w)", reply, re.DOTALL)
    return (reply, None) if text is None else (reply[: text.start()] + reply[text.end() :], text.group(1).strip())


def emotion_of(reply: str, labels: Sequence[str]) -> str | None:
    """The first known emotion that a reply names, in any case, as a whole word; None where it names none.

    What it quotes is not its own: "with 'Such a surprise'" names no surprise.
    """
    if not labels:
        return None
    known = "|".join(map(re.escape, sorted(labels, key=len, reverse=True)))
    found = re.search(rf"\b({known})\b", parted(reply)[0].lower())
    return found.group(1) if found else None


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


def score(truth: Sequence[str], found: Sequence[str | None]) -> Score:
    """Hold the emotions found against the true ones, in the same order."""
    right: dict[str, list[bool]] = defaultdict(list)
    for true, said in zip(truth, found, strict=True):
        right[true].append(true == said)
    recalls = [sum(one) / len(one) for one in right.values()]
    count = max(1, len(truth))
    return Score(
        clips=len(truth),
        parsed=sum(one is not None for one in found) / count,
        ua=sum(recalls) / max(1, len(recalls)),
        wa=sum(map(sum, right.values())) / count,
    )


def one_class(clips: Iterable[Clip], what: str) -> list[str]:
    """A warning where there is nothing to tell apart: a model that says one word of everything scores 100 %."""
    emotions = {clip.emotion for clip in clips if clip.emotion}
    return (
        [f"warning: every clip {what} is '{next(iter(emotions))}'; a score says nothing"] if len(emotions) == 1 else []
    )
