"""Reasons as claims: that a cue of the voice suggests an emotion, or goes against it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotate import attributes
from annotate.captions.reading.claim import Claim
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.tokens import STOPS, Token, tokens

_LIST = re.compile(
    r",\s*(?!although|though|even|but|yet|which|while|her|his|the|their|she|he|it)(?:[\w-]+\s+){0,3}[\w-]+,?\s+(?:and|or)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\b(?:not|hardly|never)\b|n't\b")
LONGEST = 5  # words of a joining phrase


@dataclass(frozen=True)
class Joint:
    """A phrase that joins a cue with an emotion, its sense, and whether it is a participle after a comma."""

    sense: str
    start: int
    trailing: bool


def reasons(caption: str, masked: str, claims: Sequence[Claim], lexicon: Lexicon) -> list[Claim]:
    """A claim for each cue and emotion that a sentence joins with "suggests", "because", "although"."""
    described = attributes.known()
    if not any(claim.about in described for claim in claims) or not any(claim.about == "emotion" for claim in claims):
        return []
    joined: list[Claim] = []
    for sentence in _sentences(tokens(masked)):
        start, end = sentence[0].start, sentence[-1].end
        inside = [claim for claim in claims if start <= claim.start < end and not claim.denies]
        emotions = [claim for claim in inside if claim.about == "emotion"]
        # "her relaxed voice suggests boredom": beside another emotion, what may be an attribute of the voice is a cue
        emotion = next((claim for claim in emotions if not claim.other), next(iter(emotions), None))
        cues = [claim for claim in inside if claim.about in described]
        cues += [_as_attribute(claim) for claim in emotions if claim is not emotion and claim.other]
        joints = list(_joints(sentence, lexicon)) if emotion is not None and cues else []
        if joints and emotion is not None:
            joined += [made for cue in cues for made in _reason(caption, cue, emotion, joints, end)]
    return joined


def _as_attribute(claim: Claim) -> Claim:
    """A word of an emotion, as the attribute that it may speak of instead."""
    about, word = claim.other[0]
    return dataclasses.replace(claim, about=about, says=(word,), other=())


def _sentences(words: Sequence[Token]) -> Iterator[list[Token]]:
    inside: list[Token] = []
    for token in words:
        if token.low in STOPS:
            if inside:
                yield inside
            inside = []
        else:
            inside.append(token)
    if inside:
        yield inside


def joins(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether these words begin with what joins a cue with an emotion that it suggests: "suggests", "typical of"."""
    low = tuple(" ".join(words).split())
    entries = (lexicon.reasons.get(low[:length]) for length in range(1, LONGEST + 1))
    return any(entry is not None and entry.kind == "for" for entry in entries)


def _joints(sentence: Sequence[Token], lexicon: Lexicon) -> Iterator[Joint]:
    lows = [token.low for token in sentence]
    at = 0
    while at < len(lows):
        for length in range(min(lexicon.longest_reason.get(lows[at], 0), len(lows) - at), 0, -1):
            entry = lexicon.reasons.get(tuple(lows[at : at + length]))
            if entry is not None:
                # ", expressing anger": the speaker does, no cue is named as the reason
                trailing = lows[at].endswith("ing") and at > 0 and not lows[at - 1].isalnum()
                yield Joint(entry.kind, sentence[at].start, trailing)
                at += length - 1
                break
        at += 1


def _reason(caption: str, cue: Claim, emotion: Claim, joints: Sequence[Joint], end: int) -> Iterator[Claim]:
    """The reason that a cue gives, if its clause is joined with the emotion's."""
    although = next((joint.start for joint in joints if joint.sense == "although"), None)
    against = although is not None and although < cue.start < _clause_end(caption, although, end)
    if against or any(_joins(joint, cue, emotion) for joint in joints):
        clause = caption[cue.end : _clause_end(caption, cue.end, end)]
        sense = "against" if against or _DENIES.search(clause) else "for"
        yield dataclasses.replace(cue, about="reason", cue=cue.about, suggests=emotion.says, sense=sense, other=())


def _joins(joint: Joint, cue: Claim, emotion: Claim) -> bool:
    if joint.sense == "because":
        return emotion.start < joint.start < cue.start or joint.start < min(cue.start, emotion.start)
    if joint.sense == "for" and joint.trailing:
        return False
    if joint.sense == "for" and emotion.start < cue.start < joint.start:
        return True  # "anger, which her loud voice points to"
    return joint.sense in ("for", "so") and cue.start < joint.start < emotion.start


def _clause_end(caption: str, start: int, end: int) -> int:
    comma = caption.find(",", start, end)
    while comma >= 0 and _LIST.match(caption, comma, end):  # ", fast and loud": a comma within a list of cues
        comma = caption.find(",", comma + 1, end)
    return comma if comma >= 0 else end
