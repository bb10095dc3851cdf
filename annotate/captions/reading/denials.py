"""What is denied: how far a "not", a "no", a "hardly" reaches over units, and what denies the words before it."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Units
from annotate.captions.reading.comparisons import weighs
from annotate.captions.reading.lexicon import Lexicon

BOUNDS = frozenset({"end", "but", "sub", "rel", "colon"})  # kinds beyond which no mark reaches
_OWNED_UNTIL = frozenset(
    {"be", "say", "end", "mark", "not", "and", "hedge", "verb", "aux", "move", "striking", "unknown"}
)
# kinds that lead to what is denied
_LEADING = frozenset({"degree", "det", "prep", "and", "mark", "it", "be", "aux", "word", "say", "verb"})


def deny(units: Units, lexicon: Lexicon) -> None:
    """Mark what is denied."""
    groups, negator, denied_any, too, owner, untouched = lexicon.groups, None, False, False, False, False
    answers = {place: words for place in range(len(units)) if (words := [*_answered(units, place)])}
    lessened = [place for place in range(len(units)) if _lessens(units, place)]
    for place, unit in enumerate(units):
        word = unit.low
        before = units[place - 1] if place else None
        if unit.kind == "not" and {"tell", "me"} <= {other.low for other in units[max(0, place - 5) : place]}:
            continue  # "tell me she's not scared" dares the reader to deny it
        if unit.kind == "not" and _is_exclaimed(units, place):
            continue
        if unit.kind == "not" and place not in answers:
            doubled = negator is not None and word not in groups["joined denials"] and not denied_any
            if word == "less" or doubled or (negator is not None and word in groups["taking away"]):
                negator = None
            else:
                negator, denied_any = word, False
            continue
        # "nothing about his slow, quiet speech suggests fear"
        within = owner and word == "," and negator in groups["subject denials"]
        if unit.kind == "not one" or (_ends(units, place, negator, denied_any, lexicon) and not within):
            negator = None
        too = (too or word == "too") and unit.kind not in BOUNDS | {"mark"}
        if too and word in ("be", "sound", "seem") and before is not None and before.low == "to":
            negator, too = "not", False
        if negator is not None and (
            _turns(units, place, lexicon) or _utmost(units, place, lexicon) or _held_in(units, place, lexicon)
        ):
            negator = None
        first = lexicon.words.get(unit.words[:1])
        if unit.kind == "scale" and len(unit.words) > 1 and first is not None and first.kind == "not":
            negator = None  # "nothing unusual" is normal
        of_noun = word == "of" and units.at(place - 1).kind == "noun"
        in_it = unit.kind == "prep" and units.at(place - 1).low in groups["subject denials"]
        listed = unit.kind == "and" and units.at(place + 1).determines  # "nothing about the loudness or the slowness"
        owner = (owner or of_noun or in_it) and (within or listed or unit.kind not in _OWNED_UNTIL) and word != "it"
        # "neither the pitch nor the volume of this sad man is low", "nothing in her mild voice is sad"
        unit.denied = negator is not None and not (owner and negator in ("neither", "nor", *groups["subject denials"]))
        if unit.denied and _presupposed(units, place):
            unit.denied = False
        if unit.denied and not unit.person and unit.kind not in _LEADING:
            denied_any = True
        untouched = (untouched or (unit.denied and unit.kind == "striking")) and unit.kind not in BOUNDS
        if untouched and unit.kind == "scale" and unit.entry.says == ("normal",):
            unit.denied = False  # "does not change the normal tempo"
    for place, unit in enumerate(units):
        ruled_out = unit.low in groups["ruled out"] and units.at(place + 1).low != "to"  # "has no place to go"
        if ruled_out or _is_out(units, place):
            _rule_out(units, place)
    for place, unit in enumerate(units):  # "loud: false", "male=0"
        flagged = unit.kind in ("fact", "scale") and units.at(place + 1).kind == "colon"
        unit.denied = unit.denied or (flagged and units.at(place + 2).low in groups["no flag"])
    for place in lessened:
        units[place + 1].denied = True
    for denied in answers.values():
        for place in denied:
            units[place].denied = True


def _presupposed(units: Units, place: int) -> bool:
    """Whether it has the level, whatever is denied: "neither his low pitch nor the haste can hide it"."""
    noun, first = units.at(place + 1), place - 1
    while units.at(first).describes:
        first -= 1
    leads = units.at(first - 1)
    given = units.at(first).low in ("his", "her", "its", "the")
    led = leads.low in ("neither", "nor", "nothing") or (leads.kind == "move" and units.at(first).low != "the")
    named = noun.measure or (noun.kind == "noun" and noun.about == "voice")
    unit = units[place]
    named_itself = unit.entry.form in ("noun", "word") and len(unit.words) == 1 and not unit.low.endswith("ing")
    itself = unit.about in LEVELS and named_itself and not noun.nominal and leads.low in ("neither", "nor")
    return given and led and ((unit.describes and named) or itself)


def _rule_out(units: Units, place: int) -> None:
    """Deny the subject of "anger is absent", "joy can be ruled out", the object of "I ruled out anger or joy"."""
    after = place + 1 + units.at(place + 1).determines
    if units.at(after).about == "emotion":
        while units.at(after).about == "emotion" or units.at(after).low in ("and", "or"):
            units[after].denied = True
            after += 1
        return
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


def _is_out(units: Units, place: int) -> bool:
    """Whether a feeling is said to be out: "Calm is out straight away", not "Her anger is out, and loud"."""
    if units[place].low != "out" or units.at(place - 1).kind != "be":
        return False
    after, feeling = units.at(place + 1), units.at(place - 2)
    ends = after.kind == "end" or after.low in ("straight", "right")
    bare = feeling.about == "emotion" and units.at(place - 3).kind in ("end", "mark")
    return bare and ends


def _answered(units: Units, place: int) -> Iterator[int]:
    """The words that a "no", "least of all", "it is not" after them denies: "high, no, for it is low"."""
    if units[place].kind == "not" and _is_fronted(units, place):
        yield place - 4 if units.at(place - 3).kind == "noun" else place - 3
    if units[place].low not in ("no", "least of all") or units.at(place + 1).kind not in ("mark", "end", "sub"):
        return
    place -= 2 if units.at(place - 1).low in (",", ":") else 1
    while units.at(place).describes or units.at(place).nominal:
        yield place
        place -= 1


def _is_fronted(units: Units, place: int) -> bool:
    """Whether a "not" ends what begins with what it denies: "loud it is not", "angry she isn't"."""
    subject, after = units.at(place - 2), units.at(place + 1)
    first = place - 4 if units.at(place - 3).kind == "noun" else place - 3  # "a deep voice it is not"
    opens = units.at(first - 1).kind in ("end", "mark", "and", "but", "sub", "degree", "det")
    level = units.at(first).kind in ("fact", "scale") and (subject.kind == "it" or subject.entry.form == "pron")
    ends = after.kind in ("end", "mark", "and", "but", "sub")
    return opens and level and units.at(place - 1).kind == "be" and ends


def _is_plain_to_all(units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether what is to be noticed is there: "one need not listen twice to hear", "must be deaf not to notice"."""
    before, needing = units.lows(place - 9, place), lexicon.groups["needing"]
    # "does not need to hear anger", not "no need to tell how angry he is"; "takes care not to notice"
    needs_to = units.at(place - 2).low in needing and units.at(place - 3).low != "no"
    return bool(needing & {*before}) and not needs_to and "care" not in before


def _is_exclaimed(units: Units, place: int) -> bool:
    """Whether a "not" only stresses what it stands before: "isn't he loud!", "wouldn't you say she is sad?"."""
    opens = units.at(place - 1).kind in ("be", "aux") and units.at(place - 2).kind == "end"
    subject = units.at(place + 1)
    end = next((at for at in range(place, len(units)) if units[at].kind == "end"), place)
    subject_follows = subject.person or subject.low in ("it", "this", "that", "you")
    return opens and subject_follows and units.at(end).low in ("!", "?")


def _lessens(units: Units, place: int) -> bool:
    """Whether a "less" denies the word after it, and none denies the "less"."""
    lessens = units[place].low in ("less", "least") and units.at(place + 1).describes
    return lessens and units.at(place - 1).low not in ("no", "nothing", "not")


def _turns(units: Units, place: int, lexicon: Lexicon) -> bool:
    """Whether a negation ends at what is not done to a feeling: "without hiding her joy", "cannot alter his calm"."""
    unit, after = units[place], units.at(place + 1)
    if unit.low in lexicon.groups["losing"]:
        at = place + 1
        while units.at(at).determines or (units.at(at).describes and units.at(at).about != "emotion"):
            at += 1
        direct = units.at(at).measure or units.at(at).about in ("voice", "emotion") or units.at(at + 1).low == "of"
        return after.about == "emotion" or ((after.determines or after.describes) and direct)
    feels = any(other.about == "emotion" for other in units[place + 1 : place + 5])
    kept_from = unit.low in lexicon.groups["keeping from"] and "from" in units.lows(place, place + 6)
    return (unit.low in lexicon.turning and (unit.kind != "striking" or feels)) or (feels and kept_from)


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
    if unit.low in groups["noticing"] and units.at(place - 1).low == "to" and _is_plain_to_all(units, place, lexicon):
        return True
    if unit.low == "for" and negator in ("hardly", "scarcely", "barely"):
        return True  # "can hardly see for tears"
    if unit.low == "as" and weighs(units, place):
        return True  # "isn't so much calm as sad"
    if negator is None or unit.kind in BOUNDS or unit.low in groups["apart"] or (unit.low, unit.kind) == ("/", "mark"):
        return True
    if unit.low == ",":
        return not _listed(units, place, negator)
    of_noun = negator in groups["of nouns"]
    nothing = negator in groups["subject denials"]  # "nothing in her voice is loud"
    goes_on = unit.low.endswith("ing") and units[place - 1].low in ("or", "nor")  # "or going quiet"
    acts = unit.kind in ("be", "say", "aux") and not goes_on
    if of_noun and denied_any and not nothing and (acts or unit.low in ("all", "both")):
        return True
    if unit.low in ("and", "plus", "&", "as well as", "+"):
        before = units[place - 1]
        alike = after is not None and before.about == after.about and after.about != "" and after.kind == before.kind
        return not alike or before.about in LEVELS
    if unit.kind == "prep" and unit.low != "of" and negator == "nor" and denied_any:
        return True  # "neither loudly nor quietly in a high voice"
    if unit.kind == "prep" and unit.low in groups["inner"]:
        if unit.low == "of" and (units[place - 1].kind == "thing" or units.at(place + 1).about == "emotion"):
            return False  # "without a scrap of surprise", "lacks the warmth of happiness"
        given = after is not None and (entry := lexicon.genders.get(after.words[0])) is not None and entry.form == "det"
        given = given and (denied_any or unit.low != "about")
        pointed = unit.low == "in" and after is not None and after.low in ("this", "that")
        if (given and not nothing) or (pointed and units[place - 1].kind != "not"):
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
