"""A caption's claims, in the order in which they stand."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotate.captions.reading import clauses, residue, scope
from annotate.captions.reading import lexicon as lexicons
from annotate.captions.reading import phrases as phrase_list
from annotate.captions.reading.claim import LEVELS, Claim
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.markup import plain
from annotate.captions.reading.people import People
from annotate.captions.reading.phrases import Phrase
from annotate.captions.reading.quotes import Quotation, is_caption, is_scare, mask
from annotate.captions.reading.reasons import reasons
from annotate.captions.reading.rules import Reader
from annotate.captions.reading.tokens import STOPS, split
from annotate.captions.reading.unmeasured import Unmeasured

_NEAR = 24  # characters: an emotion named beside "emotion" is what is denied


def read(
    caption: str,
    transcript: str | None = None,
    *,
    strict: bool = False,
    label: str | None = None,
    energy: bool = False,
    weigh: bool = True,
    lexicon: Lexicon | None = None,
) -> list[Claim]:
    """All claims of a caption, in the order in which they stand.

    Args:
        caption: English text.
        transcript: the words spoken, where known: they claim nothing, wherever they stand.
        strict: also report every content word that neither the lexicon nor the transcript knows.
        label: the row's emotion; where the lexicon does not know it, the word itself claims it.
        energy: "energy" means volume, as some corpora have it; elsewhere it is vigour and claims nothing.
        weigh: weigh what rules take for unmeasured with the words that are left (never with ``strict``).
        lexicon: another lexicon than the shipped one.
    """
    known = lexicons.labelled(lexicon or lexicons.load(energy=energy), label)
    parts = analyse(caption, transcript, known, strict=strict)
    unmeasured = parts.unmeasured
    if weigh and not strict:
        restated = [claim for claim in unmeasured if claim.restates(label)]
        unmeasured = [*residue.load().settle(caption, *parts.left_of(label)), *restated]
    return sorted([*parts.claims, *unmeasured], key=lambda claim: (claim.start, claim.about))


@dataclass(frozen=True)
class Parts:
    """A caption as rules read it: its units, what it claims of the row, and what rules take for unmeasured."""

    units: Units
    claims: list[Claim]
    unmeasured: list[Claim]

    def left_of(self, emotion: str | None) -> tuple[Units, list[Claim]]:
        """What may be weighed: units and claims without the "stern" of an angry voice, which says the emotion again."""
        again = {claim.start for claim in self.unmeasured if claim.restates(emotion)}
        telling = [claim for claim in self.unmeasured if not claim.restates(emotion)]
        return Units(unit for unit in self.units if unit.start not in again) if again else self.units, telling


def analyse(caption: str, transcript: str | None, known: Lexicon, *, strict: bool = False) -> Parts:
    """What rules read in a caption with a lexicon that knows the row's label (``lexicon.labelled``)."""
    caption = plain(caption, known)
    masked, quotations = mask(
        caption, transcript, lambda inner: is_scare(inner, known) or is_caption(inner, caption, known)
    )
    spoken = frozenset(split(transcript or "")) - known.groups["not spoken"]
    units = clauses.units(masked, known)
    scope.mark(units, known)
    phrases = phrase_list.phrases(units)
    scope.figures(phrases)
    claims = Reader(caption, units, phrases, known).read()
    claims = _ranged(caption, claims, known)
    claims += _no_feeling(caption, units, claims, known)
    claims = _one_sense(_of_the_rest(phrases, _exact(caption, claims)), known)
    claims += [_quotation(caption, quotation) for quotation in quotations]
    claims += People(caption, units, known, spoken).claims()
    claims += reasons(caption, masked, claims, known)
    complete = {*LEVELS, "emotion"} <= {claim.about for claim in claims if not claim.denies}
    unmeasured = [*Unmeasured(caption, units, phrases, known, spoken, strict, complete).claims()]
    return Parts(units, claims, unmeasured)


def _quotation(caption: str, quotation: Quotation) -> Claim:
    outcome = {True: "said", False: "not said", None: "unknown"}[quotation.holds]
    return Claim("words", (outcome,), caption[quotation.start : quotation.end], quotation.start, quotation.end)


def _ranged(caption: str, claims: Sequence[Claim], known: Lexicon) -> list[Claim]:
    """Join neighbours of one descriptor that only a "to" or "or" parts: "normal to high pitch" is true of either."""
    ordered = sorted(claims, key=lambda claim: (claim.about, claim.start))
    for index in range(len(ordered) - 1):
        left, right = ordered[index], ordered[index + 1]
        apart = left.about != right.about or left.about not in LEVELS or left.says == right.says
        if apart or left.denies or right.denies:
            continue
        between = caption[left.end : right.start]
        words = re.findall(r"[\w]+|[^\w\s]", between.lower())
        if (
            len(words) <= 4
            and all(word in known.groups["ranging"] for word in words)
            and (words or not between.strip())
        ):
            says = tuple(dict.fromkeys((*left.says, *right.says)))
            ordered[index] = dataclasses.replace(left, says=says)
            ordered[index + 1] = dataclasses.replace(right, says=says)
    return ordered


def _no_feeling(caption: str, units: Sequence[Unit], claims: Sequence[Claim], known: Lexicon) -> Iterator[Claim]:
    """Read "not showing any particular emotion" as neutral, not "no emotion but anger"."""
    feelings = [claim.start for claim in claims if claim.about == "emotion"]
    for place, unit in enumerate(units):
        after = units[place + 1].low if place + 1 < len(units) else ""
        none = after == "\u2014" and place + 2 < len(units) and units[place + 2].low in known.groups["none"]
        if (unit.denied or none) and unit.low in known.groups["emotional"] and after not in known.groups["excepting"]:
            if known.groups["judging"] & {u.low for u in units[max(0, place - 6) : place]}:
                continue  # "I couldn't say what he is feeling"
            if place and units[place - 1].low in known.groups["excepting"]:
                continue  # "no other feeling"
            near = any(abs(start - unit.start) < _NEAR for start in feelings)
            if not near:
                yield Claim("emotion", ("neutral",), caption[unit.start : unit.end], unit.start, unit.end)


def _exact(caption: str, claims: list[Claim]) -> list[Claim]:
    """Of "unhurried but not slow" only what is denied: the first word says less than the level that it stands for."""
    ordered = sorted(claims, key=lambda claim: claim.start)
    taken_back = {
        id(first)
        for first, then in pairwise(ordered)
        if then.denies and not first.denies and (first.about, first.says) == (then.about, then.says)
        and first.about in LEVELS and 0 < then.start - first.end < _NEAR
        and not set(caption[first.end : then.start]) & STOPS
    }  # fmt: skip
    return [claim for claim in claims if id(claim) not in taken_back]


def _of_the_rest(phrases: Sequence[Phrase], claims: list[Claim]) -> list[Claim]:
    """Read "otherwise average" as average of all that the caption says nothing else of."""
    for at, value_phrase in enumerate(_after_copula(phrases)):
        rest = phrases[at]
        if at and not value_phrase.words:
            value_phrase = phrases[at - 1]  # "medium everything else"
        if rest.kind != "rest" or not value_phrase.words or value_phrase.units[0].entry.says != ("normal",):
            continue
        unit = value_phrase.units[-1]
        claims = [claim for claim in claims if claim.start != unit.start]
        named = {claim.about for claim in claims}
        for name in (name for name in LEVELS if name not in named):
            claims.append(Claim(name, ("normal",), unit.low, unit.start, unit.end))
    return claims


def _after_copula(phrases: Sequence[Phrase]) -> Iterator[Phrase]:
    """What follows each phrase, a copula and marks between them aside."""
    for at in range(len(phrases)):
        yield next(
            (follower for follower in phrases[at + 1 : at + 4] if follower.kind not in ("be", "mark", "colon")),
            phrase_list.NOTHING,
        )


def _one_sense(claims: list[Claim], known: Lexicon) -> list[Claim]:
    """Where other words speak of the volume, a "low voice" speaks of pitch; a "raised voice" may still be loud.

    Where other words speak of the pitch and none of the volume, a raised or lowered voice speaks of volume.
    """
    moved = known.groups["raised"] | known.groups["lowered"]
    claims = [_moved(claim) if claim.denies and claim.text.lower() in moved else claim for claim in claims]
    raised = [claim.about == "pitch" and bool(claim.other) and claim.text.lower() in moved for claim in claims]
    if any(claim.about == "volume" for claim in claims):
        return [
            claim if claim.about == "emotion" or claim.says == ("high",) else dataclasses.replace(claim, other=())
            for claim in claims
        ]
    if any(claim.about == "pitch" and not moves for claim, moves in zip(claims, raised, strict=True)):
        return [_moved(claim) if moves else claim for claim, moves in zip(claims, raised, strict=True)]
    return [
        dataclasses.replace(claim, other=()) if claim.denies and claim.about != "emotion" else claim for claim in claims
    ]


def _moved(claim: Claim) -> Claim:
    """A raised voice as a loud one: what is "barely raised" is not loud."""
    if not claim.other:
        return claim
    about, word = claim.other[0]
    return dataclasses.replace(claim, about=about, says=(word,), other=())
