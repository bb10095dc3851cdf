"""What is denied, compared, doubted, asked or expected: how far a "not", a "than", a "perhaps" reaches over units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Unit, Units
from annotate.captions.reading.comparisons import compare, until, weighs
from annotate.captions.reading.lexicon import Lexicon
from annotate.captions.reading.phrases import NOTHING, Phrase

_OWNED_UNTIL = frozenset({"be", "say", "end", "mark", "not", "and"})
# kinds that lead to what is denied
_LEADING = frozenset({"degree", "det", "prep", "and", "mark", "it", "be", "aux", "word", "say", "verb"})
_BOUNDS = frozenset({"end", "but", "sub", "rel", "colon"})


def mark(units: Units, lexicon: Lexicon) -> None:
    """Set the marks of all units."""
    _denials(units, lexicon)
    compare(units, lexicon)
    _questions(units, lexicon)
    _expectations(units, lexicon)
    _advice(units, lexicon)
    _pacing(units, lexicon)
    for place, unit in enumerate(units):
        if unit.kind == "hedge" or unit.low in lexicon.groups["hedges"]:
            until(units, place + 1, 1, lambda u: u.kind in _BOUNDS | {"mark"}, "hedged")
        elif unit.kind == "occasional":
            for step in (1, -1):
                until(units, place + step, step, lambda u: u.kind in _BOUNDS | {"mark", "and", "say"}, "occasional")
    _against_own(units, lexicon)


def _against_own(units: Units, lexicon: Lexicon) -> None:
    """A comparative with no group to compare with is against the speaker's own usual: "louder than he usually is"."""
    first = 0
    for end in [place for place, unit in enumerate(units) if unit.kind == "end"] + [len(units)]:
        standards = {units.at(at + 1).low for at in range(first, end) if units[at].kind == "than"}
        of_group = bool(standards & lexicon.groups["of group"])
        for place in range(first, end):
            unit, more = units[place], units.at(place - 1).low in ("more", "less", "much more")
            stem = unit.words[0][:-2] if unit.words and unit.words[0].endswith("er") else ""
            stems = {stem, stem + "e", stem[:-1], stem[:-1] + "y"} if len(stem) > 2 else set()
            compares = unit.entry.form == "comparative" or more or any((base,) in lexicon.words for base in stems)
            # the "an" of "anger" makes it no comparative
            unit.against_usual = (compares and not of_group and not unit.nominal) or unit.low == "usual"
        first = end + 1


def _denials(units: Units, lexicon: Lexicon) -> None:
    groups, negator, denied_any, too, owner = lexicon.groups, None, False, False, False
    answers = {place: words for place in range(len(units)) if (words := [*_answered(units, place)])}
    lessened = [place for place in range(len(units)) if _lessens(units, place)]
    for place, unit in enumerate(units):
        word = unit.low
        before = units[place - 1] if place else None
        if unit.kind == "not" and {"tell", "me"} <= {other.low for other in units[max(0, place - 5) : place]}:
            continue  # "tell me she's not scared" dares the reader to deny it
        if unit.kind == "not" and place not in answers:
            doubled = negator is not None and word not in groups["joined denials"] and not denied_any
            if word == "less" or doubled or (negator is not None and word in groups["taking away"]):
                negator = None
            else:
                negator, denied_any = word, False
            continue
        if unit.kind == "not one" or _ends(units, place, negator, denied_any, lexicon):
            negator = None
        too = (too or word == "too") and unit.kind not in _BOUNDS | {"mark"}
        if too and word in ("be", "sound", "seem") and before is not None and before.low == "to":
            negator, too = "not", False
        if negator is not None and (
            word in lexicon.turning or _utmost(units, place, lexicon) or _held_in(units, place, lexicon)
        ):
            negator = None
        first = lexicon.words.get(unit.words[:1])
        if unit.kind == "scale" and len(unit.words) > 1 and first is not None and first.kind == "not":
            negator = None  # "nothing unusual" is normal
        owner = (owner or (word == "of" and units.at(place - 1).kind == "noun")) and unit.kind not in _OWNED_UNTIL
        # "neither the pitch nor the volume of this sad man is low"
        unit.denied = negator is not None and not (owner and negator in ("neither", "nor"))
        if unit.denied and not unit.person and unit.kind not in _LEADING:
            denied_any = True
    for place, unit in enumerate(units):
        if unit.low in groups["ruled out"]:
            _rule_out(units, place)
    for place in lessened:
        units[place + 1].denied = True
    for denied in answers.values():
        for place in denied:
            units[place].denied = True


def _rule_out(units: Units, place: int) -> None:
    """Deny the subject of "anger is absent", "excitement can be ruled out"."""
    place -= 1
    while units.at(place).kind in ("be", "aux", "degree"):
        place -= 1
    while (
        units.at(place).describes
        or units.at(place).nominal
        or units.at(place).kind in ("and", "det")
        or units.at(place).low in ("of", ",")
    ):
        units[place].denied = units[place].denied or units[place].about == "emotion"
        place -= 1


def _answered(units: Units, place: int) -> Iterator[int]:
    """The words that a "no" or "least of all" after them denies: "high, no, for it is low"."""
    if units[place].low not in ("no", "least of all") or units.at(place + 1).kind not in ("mark", "end", "sub"):
        return
    place -= 2 if units.at(place - 1).low in (",", ":") else 1
    while units.at(place).describes or units.at(place).nominal:
        yield place
        place -= 1


def _lessens(units: Units, place: int) -> bool:
    """Whether a "less" denies the word after it, and none denies the "less"."""
    lessens = units[place].low in ("less", "least") and units.at(place + 1).describes
    return lessens and units.at(place - 1).low not in ("no", "nothing", "not")


def _utmost(units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether a negation says that it is so: "could not be happier", "couldn't be more surprised"."""
    before, unit = set(units.lows(place - 6, place)), units[place]
    if units.at(place - 1).low in ("such", "so") and before & lexicon.groups["perfect"]:
        return True  # "nothing had ever given her such delight"
    return (
        bool(before & {"could", "couldn", "cannot", "can", "ca"})
        and bool(before & {"be", "sound", "have"})
        and ("more" in before or (unit.low.endswith("er") and unit.kind in ("fact", "scale")))
    )


def _held_in(units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether it is what one does with a feeling that is there: "could not hold her joy back", "cannot quell it"."""
    unit, ahead = units[place], units[place + 1 : place + 4]
    able = bool(set(units.lows(place - 4, place)) & lexicon.groups["able"]) and units[place - 1].kind == "not"
    acts = unit.kind in ("verb", "unknown", "plain", "word", "be") and unit.low not in lexicon.groups["perceiving"]
    return able and acts and any(other.about == "emotion" and other.nominal for other in ahead)


def _ends(units: Units, place: int, negator: str | None, denied_any: bool, lexicon: Lexicon) -> bool:
    """Whether a negation reaches no farther than before this unit."""
    unit, groups = units[place], lexicon.groups
    after = units[place + 1] if place + 1 < len(units) else None
    if unit.low == "that" and units[place - 1].kind == "not":
        return False  # "it's not that he is happy"
    if unit.low == "that" and units[place - 1].kind in ("say", "verb") and negator is not None:
        return False  # "no one could say that he is loud"
    if unit.low == "as" and weighs(units, place):
        return True  # "isn't so much calm as sad"
    if negator is None or unit.kind in _BOUNDS or unit.low in groups["apart"] or (unit.low, unit.kind) == ("/", "mark"):
        return True
    if unit.low == ",":
        return not _listed(units, place, negator)
    of_noun = negator in groups["of nouns"]
    nothing = negator in groups["subject denials"]  # "nothing in her voice is loud"
    if of_noun and denied_any and not nothing and (unit.kind in ("be", "say", "aux") or unit.low in ("all", "both")):
        return True
    if unit.low in ("and", "plus", "&", "as well as", "+"):
        before = units[place - 1]
        alike = after is not None and before.about == after.about and after.about != "" and after.kind == before.kind
        return not alike or before.about in LEVELS
    if unit.kind == "prep" and unit.low != "of" and negator == "nor" and denied_any:
        return True  # "neither loudly nor quietly in a high voice"
    if unit.kind == "prep" and unit.low in groups["inner"]:
        if unit.low == "of" and units[place - 1].kind == "thing":
            return False  # "without a scrap of surprise"
        given = after is not None and (entry := lexicon.genders.get(after.words[0])) is not None and entry.form == "det"
        given = given and (denied_any or unit.low != "about")
        pointed = unit.low == "in" and after is not None and after.low in ("this", "that")
        if given or (pointed and units[place - 1].kind != "not"):
            return True  # "rather than shouting in his anger": the anger is taken as given
        joined = place > 0 and (units[place - 1].kind == "and" or units[place - 1].low == ",")
        return (of_noun and denied_any) or (joined and negator != "neither")
    return unit.low in groups["subjects"] and negator in groups["away"] and negator != "not"


def _listed(units: Units, comma: int, negator: str) -> bool:
    """Whether a comma is one of a list that ends with "or": "not loud, high or fast"."""
    after = units[comma + 1] if comma + 1 < len(units) else None
    if after is None or after.kind in ("be", "say", "and", "but", "not", "degree", "it") or after.low in ("a", "the"):
        return after is not None and after.low in ("or", "nor")
    if after.kind == "prep" and negator != "neither":
        return False
    for unit in units[comma + 1 : comma + 9]:
        if unit.low in ("or", "nor"):
            return True
        if unit.kind in ("end", "but", "say", "be") or unit.low in ("and", "with"):
            return False
    return False


def _questions(units: Units, lexicon: Lexicon) -> None:
    """What a question asks is not claimed: "Is she excited? No, she is calm."; who speaks and of what still holds."""
    first = 0
    for place, unit in enumerate(units):
        if unit.kind != "end":
            continue
        answer = units.at(place + 1).low
        answers = {answer, f"{answer} {units.at(place + 2).low}"}
        alone = units.at(place + 1).kind == "degree" and units.at(place + 2).kind == "end"
        opens = units[first].low + " " + units.at(first + 1).low
        if unit.low == "?" and place - first <= 9 and answer in lexicon.groups["answers no"]:
            for other in units[first:place]:
                other.denied, other.muted = True, other.kind == "untold"  # "loud? no"
        elif unit.low == "?" and place - first == 3 and units[first + 1].low == "or":
            for other in units[first:place]:
                other.muted = True  # "Loud or quiet? Loud."
        elif alone or answers & lexicon.groups["answers yes"] or opens in lexicon.groups["presuming"]:
            pass  # "Is she afraid? Certainly.", "How can anyone be so calm?"
        elif unit.low == "?" and place - first == 1 and units[first].about in LEVELS:
            near = units[place + 1 : place + 4]  # "Loud? About average."
            units[first].muted = any(other.kind == "scale" or other.about == units[first].about for other in near)
        elif unit.low == "?" and units[first].low in lexicon.groups["asking"]:
            rhetorical = "me" in {other.low for other in units[first : first + 4]}  # "is it me or is he yelling?"
            for other in units[first:place]:
                pronoun = other.low in lexicon.groups["pronouns"]
                other.muted = not (rhetorical or pronoun or other.kind == "noun")
        first = place + 1


def _expectations(units: Units, lexicon: Lexicon) -> None:
    """What is only expected, or of others: "you'd expect him to yell, but", "where many yell, she"."""
    groups = lexicon.groups
    for place, unit in enumerate(units):
        before = {other.low for other in units[max(0, place - 2) : place]}
        *inside, last = unit.low.split(" ")  # "you would expect" is one unit
        before.update(inside)
        expects = last in groups["expecting"] and before & groups["would"]
        if expects and not before & {"as", "what", "than"}:
            end = next((at for at in range(place, len(units)) if units[at].kind in ("end", "but")), len(units))
            if any(other.kind == "but" for other in units[end : end + 2]):
                _mute(units[place:end])
        if unit.low in groups["expecting"] and unit.denied:  # "not what one expects of anger"
            until(units, place + 1, 1, lambda u: u.kind in ("end", "but", "mark"), "muted")
        if unit.low in ("where", "while", "whereas", "when"):
            opens = place == 0 or units[place - 1].kind == "end"
            end = next(
                (at for at in range(place, len(units)) if units[at].low == "," or units[at].kind == "end"), place
            )
            # "where another man would sit low, this one is high"
            supposed = (opens or unit.low == "where") and "would" in units.lows(place, end)
            if supposed or (opens and units.at(place + 1).low in groups["many"]):
                _mute(units[place:end])
        if unit.kind == "but":
            _rejected(units, place, groups["would"])


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


def _pacing(units: Units, lexicon: Lexicon) -> None:
    """Mute the "steady" of "slow and steady", which only says again how the pace is."""
    for place, unit in enumerate(units):
        if unit.low in lexicon.groups["pacing"]:
            ends = (at for at in range(place + 1, len(units)) if units[at].kind in _BOUNDS | {"say", "mark"})
            near = [units.at(place - 2), *units[place + 1 : min(place + 5, next(ends, len(units)))]]
            at_pace = units.at(place + 1).kind == "prep"  # "flowing at a natural pace"; "a steady pace" says a pace
            if any(other.about == "speed" and (at_pace or other.kind == "fact") for other in near):
                unit.muted = unit.read = True


def _advice(units: Units, lexicon: Lexicon) -> None:
    """What a speaker should do is not what he does: "she should slow down"."""
    for place, unit in enumerate(units):
        change = unit.low in lexicon.groups["changes"] or (unit.low == "slow" and units.at(place + 1).low == "down")
        before = place - 1
        while change and before >= 0 and units[before].kind not in _BOUNDS | {"be"} and place - before < 6:
            if units[before].low in lexicon.groups["advice"] or (units[before].low == "do" and _opens(units, before)):
                unit.muted = True  # "should speak up and slow down", "but do slow down"
            before -= 1


def _opens(units: Units, place: int) -> bool:
    """Whether a sentence or what follows a "but" begins there."""
    return units.at(place - 1).kind in ("end", "but", "mark", "and")


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


def _mute(span: Sequence[Unit]) -> None:
    for place, unit in enumerate(span):
        if not unit.person and not (place and span[place - 1].low in ("this", "that")):
            unit.muted = unit.figure = True
