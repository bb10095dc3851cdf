"""What is denied, compared, doubted, asked or expected: how far a "not", a "than", a "perhaps" reaches over units."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.comparisons import compare, until
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.phrases import NOTHING, Phrase

_BOUNDS = frozenset({"end", "but", "sub", "rel", "colon"})
_APART = frozenset({"—", "(", ")", "above", "beyond"})


def mark(found: Units, lexicon: Lexicon) -> None:
    """Set the marks of all units."""
    _denials(found, lexicon)
    compare(found, lexicon)
    _questions(found, lexicon)
    _expectations(found, lexicon)
    _advice(found, lexicon)
    _pacing(found, lexicon)
    for place, unit in enumerate(found):
        if unit.kind == "hedge" or unit.low in lexicon.groups["hedges"]:
            until(found, place + 1, 1, lambda u: u.kind in _BOUNDS | {"mark"}, "hedged")
        elif unit.kind == "occasional":
            for step in (1, -1):
                until(found, place + step, step, lambda u: u.kind in _BOUNDS | {"mark", "and", "say"}, "occasional")
    _against_own(found, lexicon)


def _against_own(found: Units, lexicon: Lexicon) -> None:
    """A comparative with no group to compare with is against the speaker's own usual: "louder than he usually is"."""
    first = 0
    for end in [place for place, unit in enumerate(found) if unit.kind == "end"] + [len(found)]:
        standards = {found.at(at + 1).low for at in range(first, end) if found[at].kind == "than"}
        of_group = bool(standards & lexicon.groups["of group"])
        for place in range(first, end):
            unit, more = found[place], found.at(place - 1).low in ("more", "less", "much more")
            stem = unit.words[0][:-2] if unit.words and unit.words[0].endswith("er") else ""
            stems = {stem, stem + "e", stem[:-1], stem[:-1] + "y"} if len(stem) > 2 else set()
            compares = unit.entry.form == "comparative" or more or any((one,) in lexicon.words for one in stems)
            # the "an" of "anger" makes it no comparative
            unit.own = (compares and not of_group and not unit.nominal) or unit.low == "usual"
        first = end + 1


def _denials(found: Units, lexicon: Lexicon) -> None:
    groups, negator, denied_any, too = lexicon.groups, None, False, False
    for place, unit in enumerate(found):
        word = unit.low
        before = found[place - 1] if place else None
        if unit.kind == "not" and {"tell", "me"} <= {other.low for other in found[max(0, place - 5) : place]}:
            continue  # "tell me she's not scared" dares the reader to deny it
        if unit.kind == "not":
            doubled = negator in ("not", "never") and word not in ("nor", "neither") and not denied_any
            if word == "less" or doubled or (negator is not None and word in groups["taking away"]):
                negator = None
            else:
                negator, denied_any = word, False
            continue
        if unit.kind == "not one" or _ends(found, place, negator, denied_any, lexicon):
            negator = None
        too = (too or word == "too") and unit.kind not in _BOUNDS | {"mark"}
        if too and word in ("be", "sound", "seem") and before is not None and before.low == "to":
            negator, too = "not", False
        if negator is not None and (
            word in lexicon.turning or _utmost(found, place) or _held_in(found, place, lexicon)
        ):
            negator = None
        unit.denied = negator is not None
        if unit.denied and unit.entry.kind not in (
            "degree",
            "det",
            "prep",
            "and",
            "mark",
            "it",
            "be",
            "aux",
            "word",
            "say",
            "verb",
        ):
            denied_any = True
        if unit.low in ("less", "least") and not (before is not None and before.low in ("no", "nothing", "not")):
            _less(found, place)


def _less(found: Units, place: int) -> None:
    """The word after "less" is denied."""
    if place + 1 < len(found) and found[place + 1].describes:
        found[place + 1].denied = True


def _utmost(found: Units, place: int) -> bool:
    """Whether a negation says that it is so: "could not be happier", "couldn't be more surprised"."""
    before = {unit.low for unit in found[max(0, place - 6) : place]}
    unit = found[place]
    return (
        bool(before & {"could", "couldn", "cannot", "can", "ca"})
        and bool(before & {"be", "sound", "have"})
        and ("more" in before or (unit.low.endswith("er") and unit.kind in ("fact", "scale")))
    )


def _held_in(found: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether it is what one does with a feeling that is there: "could not hold her joy back", "cannot quell it"."""
    unit, ahead = found[place], found[place + 1 : place + 4]
    able = bool(set(found.lows(place - 4, place)) & lexicon.groups["able"]) and found[place - 1].kind == "not"
    acts = unit.kind in ("verb", "unknown", "plain", "word", "be") and unit.low not in lexicon.groups["perceiving"]
    return able and acts and any(other.about == "emotion" and other.nominal for other in ahead)


def _ends(found: Units, place: int, negator: str | None, denied_any: bool, lexicon: Lexicon) -> bool:
    """Whether a negation reaches no farther than before this unit."""
    unit, groups = found[place], lexicon.groups
    after = found[place + 1] if place + 1 < len(found) else None
    if unit.low == "that" and found[place - 1].kind == "not":
        return False  # "it's not that he is happy"
    if negator is None or unit.kind in _BOUNDS or unit.low in _APART:
        return True
    if unit.low == ",":
        return not _listed(found, place, negator)
    of_noun = negator in groups["of nouns"]
    if unit.kind in ("be", "say", "aux") and of_noun and denied_any:
        return True
    if unit.low in ("and", "plus", "&", "as well as", "+"):
        before = found[place - 1]
        alike = after is not None and before.about == after.about and after.about != "" and after.kind == before.kind
        return not alike or before.about in LEVELS
    if unit.kind == "prep" and negator == "nor" and denied_any:
        return True  # "neither loudly nor quietly in a high voice"
    if unit.kind == "prep" and unit.low in groups["inner"]:
        if unit.low == "of" and found[place - 1].kind == "thing":
            return False  # "without a scrap of surprise"
        given = after is not None and (entry := lexicon.genders.get(after.words[0])) is not None and entry.form == "det"
        if given or (unit.low == "in" and after is not None and after.low in ("this", "that")):
            return True  # "rather than shouting in his anger": the anger is taken as given
        joined = place > 0 and (found[place - 1].kind == "and" or found[place - 1].low == ",")
        return (of_noun and denied_any) or (joined and negator != "neither")
    return unit.low in groups["subjects"] and negator in groups["away"] and negator != "not"


def _listed(found: Units, comma: int, negator: str) -> bool:
    """Whether a comma is one of a list that ends with "or": "not loud, high or fast"."""
    after = found[comma + 1] if comma + 1 < len(found) else None
    if after is None or after.kind in ("be", "say", "and", "but", "not", "degree", "it") or after.low in ("a", "the"):
        return after is not None and after.low in ("or", "nor")
    if after.kind == "prep" and negator != "neither":
        return False
    for unit in found[comma + 1 : comma + 9]:
        if unit.low in ("or", "nor"):
            return True
        if unit.kind in ("end", "but", "say", "be") or unit.low in ("and", "with"):
            return False
    return False


def _questions(found: Units, lexicon: Lexicon) -> None:
    """What a question asks is not claimed: "Is she excited? No, she is calm."; who speaks and of what still holds."""
    first = 0
    for place, unit in enumerate(found):
        if unit.kind != "end":
            continue
        answer = found.at(place + 1).low
        answers = {answer, f"{answer} {found.at(place + 2).low}"}
        opens = found[first].low + " " + found.at(first + 1).low
        if unit.low == "?" and place - first <= 9 and answer in lexicon.groups["answers no"]:
            for other in found[first:place]:
                other.denied, other.muted = True, other.kind == "untold"  # "loud? no"
        elif answers & lexicon.groups["answers yes"] or opens in lexicon.groups["presuming"]:
            pass  # "Is she afraid? Certainly.", "How can anyone be so calm?"
        elif unit.low == "?" and found[first].low in lexicon.groups["asking"]:
            rhetorical = "me" in {other.low for other in found[first : first + 4]}  # "is it me or is he yelling?"
            for other in found[first:place]:
                pronoun = other.low in lexicon.groups["pronouns"]
                other.muted = not (rhetorical or pronoun or other.kind == "noun")
        first = place + 1


def _expectations(found: Units, lexicon: Lexicon) -> None:
    """What is only expected, or of others: "you'd expect him to yell, but", "where many yell, she"."""
    groups = lexicon.groups
    for place, unit in enumerate(found):
        before = {other.low for other in found[max(0, place - 2) : place]}
        if unit.low in groups["expecting"] and before & groups["would"] and not before & {"as", "what", "than"}:
            end = next((at for at in range(place, len(found)) if found[at].kind in ("end", "but")), len(found))
            if any(other.kind == "but" for other in found[end : end + 2]):
                _mute(found[place:end])
        if unit.low in groups["expecting"] and unit.denied:  # "not what one expects of anger"
            until(found, place + 1, 1, lambda u: u.kind in ("end", "but", "mark"), "muted")
        many = place + 1 < len(found) and found[place + 1].low in groups["many"]
        if (
            unit.low in ("where", "while", "whereas", "when")
            and many
            and (place == 0 or found[place - 1].kind == "end")
        ):
            end = next((at for at in range(place, len(found)) if found[at].low == ","), place)
            _mute(found[place:end])


def _pacing(found: Units, lexicon: Lexicon) -> None:
    """Mute the "steady" of "slow and steady", which only says again how the pace is."""
    for place, unit in enumerate(found):
        if unit.low in lexicon.groups["pacing"]:
            ends = (at for at in range(place + 1, len(found)) if found[at].kind in _BOUNDS | {"say", "mark"})
            near = [found.at(place - 2), *found[place + 1 : min(place + 5, next(ends, len(found)))]]
            at_pace = found.at(place + 1).kind == "prep"  # "flowing at a natural pace"; "a steady pace" says a pace
            if any(other.about == "speed" and (at_pace or other.kind == "fact") for other in near):
                unit.muted = unit.read = True


def _advice(found: Units, lexicon: Lexicon) -> None:
    """What a speaker should do is not what he does: "she should slow down"."""
    for place, unit in enumerate(found):
        change = unit.low in lexicon.groups["changes"] or (unit.low == "slow" and found.at(place + 1).low == "down")
        if change and set(found.lows(place - 3, place)) & lexicon.groups["advice"]:
            unit.muted = True


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
        of_voice = len(before) == 2 and before[1].kind == "be" and before[0].head.kind == "noun"
        if (
            phrase.headed
            and (force or not phrase.prep)
            and (of_feeling or (of_voice and phrase.det in ("a", "an", "the")))
        ):
            further = phrases[at + 1 :] if of_voice else []
            end = next(
                (n for n, one in enumerate(further) if not (one.prep or one.headed or one.kind == "not")), len(further)
            )
            for unit in (u for one in [phrase, *further[:end]] for u in one.units):
                unit.figure = True


def _mute(span: Sequence[Unit]) -> None:
    for place, unit in enumerate(span):
        if not unit.person and not (place and span[place - 1].low in ("this", "that")):
            unit.muted = unit.figure = True
