"""What is denied, compared or doubted: how far a "not" reaches."""

from __future__ import annotations

from annotate.captions.claims.text import COPULAS, PREPOSITIONS, SPEAK, Hit, Text
from annotate.captions.claims.tokens import word_set

_FINITE = (
    SPEAK
    | COPULAS
    | {"has", "uses", "keeps", "it", "she", "he", "they", "his", "her", "sounding", "carries", "suggests"}
) - {"at", "both", "all", "quite", "'s"}
_HEDGES = word_set(
    """
    may might perhaps possibly maybe seems seem appears appear probably likely could presumably apparently
    suggests hints
    """
)


def denied(text: Text, hit: Hit) -> bool:
    """Whether the phrase stands within the reach of a negation."""
    if text.low(hit.first - 1) in ("less", "least"):
        return text.low(hit.first - 2) not in ("no", "nothing", "not")
    if text.low(hit.first) == "above" and hit.entry.about == "volume":
        return False  # "without raising it above a murmur" is quiet
    clause = False  # the negation is of an earlier clause: "rather than shouting she ..."
    inner = False  # a preposition stands between: "no anger in her low voice" denies no low voice
    if _too_to(text, hit):
        return True
    for place in range(hit.first - 1, max(-1, hit.first - 26), -1):
        found = text.negators.get(place)
        if found and not _of_phrase(text, found):
            if (
                found.entry.kind == "none"
                or (inner and (text.low(found.first) in _OF_NOUNS or text.low(found.last) == "of"))
                or (clause and text.low(found.first) in ("rather", "instead"))
                or _turned(text, found, hit.first)
            ):
                return False
            if _utmost(text, found, hit):
                return False
            return not _undone(text, found)
        if _ends(text, place, hit):
            return False
        clause = clause or text.low(place) in ("she", "he", "they", "it")
        inner = inner or (
            text.low(place) in _WITHIN and text.low(place - 1) not in ("not", "without", "neither", "nor")
        )
    return False


def _of_phrase(text: Text, negator: Hit) -> bool:
    """Whether it denies nothing beyond its phrase: the barely of "barely audible"."""
    phrase = text.at.get(negator.first)
    return phrase is not None and phrase.entry.kind == "fact" and phrase.last > negator.last


def _undone(text: Text, negator: Hit) -> bool:
    """Whether another negation undoes it: "not without anger", "never moves away from the middle"."""
    if text.low(negator.first) not in _TAKING_AWAY:
        return negator.last == negator.first and text.low(negator.first - 1) in ("not", "never")
    for place in range(negator.first - 1, max(-1, negator.first - 6), -1):
        if text.stop(place) or text.low(place) in (",", "and", "but"):
            return False
        if text.low(place) in ("not", "never", "hardly", "without"):
            return True
    return False


_TAKING_AWAY = word_set("without away lack lacks lacking lacked far free devoid short")
_FULL = word_set("full filled brimming bursting instead only just very")
_OF_NOUNS = word_set("no nothing none neither nor")
_WITHIN = word_set("in with at from despite of")


def _ends(text: Text, place: int, hit: Hit) -> bool:
    word, after = text.low(place), text.low(place + 1)
    if text.stop(place) or word in text.lexicon.ends or word in ("\u2014", "\u2013", "(", "above", "beyond"):
        return True
    if word == ",":
        return not _listed(text, place)
    if word == "and":
        same = text.at.get(place - 1)
        both_emotions = same is not None and same.entry.about == hit.entry.about == "emotion"
        return after in _FINITE or after in PREPOSITIONS | _FULL or not both_emotions
    return word in ("with", "in", "at") and text.low(place - 1) in ("and", ",")


def _listed(text: Text, comma: int) -> bool:
    """Whether a comma is one of a list that ends with "or": "not loud, high or fast"."""
    if text.low(comma + 1) in PREPOSITIONS | _FINITE | {"and", "but", "just", "rather", "a", "the"}:
        return text.low(comma + 1) in ("or", "nor")
    for place in range(comma + 1, min(comma + 9, len(text.words))):
        if text.low(place) in ("or", "nor"):
            return True
        if text.stop(place) or text.low(place) in ("and", "but", "with"):
            return False
    return False


def _turned(text: Text, negator: Hit, end: int) -> bool:
    """Whether a word between turns the negation round: "cannot hide her anger"."""
    return any(text.low(at) in text.lexicon.turning for at in range(negator.last + 1, min(negator.last + 5, end)))


def _utmost(text: Text, negator: Hit, hit: Hit) -> bool:
    """Whether a negation says that it is so: "could not be happier", "couldn't be more surprised"."""
    could = {text.low(negator.first), text.low(negator.first - 1)} & {"could", "can", "cannot", "ca", "couldn", "can't"}
    between = [text.low(place) for place in range(negator.last + 1, hit.first)]
    return (
        bool(could)
        and bool({"be", "sound", "have"} & set(between))
        and ("more" in between or text.low(hit.first).endswith("er"))
    )


def _too_to(text: Text, hit: Hit) -> bool:
    """Whether a "too ... to" denies it: "too quiet to be angry"."""
    if text.low(hit.first - 1) not in ("be", "sound", "seem", "pass", "call", "mean", "suggest"):
        return False
    before = [text.low(place) for place in range(max(0, hit.first - 9), hit.first)]
    return "too" in before and "to" in before[before.index("too") :]


_FILLED = word_set("really super so very totally kinda sorta pretty quite way crazy hella real insanely")


def compared(text: Text, hit: Hit) -> bool:
    """Whether the phrase is only what something is compared with: "higher than normal", "deep like a man's"."""
    for place in range(hit.first - 1, max(-1, hit.first - 6), -1):
        word = text.low(place)
        if word == "like" and text.low(place + 1) in _FILLED and (text.mark(place - 1) or text.stop(place - 1)):
            continue  # "like really loud"
        if word in ("than", "like", "unlike", "resembling") or (
            word in ("to", "with", "for") and text.low(place - 1) in ("compared", "mistaken", "close", "relative")
        ):
            if word == "than" and text.low(place - 1) in ("less", "more", "other"):
                other = text.at.get(place - 2)  # "anger more than sadness", but "no less than astonished"
                return other is not None and other.entry.about == hit.entry.about == "emotion"
            return not (
                word == "like"
                and text.low(place - 1) in ("sounds", "sound", "sounding")
                and hit.entry.about == "emotion"
            ) and not (word == "like" and hit.entry.about == "emotion")
        if (
            word == "as"
            and hit.entry.about == "gender"
            and text.low(place - 1) != ","
            and text.adjective(place - 1)
            and text.low(place - 2) in ("as", "so")
        ):
            return True
        if text.stop(place) or word in (",", "and", "but") or text.low(place) in SPEAK:
            return False
    return False


def hedged(text: Text, hit: Hit) -> bool:
    """Whether the phrase is said with a doubt."""
    for place in range(hit.first - 1, max(-1, hit.first - 8), -1):
        if text.stop(place) or text.mark(place):
            return False
        if text.low(place) in _HEDGES:
            return True
    return False
