"""What something is compared with: "higher than normal", "deep like a man's", "as plain as day"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.lexicon import Entry, Lexicon
from annotate.captions.reading.reasons import LONGEST, joins


def until(units: Units, place: int, step: int, ends: Callable[[Unit], bool], name: str) -> int:
    """Set a mark from a place on until a unit that ends it; where it ended."""
    while 0 <= place < len(units) and not ends(units[place]):
        setattr(units[place], name, True)
        place += step
    return place


def is_comparative(units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether a word compares: "louder", "more quiet"; the "an" of "anger" makes it no comparative."""
    unit = units[place]
    if unit.nominal:
        return False
    if unit.entry.form == "comparative" or units.at(place - 1).low in ("more", "less", "much more"):
        return True
    stem = unit.words[0][:-2] if unit.words and unit.words[0].endswith("er") else ""
    stems = (stem, stem + "e", stem[:-1], stem[:-1] + "y") if len(stem) > 2 else ()
    return any((base,) in lexicon.words for base in stems)


def compare(units: Units, lexicon: Lexicon) -> None:
    """What something is compared with claims nothing of it: "higher than normal", "deep like a man's"."""
    _beyond_people(units, lexicon)
    _amid(units, lexicon)
    _beyond(units, lexicon)
    usual = lexicon.groups["usual"]
    for place, unit in enumerate(units):
        before, after = units[place - 1] if place else None, units[place + 1] if place + 1 < len(units) else None
        if unit.kind == "than" and before is not None and before.low in ("less", "more", "other") and place > 1:
            other = units[place - 2]
            if after is None or other.about != "emotion" or after.about != "emotion":
                continue  # "no less than astonished", but not "anger more than sadness"
        if unit.kind == "than" and units.at(place - 2).low == "less" and after is not None and after.about == "emotion":
            continue  # "less angry than disgusted"
        if unit.kind == "than":
            # "than usual in a low voice": the voice is compared with nothing
            end = _standard_end(units, place, lexicon)
            for other in units[place : end if not _ends_comparison(units.at(place + 1)) else place + 1]:
                other.muted = other.figure = True
        elif unit.kind == "like" and not (unit.low == "like" and after is not None and after.kind == "degree"):
            _liken(units, place, lexicon)
        elif unit.low == "as" and _pictures(units, place):
            for other in units[place : until(units, place, 1, _ends_picture, "figure")]:
                other.muted = other.read = True  # "as a kettle sings before it boils over"
        elif unit.low == "as" and before is not None and weighs(units, place):
            unit.become(Entry("but"))  # "not so much angry as sad"
        elif (
            unit.low == "as"
            and before is not None
            and not (after is not None and after.entry.form == "pron")
            and not _plays(units, place)
            and (before.kind in ("fact", "scale") or _so_much(units, place))
        ):
            end = next((at for at in range(place + 1, len(units)) if _ends_comparison(units[at])), len(units))
            near = units.lows(place + 1, min(end, place + 5))
            described = [u for u in units[max(0, place - 3) : place] if u.kind in ("fact", "scale")]
            for other in described:
                other.usual = bool(set(near) & usual) or any(
                    u.entry.says == ("normal",) for u in units[place + 1 : end]
                )
            until(units, place + 1, 1, _ends_comparison, "figure")
            if described:
                until(units, place + 1, 1, _ends_comparison, "muted")


def _beyond_people(units: Units, lexicon: Lexicon) -> None:
    """Read "above most men's" as high, "below that of most women" as low, "that of an average woman" as normal."""
    higher, lower = lexicon.groups["higher than a group"], lexicon.groups["lower than a group"]
    alikes = lexicon.groups["as high as a group"]
    for place, unit in enumerate(units):
        before = place - 1
        while units.at(before).kind == "degree":
            before -= 1
        of_level = units.at(before).kind in ("be", "noun", "aux", "colon")  # not "rising above other speakers"
        alike = unit.low in alikes and _of_measure(units, place)
        if unit.low == "of" and units.at(place - 1).measure:
            ordinary = {*units.lows(place + 1, place + 3)} & lexicon.groups["ordinary people"]
            alike = bool(ordinary)  # "the tempo of an ordinary guy", "the pitch of most men"
        if not alike and (not of_level or (unit.low not in higher and unit.low not in lower)):
            continue
        end = _norm_end(units, place + 1, lexicon)
        if end > place + 1:
            level = "normal" if alike else "high" if unit.low in higher else "low"
            unit.become(Entry("scale", says=(level,), form="adj"))
            for other in units[place + 1 : end]:
                other.muted = other.figure = other.read = True


def _of_measure(units: Units, place: int) -> bool:
    """Whether a measure is the subject there: "its pitch is that of", "pitch like other women's", not "she is like"."""
    while units.at(place - 1).kind in ("be", "degree") or units.at(place - 1).low in ("about", "much", "or", "that"):
        place -= 1
    return units.at(place - 1).measure


def _norm_end(units: Units, place: int, lexicon: Lexicon) -> int:
    """Where the norm of a group of people ends that begins at a place; the place itself where none does."""
    first, peopled = place, False
    while True:
        unit = units.at(place)
        somebody = unit.person and unit.entry.form not in ("pron", "det")  # "fear lies beneath her words"
        people = somebody or unit.low in lexicon.groups["people compared with"]
        if not (people or unit.low in lexicon.groups["within a norm"] or unit.entry.says == ("normal",)):
            break
        peopled = peopled or people
        place += 1
    while place > first and units.at(place - 1).kind == "prep":
        place -= 1
    return place if peopled else first


def _beyond(units: Units, lexicon: Lexicon) -> None:
    """Read "above the usual", "past ordinary volume" as high and "below his norm" as low: the norm is a limit there."""
    for place, unit in enumerate(units):
        if unit.kind != "scale" or unit.entry.says != ("normal",):
            continue
        at = place - 1
        while units.at(at).determines or units.at(at).person or units.at(at).low in ("what", "is"):
            at -= 1  # "above the male average", "below what is usual"
        if (
            units.at(at).low == "from"
            and units.at(place + 1).low not in ("to", "through")
            and units.at(place + 1).kind != "noun"
        ):
            if unit.denied:
                unit.become(replace(unit.entry, form="always"))  # "has not departed from the normal" is normal
            else:
                unit.muted = True
        for level, limits in (("high", "above"), ("low", "below")):
            # "half the usual speed", not "half normal, half angry"
            if units.at(at).low in lexicon.groups[limits] and (at < place - 1 or units[at].kind == "prep"):
                # "neither above nor below the norm" is at the norm
                both = units.at(at - 2).low in lexicon.groups["above"] | lexicon.groups["below"]
                unit.become(replace(unit.entry, form="always") if both else replace(unit.entry, says=(level,)))
                moves = units.at(at - 1)
                unit.denied = unit.denied or moves.kind == "not"  # "not beyond the norm"
                if moves.denied and (moves.kind == "move" or moves.low in lexicon.groups["raised"]):
                    # "not raised above normal volume"; in "the tempo does not rise above the ordinary" the verb says it
                    named = units.at(place + 1).kind in ("noun", "extent")
                    unit.denied, unit.muted, moves.muted = named, not named, named


def _amid(units: Units, lexicon: Lexicon) -> None:
    """Read "between slow and fast", "halfway between a whisper and a shout" as normal; "alternates between" is not."""
    staying = {"be", "noun", "scale", "end", "mark", "prep", "plain", "degree"}
    for between, unit in enumerate(units):
        before = units.at(between - 2 if units.at(between - 1).low in lexicon.groups["amid"] else between - 1)
        if unit.low != "between" or before.kind not in staying or before.low in lexicon.groups["varying"]:
            continue
        end = between + 1
        while units.at(end).determines or units.at(end).low == "and" or units.at(end).kind in ("scale", "fact"):
            end += 1
        levels = [other for other in units[between + 1 : end] if other.kind in ("scale", "fact")]
        if len(levels) != 2 or len({(level.kind, level.about) for level in levels}) > 1:
            continue
        apart = {word for level in levels for word in level.entry.says} - {"normal"}
        if len(apart) > 1 and (levels[0].kind == "scale" or levels[0].about in LEVELS):
            unit.become(replace(levels[0].entry, says=("normal",), form="adj"))
            for other in units[between + 1 : end]:
                other.muted = other.read = True
            before.muted = before.muted or (before.kind == "scale" and before.entry.says == ("normal",))  # "midway"


def _standard_end(units: Units, than: int, lexicon: Lexicon) -> int:
    """Where what follows a "than" stops to be what something is compared with."""
    stops = lexicon.groups["from what"] | {"in", "at", "with"}
    first = than + (3 if units.at(than + 2).kind == "be" else 2)  # "faster than she is loud"
    joint = any(joins(units.lows(at, at + LONGEST), lexicon) for at in (than + 2, first))
    if units.at(than + 1).low in lexicon.groups["usual"] and joint:
        return than + 2  # "a louder voice than usual is typical of anger", "makes him sound angry"
    ends = (at for at in range(first, len(units)) if _ends_comparison(units[at]) or units[at].low in stops)
    return next(ends, len(units))


def _pictures(units: Units, place: int) -> bool:
    """Whether an "as" begins a clause of what others or things do: "as one handles a slug", "as a kettle sings"."""
    after = units.at(place + 1)
    if units.at(place - 1).kind in ("fact", "scale") or after.low == "one":
        return after.low == "one" and units.at(place - 1).kind not in ("fact", "scale")
    noun = next((at for at in range(place + 2, place + 4) if not units.at(at).describes), place)
    if units.at(noun).person and units.at(noun + 1).low == "would":
        return False  # "as a calm woman would"
    verb = units.at(noun + 1)
    verbal = verb.kind in ("verb", "say", "move", "aux") or verb.entry.form == "verb"
    strange = verb.kind in ("unknown", "untold", "plain") and verb.low.endswith("s") and verb.entry.form != "noun"
    return after.low in ("a", "an") and (verbal or strange)


def _so_much(units: Units, place: int) -> bool:
    """Whether an "as" or "so" before it compares: "as high a pitch as", not "the speed as high, all else as low"."""
    at = place - 1
    while at > place - 5 and units.at(at).low not in ("as", "so"):
        if units.at(at).kind in ("and", "mark", "end", "rest"):
            return False
        at -= 1
    return units.at(at).low in ("as", "so")


def _plays(units: Units, place: int) -> bool:
    """Whether an "as" leads to whom one is to speak as: "slowly and quietly, as a scared man of medium pitch"."""
    compared = {"as", "so"} & {*units.lows(place - 4, place)}
    head = place + 1
    while units.at(head).determines or units.at(head).describes:
        head += 1
    follows = units.at(head + 1)
    alone = follows.kind in ("end", "mark", "prep", "rel") or follows.low in ("with", "of")  # not "as a woman sings"
    return not compared and units.at(place - 1).entry.form == "adverb" and units.at(head).person and alone


def _ends_picture(unit: Unit) -> bool:
    return unit.kind in ("end", "colon", "but") or unit.low in (",", "\u2014", ")")


def weighs(units: Units, place: int) -> bool:
    """Whether what stands after an "as" holds in place of what was denied: "not sad so much as bored"."""
    before = " ".join(units.lows(place - 4, place))
    return "so much" in before and units.at(place + 1).kind == "fact"


def _liken(units: Units, place: int, lexicon: Lexicon) -> None:
    """A simile claims no level and tells of no thing; "like he has a cold" tells of the speaker."""
    after = units[place + 1] if place + 1 < len(units) else None
    as_if = units[place].low in ("as if", "as though")
    acts = as_if and after is not None and after.low.partition(" ")[0].endswith("ing")
    head = place + 1
    while units.at(head).determines or units.at(head).describes:
        head += 1
    clause = acts or (after is not None and after.low in lexicon.groups["subjects"]) or units.at(head).person
    if units.at(place - 1).low == "sounds" and units.at(place - 2).low == "what":
        return  # "in what sounds like a carpeted room"
    end = next((at for at in range(place, len(units)) if units[at].kind in ("end", "mark", "but", "colon")), len(units))
    for at, other in enumerate(units[place:end], place):
        other.figure = not (clause and after is not None and after.low != "it")
        if units[place].low in lexicon.groups["unlike"]:
            other.muted = True
        elif as_if and other.about in ("", *LEVELS) and is_comparative(units, at, lexicon):
            other.muted = True  # "as though a louder word would be wasted"
        elif not clause and not as_if:
            other.muted = other.about != "emotion" and other.kind in ("fact", "scale", "noun", "attribute")


def _ends_comparison(unit: Unit) -> bool:
    return unit.kind in ("end", "mark", "but", "be", "sub", "rel", "say") or unit.low in ("and", "nor")
