"""Reasons as claims: that a cue of the voice suggests an emotion, or goes against it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from annotate.captions.claims.claim import LEVELS, Claim
from annotate.captions.claims.text import Hit, Text, matches
from annotate.captions.claims.tokens import STOPS


def reasons(text: Text, claims: Sequence[Claim]) -> list[Claim]:
    """A claim for each cue and emotion that a sentence joins with "suggests", "because", "although"."""
    words = matches(text.words, text.lexicon.reasons)
    found: list[Claim] = []
    for first, last in _sentences(text):
        inside = [hit for hit in words if first <= hit.first <= last]
        start, end = text.words[first].start, text.words[last].end
        cues = [c for c in claims if c.about in LEVELS and start <= c.start < end and not c.denies]
        emotions = [c for c in claims if c.about == "emotion" and start <= c.start < end and not c.denies]
        if inside and cues and emotions:
            found += [made for cue in cues for made in _reason(text, cue, emotions[0], inside, end)]
    return found


def _sentences(text: Text) -> Iterator[tuple[int, int]]:
    first = 0
    for place, token in enumerate(text.words):
        if token.low in STOPS and token.low != ":":
            if place > first:
                yield first, place
            first = place + 1
    if first < len(text.words):
        yield first, len(text.words) - 1


def _reason(text: Text, cue: Claim, emotion: Claim, words: Sequence[Hit], end: int) -> Iterator[Claim]:
    """The reason that a cue gives, if its clause is joined with the emotion's."""
    starts = {hit.entry.kind: text.words[hit.first].start for hit in reversed(words)}
    against = "although" in starts and starts["although"] < cue.start < _clause_end(text, starts["although"], end)
    if not against and not _joined(cue, emotion, words, text):
        return
    clause = text.caption[cue.end : _clause_end(text, cue.end, end)]
    denied = re.search(r"\b(?:not|n't|hardly|never)\b", clause) is not None
    yield dataclasses.replace(
        cue,
        about="reason",
        cue=cue.about,
        suggests=emotion.says,
        sense="against" if against or denied else "for",
        other=(),
    )


def _joined(cue: Claim, emotion: Claim, words: Sequence[Hit], text: Text) -> bool:
    for hit in words:
        at = text.words[hit.first].start
        kind = hit.entry.kind
        if kind == "for" and text.low(hit.first).endswith("ing") and text.mark(hit.first - 1):
            continue  # ", expressing anger": the speaker does, no cue is named as the reason
        if kind in ("for", "so") and cue.start < at < emotion.start:
            return True
        if kind == "because" and (emotion.start < at < cue.start or at < min(cue.start, emotion.start)):
            return True
        if kind == "for" and emotion.start < cue.start < at:  # "anger, which her loud voice points to"
            return True
    return False


_LIST = re.compile(
    r",\s*(?!although|though|even|but|yet|which|while|her|his|the|their|she|he|it)(?:[\w-]+\s+){0,3}[\w-]+,?\s+(?:and|or)\b",
    re.IGNORECASE,
)


def _clause_end(text: Text, start: int, end: int) -> int:
    comma = text.caption.find(",", start, end)
    # ", fast and loud": a comma within a list of cues ends no clause
    while comma >= 0 and _LIST.match(text.caption, comma, end):
        comma = text.caption.find(",", comma + 1, end)
    return comma if comma >= 0 else end
