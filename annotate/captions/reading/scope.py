"""What is denied, compared, doubted, asked, expected or advised: the marks of units, and how far each reaches."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Units
from annotate.captions.reading.comparisons import compare, is_comparative, until
from annotate.captions.reading.denials import BOUNDS, deny
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.phrases import NOTHING, Phrase
from annotate.captions.reading.suppositions import sentences, suppose


def mark(units: Units, lexicon: Lexicon) -> None:
    """Set the marks of all units."""
    deny(units, lexicon)
    compare(units, lexicon)
    _questions(units, lexicon)
    _options(units)
    _advice(units, lexicon)
    suppose(units, lexicon)
    _pacing(units, lexicon)
    for place, unit in enumerate(units):
        if unit.kind == "hedge" or unit.low in lexicon.groups["hedges"]:
            until(units, place + 1, 1, lambda u: u.kind in BOUNDS | {"mark"}, "hedged")
        elif unit.kind == "occasional":
            for step in (1, -1):
                until(units, place + step, step, lambda u: u.kind in BOUNDS | {"mark", "and", "say"}, "occasional")
        elif unit.kind in ("fact", "scale") and is_comparative(units, place, lexicon):
            unit.occasional = unit.occasional or _becomes(units, place, lexicon)
        elif unit.low == "then":  # "then gets quieter", not "then it is fear"
            for before, other in zip(units[place : place + 3], units[place + 1 : place + 4], strict=False):
                grows = other.low.endswith("er") and before.kind == "be"
                turns = other.kind == "move" or other.low.startswith(("speeds ", "slows ", "quietens", "quickens"))
                other.occasional = other.occasional or grows or turns
    _against_own(units, lexicon)


def _becomes(units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether it says what a voice comes to in the course of a clip: "becomes noticeably faster", "gets louder"."""
    before = place - 1
    while units.at(before).kind == "degree" or units.at(before).low.endswith("ly"):
        before -= 1
    joined = units.at(before).kind in ("and", "mark") and units.at(before - 1).occasional  # "louder and faster"
    comes_to = joined or units.at(before).low in lexicon.groups["becoming"]
    return comes_to and not units[place].denied and units.at(place + 1).kind != "than"


def _against_own(units: Units, lexicon: Lexicon) -> None:
    """A comparative with no group to compare with is against the speaker's own usual: "louder than he usually is"."""
    for first, end in sentences(units):
        standards = {units.at(at + 1).low for at in range(first, end) if units[at].kind == "than"}
        of_group = bool(standards & lexicon.groups["of group"])
        for place in range(first, end):
            unit = units[place]
            compares = not of_group and is_comparative(units, place, lexicon)
            unit.against_usual = compares or unit.low == "usual"


def _questions(units: Units, lexicon: Lexicon) -> None:
    """What a question asks is not claimed: "Is she excited? No, she is calm."; who speaks and of what still holds."""
    first = 0
    for place, unit in enumerate(units):
        if unit.kind != "end":
            continue
        reply = place + (3 if units.at(place + 1).low in ("answer", "a") else 1)  # "Answer: no"
        answer = units.at(reply).low
        answers = {answer, f"{answer} {units.at(reply + 1).low}"}
        alone = units.at(reply).kind == "degree" and units.at(reply + 1).kind == "end"
        while units[first].kind in ("but", "and", "mark", "colon") or units[first].low in ("question", "q"):
            first += 1
        opens = units[first].low + " " + units.at(first + 1).low
        chosen = "or" in units.lows(first, place) and units.at(reply + 1).kind not in ("end", "mark", "but")
        if unit.low == "?" and chosen and answer in lexicon.groups["answers no"]:
            for other in units[first:place]:
                other.muted = True  # "Fear or anger? Not fear."
        elif unit.low == "?" and place - first <= 9 and answer in lexicon.groups["answers no"]:
            for other in units[first:place]:
                other.denied, other.muted = True, other.kind == "untold"  # "loud? no"
        elif unit.low == "?" and place - first == 3 and units[first + 1].low == "or":
            for other in units[first:place]:
                other.muted = True  # "Loud or quiet? Loud."
        elif alone or answers & lexicon.groups["answers yes"] or opens in lexicon.groups["presuming"]:
            pass  # "Is she afraid? Certainly.", "How can anyone be so calm?"
        elif unit.low == "?" and place - first == 1 and units[first].about in LEVELS:
            near = units[reply : reply + 3]  # "Loud? About average."
            units[first].muted = any(other.kind == "scale" or other.about == units[first].about for other in near)
        elif unit.low == "?" and units[first].low in lexicon.groups["asking"]:
            rhetorical = "me" in {other.low for other in units[first : first + 4]}  # "is it me or is he yelling?"
            for other in units[first:place]:
                pronoun = other.low in lexicon.groups["pronouns"]
                other.muted = not (rhetorical or pronoun or other.kind == "noun")
        first = place + 1


def _options(units: Units) -> None:
    """Mute the values that a key lists before its own: "speed (slow, normal, fast): fast"."""
    for place, unit in enumerate(units):
        if unit.low != "(":
            continue
        end = place + 1
        while units.at(end).kind in ("scale", "fact", "mark", "and") and units.at(end).low != ")":
            end += 1
        values = [other for other in units[place + 1 : end] if other.entry.says]
        of_one = len({other.entry.says for other in values}) > 1 and len({other.about for other in values} - {""}) < 2
        chosen = units.at(end + 2).entry.says
        key = units.at(place - 1).kind in ("noun", "thing") and chosen in {other.entry.says for other in values}
        if units.at(end).low == ")" and of_one and key and units.at(end + 1).kind == "colon":
            for other in units[place : end + 1]:
                other.muted = other.read = True


def _pacing(units: Units, lexicon: Lexicon) -> None:
    """Mute the "steady" of "slow and steady", which only says again how the pace is."""
    for place, unit in enumerate(units):
        if unit.low in lexicon.groups["pacing"]:
            ends = (at for at in range(place + 1, len(units)) if units[at].kind in BOUNDS | {"say", "mark"})
            near = [units.at(place - 2), *units[place + 1 : min(place + 5, next(ends, len(units)))]]
            at_pace = units.at(place + 1).kind == "prep"  # "flowing at a natural pace"; "a steady pace" says a pace
            if any(other.about == "speed" and (at_pace or other.kind == "fact") for other in near):
                unit.muted = unit.read = True


def _advice(units: Units, lexicon: Lexicon) -> None:
    """What a speaker should do is not what he does: "she should slow down"."""
    for place, unit in enumerate(units):
        change = unit.low in lexicon.groups["changes"] or (unit.low == "slow" and units.at(place + 1).low == "down")
        before = place - 1
        while change and before >= 0 and units[before].kind not in BOUNDS | {"be"} and place - before < 6:
            orders = units[before].low == "do" and units.at(before - 1).kind in ("end", "but", "mark", "and")
            if orders or units[before].low in lexicon.groups["advice"]:
                unit.muted = True  # "should speak up and slow down", "but do slow down"
            before -= 1


def figures(phrases: Sequence[Phrase]) -> None:
    """Mark images, which tell of nothing: "a storm of a woman", "a fountain of joy", "her voice is a lake"."""
    for at, phrase in enumerate(phrases):
        before, after = phrases[max(0, at - 2) : at], phrases[at + 1] if at + 1 < len(phrases) else NOTHING
        of_feeling = after.prep == "of" and any(u.about == "emotion" or u.person for u in after.units)
        of_feeling = of_feeling or (
            after.prep == "of" and after.head.kind in ("noun", "thing")
        )  # "a storm of syllables"
        force = phrase.prep == "of" and bool(before) and before[-1].head.kind == "thing"  # "with the force of a storm"
        of_feeling = of_feeling or (force and phrase.det in ("a", "an"))
        of_voice = len(before) == 2 and before[1].kind == "be" and before[0].head.about in ("voice", *LEVELS)
        if (
            phrase.headed
            and (force or not phrase.prep)
            and (of_feeling or (of_voice and phrase.det in ("a", "an", "the")))
        ):
            further = phrases[at + 1 :] if of_voice else []
            end = next(
                (
                    n
                    for n, further_phrase in enumerate(further)
                    if not (further_phrase.prep or further_phrase.headed or further_phrase.kind == "not")
                ),
                len(further),
            )
            for unit in (u for further_phrase in [phrase, *further[:end]] for u in further_phrase.units):
                unit.figure = True
