"""A caption in any words -> its claims."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from annotate.captions.claims import lexicon as lexicons
from annotate.captions.claims.attribute import (
    alone,
    coordinated,
    inverted,
    noun_after,
    noun_before,
    of_voice,
    predicate_of,
)
from annotate.captions.claims.change import moved, unremarkable
from annotate.captions.claims.claim import LEVELS, Claim
from annotate.captions.claims.gender import genders
from annotate.captions.claims.lexicon import Lexicon
from annotate.captions.claims.lists import both, echoed, shared
from annotate.captions.claims.negation import compared, denied, hedged
from annotate.captions.claims.quotes import is_caption, is_scare, mask
from annotate.captions.claims.reasons import reasons
from annotate.captions.claims.text import DETERMINERS, Hit, Text
from annotate.captions.claims.tokens import split, word_set
from annotate.captions.claims.unmeasured import unmeasured

_MIDDLING = word_set("mid medium middle average moderate midrange")
_RANGE = frozenset({"to", "or", "-", "\u2013", "/", "through", "bordering", "on", "almost", "even", "if", "not"})


def read(
    caption: str,
    transcript: str | None = None,
    *,
    strict: bool = False,
    label: str | None = None,
    lexicon: Lexicon | None = None,
) -> list[Claim]:
    """All claims of a caption, in the order in which they stand.

    Args:
        caption: English text.
        transcript: the words spoken, where known: they claim nothing, wherever they stand.
        strict: also report every content word that neither the lexicon nor the transcript knows.
        label: the row's emotion; where the lexicon does not know it, the word itself claims it.
        lexicon: another lexicon than the shipped one.
    """
    known = lexicons.labelled(lexicon or lexicons.load(), label)
    if caption.lstrip().startswith("{"):  # the marks of JSON quote nobody
        caption = _IN_JSON.sub(r" \1 ", caption)
    masked, quotations = mask(
        caption, transcript, lambda inner: is_scare(inner, known) or is_caption(inner, caption, known)
    )
    spoken = frozenset(split(transcript or "")) - _BY_ITSELF
    text = Text.of(masked, known, spoken)
    text.ask_nothing()
    text.expect_nothing()
    found = [_quotation(caption, q.start, q.end, q.holds) for q in quotations]
    found += [claim for hit in text.hits for claim in _of_hit(text, hit)]
    found = _ranged(text, found)
    found += _no_feeling(text, found)
    found = _one_sense(found)
    found += genders(text)
    found += reasons(text, found)
    found += unmeasured(text, strict)
    return sorted(found, key=lambda claim: (claim.start, claim.about))


_IN_JSON = re.compile(r'"(\w+(?: \w+)?)"')

# words of a transcript that stay words of the caption: "she", "loud"
_BY_ITSELF = word_set("she he her his him i you the a an is are was in at with and or not no to of")


def _quotation(caption: str, start: int, end: int, holds: bool | None) -> Claim:
    words = caption[start:end]
    return Claim("words", ("said",) if holds else ("not said",) if holds is False else ("unknown",), words, start, end)


def _of_hit(text: Text, hit: Hit) -> Iterator[Claim]:
    entry = hit.entry
    if entry.kind == "scale":
        yield from _scaled(text, hit)
    elif entry.kind == "fact" and entry.about in LEVELS and not _poured(text, hit):
        idiom = hit.last - hit.first >= 2  # "like he has all the time in the world" compares nothing
        if not _only_degree(text, hit) and (idiom or not compared(text, hit)) and of_voice(text, hit):
            yield _claim(text, hit, entry.about, ("normal",) if _as_usual(text, hit) else entry.says)
            yield from _sharing(text, hit)
    elif entry.kind == "fact" and entry.about == "emotion":
        yield from _emotion(text, hit)
    elif entry.kind == "move" or (entry.kind == "striking" and denied(text, hit)):
        level = entry.says[0]
        for noun in moved(text, hit) if entry.kind == "move" else unremarkable(text, hit):
            said = _claim(text, hit, noun.entry.about, (text.lexicon.values[noun.entry.about][level],))
            yield dataclasses.replace(said, denies=said.denies and entry.kind == "move")


def _poured(text: Text, hit: Hit) -> bool:
    """Whether what pours out is a feeling, and no words."""
    after = text.at.get(hit.last + 1)
    return text.low(hit.last) == "out" and after is not None and after.entry.about == "emotion"


def _sharing(text: Text, hit: Hit) -> Iterator[Claim]:
    """The speed of "normal loudness and speed", where "normal loudness" is a phrase of the lexicon."""
    noun, level = text.lexicon.facts.get((text.low(hit.last),)), hit.entry.says[0]
    if hit.last > hit.first and noun and noun.kind == "noun" and noun.about == hit.entry.about:
        place = LEVELS[noun.about].index(level)
        for further in shared(text, Hit(hit.last, hit.last, noun), True):
            yield _claim(text, hit, further.entry.about, (LEVELS[further.entry.about][place],))


def _as_usual(text: Text, hit: Hit) -> bool:
    """Whether it is only as much so as anything: "as fast as most", "as loudly as usual"."""
    around = (text.low(hit.first - 1), text.low(hit.last + 1))
    if around[0] == "as" and around[1] != "as" and text.low(hit.first - 2) in ("about", "roughly", "approximately"):
        return True  # "compared with others, about as loud"
    return around == ("as", "as") and (text.low(hit.last + 2) in _USUAL or text.low(hit.last + 3) in _USUAL)


_USUAL = word_set("normal usual average most others anyone anybody everyone ever")


def _only_degree(text: Text, hit: Hit) -> bool:
    """Whether "deep" only strengthens: "deeply sad", "deep sorrow"."""
    if not text.low(hit.first).startswith("deep") or hit.last != hit.first:
        return False
    after = text.at.get(hit.last + 1)
    if (after and after.entry.about == "emotion") or text.low(hit.last + 1).startswith(
        ("emotion", "feeling", "sense", "concern")
    ):
        return True
    return hit.entry.form == "adverb" and text.low(hit.first - 1) not in (
        "speaks",
        "speaking",
        "talks",
        "talking",
        "and",
        "says",
    )


def _claim(text: Text, hit: Hit, about: str, says: tuple[str, ...], other: tuple[tuple[str, str], ...] = ()) -> Claim:
    denies = denied(text, hit)
    return Claim(
        about, says, text.text(hit.first, hit.last), text.words[hit.first].start, text.words[hit.last].end,
        denies=denies, hedged=hedged(text, hit), other=() if denies else other,
    )  # fmt: skip


def _emotion(text: Text, hit: Hit) -> Iterator[Claim]:
    with_noun = text.lexicon.with_noun
    noun = _noun_of_emotion(text, hit) if hit.entry.form in ("adj", "word") else None
    if (
        isinstance(noun, Hit)
        and noun.entry.about != "voice"
        and text.low(hit.first) in with_noun.get(noun.entry.about, {})
    ):
        about, says = with_noun[noun.entry.about][text.low(hit.first)]
        yield _claim(text, hit, about, says)
    elif not compared(text, hit) and of_voice(text, hit):
        said = _claim(text, hit, "emotion", hit.entry.says)
        # "fearless" denies, "not fearless" does not
        yield dataclasses.replace(said, denies=not said.denies) if hit.entry.form == "denies" else said


def _noun_of_emotion(text: Text, hit: Hit) -> Hit | str | None:
    """The noun in "a relaxed pace" and "the pace is relaxed"; none in "neutral, low pitch"."""
    noun = noun_after(text, hit)
    if isinstance(noun, Hit) and text.low(hit.last + 1) == ",":
        between = (text.at.get(place) for place in range(hit.last + 2, noun.first))
        if any(found and found.entry.kind in ("scale", "fact") for found in between):
            return None
    if isinstance(noun, Hit) and noun.entry.about != "voice":
        inside = range(hit.last + 1, noun.first)
        if "," in map(text.low, inside) and any(p in text.at and text.at[p].entry.about == "gender" for p in inside):
            return None  # "a neutral woman, mid pitch"
    if (
        noun is None
        and text.low(hit.first - 1) in ("a", "an", "the")
        and text.low(hit.first - 2) in ("in", "at", "within")
    ):
        subject = noun_before(text, hit)  # "her pitch stays in a neutral, middle position"
        return subject if isinstance(subject, Hit) and subject.entry.about != "voice" else None
    return noun if noun is not None else predicate_of(text, hit)


def _scaled(text: Text, hit: Hit) -> Iterator[Claim]:
    """high, normal, low: of whatever noun they stand with."""
    if compared(text, hit) or (hit.entry.form == "adverb"):
        return
    if {"all", "three"} <= {text.low(place) for place in range(hit.first - 6, hit.first)}:
        for about in LEVELS:  # "pitch, speed and volume: she keeps all three at an ordinary level"
            yield _claim(text, hit, about, (text.lexicon.values[about][hit.entry.says[0]],))
        return
    named = noun_before(text, hit) if text.low(hit.first - 1) in ("=", ":") else None  # "pitch=normal speed=fast"
    noun, forward = (None if isinstance(named, Hit) else noun_after(text, hit) or inverted(text, hit)), True
    if isinstance(noun, Hit) and text.low(hit.last + 1) == ",":
        own = text.at.get(noun.first - 1)
        if noun.entry.about == "speed" or _other_level(own, hit):
            noun = None  # "low, even tempo": what is even is the tempo, what is low the voice
    elif isinstance(noun, Hit) and _other_level(text.at.get(noun.first - 1), hit):
        parted = any(text.mark(place) for place in range(hit.last + 1, noun.first))
        noun = None if parted else noun  # "low and slow, normal volume"
    if noun is None:
        noun, forward = noun_before(text, hit), False
    bare = isinstance(noun, Hit) and text.low(noun.first) in ("level", "levels") and noun.first == noun.last
    if bare and isinstance(noun, Hit) and text.low(noun.first - 1) != "in":
        subject = noun_before(text, hit)  # "her pitch remains at a moderate level"
        if isinstance(subject, Hit) and subject.entry.about != "voice":
            noun, forward = subject, False
    level = hit.entry.says[0]
    cello = text.low(hit.last + 1) == "as" and text.low(hit.last + 2) in DETERMINERS  # "low as a cello"
    if level != "normal" and (
        noun == "speaks"
        or (cello and not isinstance(noun, Hit))
        or (noun is None and (alone(text, hit) or coordinated(text, hit)))
    ):
        noun_about = "voice"
    elif isinstance(noun, Hit):
        noun_about = noun.entry.about
    else:
        for listed in [*echoed(text, hit), *both(text, hit)]:  # "everything is average: pitch, speed and volume"
            yield _claim(text, hit, listed.entry.about, (text.lexicon.values[listed.entry.about][level],))
        return
    values = text.lexicon.values
    if noun_about == "voice":
        if level == "normal" and (text.low(hit.first) not in _MIDDLING or echoed(text, hit)):
            for listed in echoed(text, hit):
                yield _claim(text, hit, listed.entry.about, ("normal",))
            return
        other = {"low": (("volume", "quiet"),), "normal": (("volume", "normal"),), "high": ()}[level]
        if level == "high" and text.low(hit.first) in ("raised", "heightened", "elevated"):
            other = (("volume", "loud"),)
        yield _claim(text, hit, "pitch", (values["pitch"][level],), other)
        return
    yield _claim(text, hit, noun_about, (values[noun_about][level],))
    assert isinstance(noun, Hit)
    for further in [*shared(text, noun, forward), *echoed(text, hit)]:
        yield _claim(text, hit, further.entry.about, (values[further.entry.about][level],))


def _other_level(own: Hit | None, hit: Hit) -> bool:
    """Whether a noun has a word of its own that says another level."""
    return own is not None and own.entry.kind == "scale" and own.entry.says != hit.entry.says


_FEELING = word_set("emotion emotions feeling feelings sentiment emotional emotionally")


def _no_feeling(text: Text, claims: list[Claim]) -> Iterator[Claim]:
    """Read "not showing any particular emotion" as neutral, not "no emotion but anger"."""
    told = {claim.start for claim in claims if claim.about == "emotion"}
    for place, token in enumerate(text.words):
        hit = Hit(place, place, lexicons.Entry("fact", "emotion", ("neutral",), "noun"))
        if (
            token.low in _FEELING
            and text.low(place + 1) not in ("but", "other", "of", "except", "besides")
            and denied(text, hit)
        ):
            near = [claim for claim in told if abs(claim - token.start) < _NEAR]
            if not near and place not in text.at:
                yield Claim("emotion", ("neutral",), text.text(place, place), token.start, token.end)


_NEAR = 24  # characters: an emotion named beside the word is what is denied


def _one_sense(claims: list[Claim]) -> list[Claim]:
    """Where other words speak of the volume, a "low voice" speaks of pitch."""
    if any(claim.about == "volume" for claim in claims):  # a "raised voice" may be loud all the same
        return [claim if claim.says == ("high",) else dataclasses.replace(claim, other=()) for claim in claims]
    return claims


def _ranged(text: Text, claims: list[Claim]) -> list[Claim]:
    """Join neighbours of one descriptor that only a "to" or "or" parts: "normal to high pitch" is true of either."""
    claims = sorted([*claims, *_with_nouns(text, claims)], key=lambda claim: (claim.about, claim.start))
    for index in range(len(claims) - 1):
        left, right = claims[index], claims[index + 1]
        if (
            left.about != right.about
            or left.about not in LEVELS
            or left.denies
            or right.denies
            or left.says == right.says
        ):
            continue
        between = text.caption[left.end : right.start]
        words = re.findall(r"[\w]+|[^\w\s]", between.lower())
        if (
            len(words) <= 4
            and all(word in _RANGE or word in _DIMENSION for word in words)
            and (words != [] or between.strip() == "")
        ):
            joined = tuple(dict.fromkeys((*left.says, *right.says)))
            claims[index] = dataclasses.replace(left, says=joined)
            claims[index + 1] = dataclasses.replace(right, says=joined)
    return claims


_DIMENSION = word_set("pitch speed pace volume rate tempo voice")


def _with_nouns(text: Text, claims: Iterable[Claim]) -> Iterator[Claim]:
    """Words that speak of a descriptor only beside its noun: "a steady pace", "a strong voice"."""
    taken = {claim.start for claim in claims}
    for place, token in enumerate(text.words):
        if place in text.at or token.start in taken:
            continue
        noun = next((n for n in text.lexicon.with_noun if token.low in text.lexicon.with_noun[n]), None)
        if noun is None:
            continue
        if text.low(place + 1) in ("of", "with"):
            continue  # "a voice full of dread"
        hit = Hit(place, place, lexicons.Entry("fact", "", (), "adj"))
        after = noun_after(text, hit)
        if after is None:
            after = predicate_of(text, hit)
        about = after.entry.about if isinstance(after, Hit) else None
        if about and token.low in text.lexicon.with_noun.get(about, {}):
            of, says = text.lexicon.with_noun[about][token.low]
            yield _claim(text, hit, of, says)
