"""Pitch, speed and volume that rise, fall or stay: which nouns "soars", "lowers" and "stands out" speak of."""

from __future__ import annotations

from annotate.captions.claims.claim import LEVELS
from annotate.captions.claims.lists import shared
from annotate.captions.claims.text import COPULAS, DETERMINERS, PREPOSITIONS, Hit, Text
from annotate.captions.claims.tokens import word_set

REACH = 8  # tokens looked at on either side
_AUXILIARIES = COPULAS | word_set(
    """
    do does did has have had that which to also then even begins starts neither nor or and show shows showing
    display give gives giving need needs deserve deserves displays exhibit exhibits find finds found would could
    call calls consider considers deem nobody no one as anything in any way there marked significant noticeable
    major great appreciable obvious clear much little
    """
)
_SMALL = DETERMINERS | word_set(
    "her his she he it of own both up down about in with regarding concerning from either nor"
)
_CONTOURS = word_set(
    "intonation inflection cadence rhythm tone tones note notes"
)  # these rise and fall in one sentence


def moved(text: Text, hit: Hit) -> list[Hit]:
    """The nouns that a verb of change moves: "rises in pitch and volume", "lowers her pitch", "the pitch soars"."""
    after = hit.last + 1
    if text.low(after) in ("at", "toward", "towards") and "end" in [text.low(after + step) for step in (1, 2, 3)]:
        return []  # a contour: where the sentence ends
    found = _after(text, hit) or _before(text, hit)
    return [noun for noun in found if text.low(noun.first) not in _CONTOURS]


def unremarkable(text: Text, hit: Hit) -> list[Hit]:
    """The nouns of which it is denied that anything is special."""
    return _after(text, hit) or _before(text, hit)


def _after(text: Text, hit: Hit) -> list[Hit]:
    for place in range(hit.last + 1, min(hit.last + 1 + REACH, len(text.words))):
        found = text.at.get(place)
        if found and found.entry.kind == "noun":
            return _levels([found, *shared(text, found, True)])
        word = text.low(place)
        another = found is not None and found.entry.kind in ("move", "striking")
        joins = word in ("or", "nor", "and") and place + 1 in text.at and text.at[place + 1].entry.kind == "move"
        if not (another or joins or word in _SMALL or word.endswith("ly") or (found and found.entry.about == "gender")):
            return []
    return []


def _before(text: Text, hit: Hit) -> list[Hit]:
    for place in range(hit.first - 1, max(-1, hit.first - 1 - REACH), -1):
        found, word = text.at.get(place), text.low(place)
        if found and found.entry.kind == "noun":
            own = text.at.get(found.first - 1)
            if own and own.entry.kind == "scale" and hit.entry.kind == "move":
                return []  # "a voice of normal pitch rises to ..."
            return _levels([_head(text, found), *shared(text, _head(text, found), False)])
        another = found is not None and found.entry.kind in ("move", "striking")
        loose = word in _AUXILIARIES or word.endswith("ly") or place in text.negators or text.adjective(place)
        if not (another or loose):
            return []
    return []


def _head(text: Text, found: Hit) -> Hit:
    """Of "the pitch of her voice": the pitch."""
    place = found.first - 1
    while text.low(place) in DETERMINERS:
        place -= 1
    head = text.at.get(place - 1)
    return head if text.low(place) in PREPOSITIONS and head and head.entry.kind == "noun" else found


def _levels(nouns: list[Hit]) -> list[Hit]:
    return [noun for noun in nouns if noun.entry.about in LEVELS]
