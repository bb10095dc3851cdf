"""Nouns that share a word: "normal pitch, speed and volume", "everything is average: pitch and pace"."""

from __future__ import annotations

from annotate.captions.claims.attribute import noun_at, own_word
from annotate.captions.claims.text import COPULAS, DETERMINERS, Hit, Text
from annotate.captions.claims.tokens import word_set


def shared(text: Text, noun: Hit, forward: bool) -> list[Hit]:
    """Further nouns that share an adjective: "normal pitch, speed and volume", "pitch and volume are high"."""
    found: list[Hit] = []
    step = 1 if forward else -1
    place = noun.last + 1 if forward else noun.first - 1
    while True:
        joined = False
        while text.low(place) in (",", "and", "&", "/", "|", "as", "well", "or", "nor") or (
            text.low(place) in DETERMINERS and (joined or not forward)
        ):
            joined, place = True, place + step
        hit = noun_at(text, place)
        if not joined or hit is None or hit.entry.about == "voice":
            return found
        beyond = hit.last + 1 if forward else hit.first - 1
        own = own_word(text, beyond) and not (forward and text.at[beyond].entry.form == "verb")
        if forward and (text.low(beyond) in COPULAS | {":"} or own):
            return found
        if not forward and own_word(text, beyond):
            return found
        found.append(hit)
        place = beyond


def echoed(text: Text, hit: Hit) -> list[Hit]:
    """Of "the pitch is average and so is the volume", "all is average: pitch and volume": the volume."""
    place = hit.last + 1
    if text.low(place) == ",":
        place += 1
    if text.low(place) == "and":
        place += 1
    if text.low(hit.first - 1) not in DETERMINERS and (likewise := _likewise(text, place)):
        return [likewise]
    if text.low(place) in ("so", "as") and text.low(place + 1) in COPULAS:
        place += 2
    elif text.low(hit.last + 1) not in (":", "(") or text.low(hit.first - 1) not in COPULAS | _ALL:
        return []
    else:
        place = hit.last + 2
    while text.low(place) in DETERMINERS:
        place += 1
    noun = noun_at(text, place)
    return [noun, *shared(text, noun, True)] if noun and noun.entry.about != "voice" else []


def _likewise(text: Text, place: int) -> Hit | None:
    """The pitch of "the volume stays in the middle, the pitch likewise"."""
    while text.low(place) in DETERMINERS:
        place += 1
    noun = noun_at(text, place)
    also = (
        noun is not None and text.low(noun.last + 1) in _ALSO and (text.mark(noun.last + 2) or text.stop(noun.last + 2))
    )
    return noun if also and noun and noun.entry.about != "voice" else None


_ALSO = word_set("likewise too also similarly equally ditto same")
_ALL = word_set("all everything otherwise both overall")


def both(text: Text, hit: Hit) -> list[Hit]:
    """Of "neither the pitch nor the pace tells it: both are ordinary": the pitch and the pace."""
    if text.low(hit.first - 1) not in COPULAS or text.low(hit.first - 2) not in ("both", "they", "these"):
        return []
    before = [found for found in text.hits if found.last < hit.first and found.entry.kind == "noun"]
    return [found for found in before[-2:] if found.entry.about != "voice"]
