"""What is expected, supposed, true in general or weighed, and not claimed of the speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.comparisons import until
from annotate.captions.reading.lexicon import Lexicon


def suppose(units: Units, lexicon: Lexicon) -> None:
    """Mute what is not claimed of this speaker."""
    _expectations(units, lexicon)
    _supposed(units, lexicon)
    _concluded(units, lexicon)
    _generalities(units, lexicon)
    _atypical(units, lexicon)
    _mistaken(units, lexicon)


def _expectations(units: Units, lexicon: Lexicon) -> None:
    """What is only expected, or of others: "you'd expect him to yell, but", "where many yell, she"."""
    groups = lexicon.groups
    for place, unit in enumerate(units):
        *inside, last = unit.low.split(" ")  # "you would expect" is one unit
        expecting = last in groups["expecting"] or last.startswith("expect")
        before = {*units.lows(place - 2, place), *inside} if expecting else set[str]()
        expects = last in groups["expecting"] and before & groups["would"]
        others = last.startswith("expect") and not before & {
            "i",
            "we",
        }  # "I would expect that she is afraid" asserts it
        if expects and not before & {"as", "what", "than"}:
            end = _clause_end(units, place)
            opposed = any(other.kind == "but" for other in units[end : end + 2])
            granted = "and" in units.lows(end, end + 2)  # "you'd expect him to be loud, and he is"
            if opposed or (others and not granted):
                mute(units[place:end])
        if unit.low in groups["expecting"] and units.at(place - 1).low in groups["many"]:
            mute(units[place : _clause_end(units, place)])  # "people think calm has to be quiet"
        if unit.low in groups["expecting"] and unit.denied:  # "not what one expects of anger"
            until(units, place + 1, 1, lambda u: u.kind in ("end", "but", "mark"), "muted")
        if unit.low in ("where", "while", "whereas", "when"):
            opens = units.at(place - 1).kind == "end"
            end = next(
                (at for at in range(place, len(units)) if units[at].low == "," or units[at].kind == "end"), place
            )
            # "where another man would sit low, this one is high"
            supposed = (opens or unit.low == "where") and "would" in units.lows(place, end)
            if supposed or (opens and units.at(place + 1).low in groups["many"]):
                mute(units[place:end])
        if unit.low in ("might", "could") and units.at(place + 1).low == "have":
            for other in units[place : _clause_end(units, place)]:
                other.muted = other.muted or other.about == "emotion"  # "this might have hinted at joy"
        if unit.kind == "but":
            _rejected(units, place, groups["would"])


def _clause_end(units: Units, place: int) -> int:
    """Where the clause ends: at a mark that another subject follows too."""
    for at in range(place, len(units)):
        after = units.at(at + 1)
        goes_on = after.determines or after.person or after.kind in ("and", "but")
        if (
            units[at].kind in ("end", "but", "colon")
            or units[at].low in ("because", "since")
            or (units[at].kind == "mark" and goes_on)
        ):
            return at
    return len(units)


def _supposed(units: Units, lexicon: Lexicon) -> None:
    """What would be so if something were that is not: "if it were louder", "had it been higher, I'd say fear"."""
    for first, end in sentences(units):
        opens = next((at for at in range(first, end) if units[at].low == "if"), None)
        subject = units.at(first + 1)
        if opens is None and units.at(first).low in ("were", "had") and (subject.determines or subject.person):
            opens = first
        if opens is None:
            continue
        end = next((at for at in range(opens, end) if units[at].kind == "colon"), end)
        stop = next((at for at in range(opens, end) if units[at].kind == "mark"), end)
        inside = set(units.lows(opens, stop))
        if not inside & lexicon.groups["unreal"]:
            continue  # "if you listen, she is loud"
        follows = set(units.lows(stop, end)) & lexicon.groups["would"]
        mute(units[opens : end if follows else stop])


def _generalities(units: Units, lexicon: Lexicon) -> None:
    """What is so of an emotion or of people in general: "anger often lifts the pitch", "sad men tend to talk low"."""
    for place, unit in enumerate(units):
        pair = f"{unit.low} {units.at(place + 1).low}"
        if not ({unit.low, pair} & lexicon.groups["generally"]) and unit.low != "would":
            continue
        first = place
        while first > 0 and not _parts(units, first - 1):
            first -= 1
        joint = next((at for at in range(place - 1, first, -1) if units[at].low == "and"), first)
        if not _is_general(units[first:place], unit.low, False, lexicon) and joint > first:
            first = joint + 1  # "the speed is fast and bored people are usually slow"
        subject = units[first:place] or units[place + 1 : place + 2]  # "normally fear pushes the voice up"
        would = unit.low == "would" or "would" in units.lows(first, place)
        if {"would", "might", "could"} & {*units.lows(place - 3, place)} and pair in lexicon.groups["taken as"]:
            mute(units[place : _clause_end(units, place)])  # "both might be thought to signal joy"
        end = _clause_end(units, place)
        opposed = any(other.kind == "but" for other in units[end : end + 2])
        if unit.low != "would" and opposed and lexicon.groups["signs"] & {*units.lows(place + 1, place + 4)}:
            mute(units[place:end])  # "loud speech is generally a sign of excitement, but"
        if _is_general(subject, unit.low, would, lexicon):
            end = _clause_end(units, place)
            mute(units[first : next((at for at in range(place + 1, end) if units[at].kind == "sub"), end)])


def _parts(units: Units, place: int) -> bool:
    """Whether a unit parts clauses: "the speed that joy brings", not "a man at that pitch"."""
    unit, after = units[place], units.at(place + 1)
    relative = unit.kind == "rel" and not (after.measure or after.about == "voice")
    return unit.kind in ("end", "but", "sub", "colon") or unit.low == "," or relative


def _is_general(subject: Sequence[Unit], by: str, would: bool, lexicon: Lexicon) -> bool:
    """Whether a clause is of no one speaker: of an emotion, of people, of "a sad woman" who "would" do something."""
    groups = lexicon.groups
    any_one = would and any(other.low in ("a", "an") for other in subject) and subject[0].low in ("a", "an")
    if by == "would" and not any_one:
        return bool({other.low for other in subject} & groups["anyone else"])  # "only a fool would call it calm"
    this_one = (
        any(  # or others that this one is compared with: "no louder than people usually are"
            (other.determines and not any_one) or other.entry.form == "pron" or other.kind == "than"
            for other in subject
        )
        or [other.low for other in subject].count("as") > 1
    )
    seldom = by in ("rarely", "seldom")  # "low voices are rarely happy", not "low tones mostly"
    several = groups["several"] | (groups["voices"] if seldom else frozenset())
    general = any(other.about == "emotion" or other.low in several for other in subject)
    return not this_one and (general or bool({other.low for other in subject} & groups["many"]))


def _atypical(units: Units, lexicon: Lexicon) -> None:
    """An emotion that what is heard is no sign of is not denied: "slow speech is not typical of surprise"."""
    for place, unit in enumerate(units):
        words = {unit.low, f"{unit.low} {units.at(place + 1).low}"}
        if not (unit.denied and words & lexicon.groups["typical"]):
            continue
        ahead = units[place : _clause_end(units, place)]
        # "the volume and the tempo are not the usual ones"
        named = units.at(place + 1).low in ("one", "ones") or unit.entry.form == "adverb"
        if named or any(other.about == "emotion" for other in ahead):
            mute(ahead)


def _mistaken(units: Units, lexicon: Lexicon) -> None:
    """What something is not to be taken for: "don't mistake her speed for fear"."""
    for place, unit in enumerate(units):
        if unit.low in lexicon.groups["mistaking"]:
            end = _clause_end(units, place)
            taken_for = next((at for at in range(place, end) if units[at].low in ("for", "with")), end)
            mute(units[taken_for:end])


def _concluded(units: Units, lexicon: Lexicon) -> None:
    """Of emotions that are weighed, the one that is settled on is claimed: "joy, anger? I'd go with anger"."""
    for first, end in reversed([*sentences(units)]):
        concluding, lows = lexicon.groups["concluding"], units.lows(first, end + 1)
        pairs = (f"{low} {after}" for low, after in pairwise([*lows, ""]))
        words = enumerate(zip(lows, pairs, strict=True), first)
        mark_place = next((at for at, (low, pair) in words if low in concluding or pair in concluding), None)
        if mark_place is None:
            continue
        settled = [unit for unit in units[mark_place:end] if unit.about == "emotion" and not unit.denied]
        if len({unit.entry.says for unit in settled}) == 1:
            for unit in units[:mark_place]:
                unit.muted = unit.muted or (unit.about == "emotion" and unit.entry.says != settled[0].entry.says)
            return


def sentences(units: Units) -> Iterator[tuple[int, int]]:
    """First and end of each sentence, marks that end it left out; a colon ends none."""
    first = 0
    for place in [*(at for at, unit in enumerate(units) if unit.kind == "end"), len(units)]:
        if place > first:
            yield first, place
        first = place + 1


def _rejected(units: Units, but: int, would: frozenset[str]) -> None:
    """Mute the emotion that words might suggest, where another follows the "but": "might be fear, but it is anger"."""
    first = but
    while first > 0 and units[first - 1].kind not in ("end", "but"):
        first -= 1
    supposed = next((at for at in range(first, but) if units[at].low in would), None)
    if supposed is None or units[supposed - 1].kind == "rel":
        return  # "an anger that would frighten anyone, but"
    subject = [unit for unit in units[first:supposed] if unit.about == "emotion"]
    rejected = subject if subject else units[supposed:but]  # "fear could explain it", "it might be fear"
    if any(unit.about == "emotion" and not unit.denied for unit in units[but:]):
        for unit in rejected:
            unit.muted = unit.muted or unit.about == "emotion"


def mute(span: Sequence[Unit]) -> None:
    """Let a stretch claim nothing but who speaks."""
    for place, unit in enumerate(span):
        if not unit.person and not (place and span[place - 1].low in ("this", "that")):
            unit.muted = unit.figure = True
