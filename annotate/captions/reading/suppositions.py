"""What is expected, supposed, true in general or weighed, and not claimed of the speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.comparisons import until
from annotate.captions.reading.lexicon import Lexicon


def suppose(units: Units, lexicon: Lexicon) -> None:
    """Mute what is not claimed of this speaker."""
    _expectations(units, lexicon)
    _supposed(units, lexicon)
    _concluded(units, lexicon)
    _generalities(units, lexicon)
    _signs(units, lexicon)
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
            opposed = any(other.kind == "but" for other in units[end : end + 2]) or units.at(end + 1).low == "not"
            granted = "and" in units.lows(end, end + 2)  # "you'd expect him to be loud, and he is"
            if opposed or (others and not granted):
                mute(units[place:end])
        if unit.low in groups["expecting"] and units.at(place - 1).low in groups["many"]:
            stop = _first_of(units, place, ("mark", "end", "but"))
            if any(other.kind in ("but", "not") for other in units[stop : stop + 4]):
                mute(units[place:stop])  # "people think calm has to be quiet, here not"
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
        done = units.at(place + 2).low.endswith(("ed", "en"))
        if unit.low in ("might", "could") and units.at(place + 1).low == "have" and done:
            for other in units[place : _first_of(units, place, ("mark", "end", "but"))]:
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
        held = f"{unit.low} {units.at(place + 1).low}" in lexicon.groups["held to be"]
        if not (held or unit.low in lexicon.groups["generally"] or unit.low == "would"):
            continue
        first = _clause_start(units, place)
        joint = next((at for at in range(place - 1, first, -1) if units[at].low == "and"), first)
        if not _is_general(units[first:place], units, place, lexicon) and joint > first:
            first = joint + 1  # "the speed is fast and bored people are usually slow"
        subject = units[first:place] or _subject_after(units, place)
        if _is_general(subject, units, place, lexicon):
            end = _clause_end(units, place)
            if not held:
                end = next((at for at in range(place + 1, end) if units[at].kind in ("sub", "mark")), end)
            levels = any(other.kind in ("scale", "move") or other.about in LEVELS for other in units[place:end])
            if levels or not held:  # "sadness is supposed to be soft", not "fear is thought to be present"
                mute(units[first:end])


def _subject_after(units: Units, place: int) -> Sequence[Unit]:
    """The subject of "normally fear pushes the voice up"; none of "mostly sad, with", "emotion: mostly fear"."""
    end = place + 1
    while units.at(end).about == "emotion" or units.at(end).nominal or units.at(end).low == "ones":
        if end > place + 1 and units.at(end).low.endswith("s") and units.at(end + 1).determines:
            break  # "pushes the voice up"
        end += 1
    acts = units.at(end)
    verbal = acts.kind in ("verb", "move", "aux", "be", "say") or acts.low.endswith("s")
    return units[place + 1 : end] if verbal and units.at(place - 1).kind != "colon" else []


def _is_general(subject: Sequence[Unit], units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether a clause is of no one speaker: of an emotion, of people, of "a sad woman" who "would" do something."""
    groups, by = lexicon.groups, units[place].low
    lows = [other.low for other in subject]
    if "than" in lows or lows.count("as") > 1:
        return False  # others that this one is compared with: "no louder than people usually are"
    would = by == "would" or "would" in lows
    any_one = would and bool(lows) and lows[0] in ("a", "an")
    if by == "would" and not any_one:
        names = groups["naming"] & {*units.lows(place + 1, place + 3)}
        fool = "fool" in lows and not {"miss", "deny"} & names
        return fool or (bool(groups["anyone else"] & {*lows}) and not names)
    this_one = any((other.determines and not any_one) or other.entry.form == "pron" for other in subject)
    seldom = by in ("rarely", "seldom")  # "low voices are rarely happy", not "low tones mostly"
    several = groups["several"] | (groups["voices"] if seldom else frozenset())
    general = any(other.about == "emotion" or other.low in several for other in subject)
    return not this_one and (general or bool({*lows} & groups["many"]))


def _clause_start(units: Units, place: int) -> int:
    """Where the clause of a place begins: after a mark, or a "that" that no noun of the voice follows."""
    first = place
    while first > 0:
        unit, after = units[first - 1], units[first]
        relative = unit.kind == "rel" and not (after.measure or after.about == "voice")
        if unit.kind in ("end", "but", "sub", "colon") or unit.low == "," or relative:
            break
        first -= 1
    return first


def _signs(units: Units, lexicon: Lexicon) -> None:
    """What something is as a rule a sign of, or might be taken for, and is not here."""
    groups = lexicon.groups
    for place, unit in enumerate(units):
        pair = f"{unit.low} {units.at(place + 1).low}"
        if pair in groups["taken as"] and {"might", "could"} & {*units.lows(place - 3, place)}:
            mute(units[place : _clause_end(units, place)])  # "both might be thought to signal joy"
        if unit.low in groups["generally"] and groups["signs"] & {*units.lows(place + 1, place + 4)}:
            end = _clause_end(units, place)
            if any(other.kind == "but" for other in units[end : end + 2]):
                mute(units[place:end])  # "loud speech is generally a sign of excitement, but"


def _atypical(units: Units, lexicon: Lexicon) -> None:
    """An emotion that what is heard is no sign of is not denied: "slow speech is not typical of surprise"."""
    for place, unit in enumerate(units):
        words = {unit.low, f"{unit.low} {units.at(place + 1).low}"}
        not_the = units.at(place - 1).low == "the" and units.at(place - 2).kind == "not"
        # "the volume and the tempo are not the usual ones", "high and fast, which are not the marks of sorrow"
        standard = unit.low == "usual" and units.at(place + 1).low in ("one", "ones")
        marks = not_the and unit.low in lexicon.groups["signs"]
        if not unit.denied or not (words & lexicon.groups["typical"] or standard or marks):
            continue
        ahead = units[place : _clause_end(units, place)]
        if standard or unit.entry.form == "adverb" or any(other.about == "emotion" for other in ahead):
            mute(ahead)


def _mistaken(units: Units, lexicon: Lexicon) -> None:
    """What something is not to be taken for: "don't mistake her speed for fear"."""
    for place, unit in enumerate(units):
        confused = unit.low == "confused" and units.at(place + 1).low == "with"
        if confused or unit.low in lexicon.groups["mistaking"]:
            end = _first_of(units, place, ("end", "mark", "colon", "and", "but"))
            taken_for = next((at for at in range(place, end) if units[at].low in ("for", "with")), end)
            mute(units[taken_for:end])


def _first_of(units: Units, place: int, kinds: Sequence[str]) -> int:
    """The first place from one on where a unit of these kinds stands."""
    return next((at for at in range(place, len(units)) if units[at].kind in kinds), len(units))


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
