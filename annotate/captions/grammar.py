"""A grammar (GBNF) for one row: skeletons and synonyms are free, facts are fixed.

Whatever a model chooses from it is true of the row; the choice of the most natural sentence is the model's.
GBNF: https://github.com/ggml-org/llama.cpp/tree/master/grammars (the grammar format of llama.cpp).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from annotate.captions.evidence import Reasons

Facts = Mapping[str, str | None]


@cache
def wording() -> dict[str, Any]:
    """The ways to say each descriptor."""
    return dict(yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text("utf-8")))


class Grammar:
    """Rules under their names, written out in the order in which they were made."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}

    def rule(self, name: str, options: Iterable[str]) -> str:
        """A rule with these alternatives (GBNF expressions); returns its name."""
        self.rules[name] = " | ".join(dict.fromkeys(options))
        return name

    def words(self, name: str, options: Iterable[str]) -> str:
        """A rule whose alternatives are texts."""
        return self.rule(name, (literal(option) for option in options))

    def text(self) -> str:
        """The grammar as llama.cpp reads it."""
        return "\n".join(f"{name} ::= {options}" for name, options in self.rules.items()) + "\n"


def literal(text: str) -> str:
    """A text as a terminal of GBNF."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def build(facts: Facts, *, style: str, length: str, reasons: Reasons, quote: str | None = None) -> str | None:
    """The grammar of a row, or None where it has neither a gender nor a word to speak of.

    Args:
        facts: ``gender``, ``pitch``, ``speed``, ``volume``, ``emotion``; None where unknown.
        style: ``description`` or ``explanation``.
        length: ``short`` (how and what in one sentence or two) or ``long`` (each on its own, the words quoted).
        reasons: which cues go with the emotion and which against it.
        quote: the words spoken, made safe to stand in quotes; only long captions quote them.
    """
    known = [name for name in ("pitch", "speed", "volume") if facts.get(name)]
    if not known and not facts.get("gender"):
        return None
    grammar = Grammar()
    said = _Said(grammar, facts, quote if length == "long" else None)
    how = _how(said, known)
    felt = _felt(said, facts, style, reasons)
    if felt is None:
        top = [f'{how} "."']
    elif length == "long":
        top = [f'{how} ". " {felt} "."']
    else:
        top = [f'{how} ". " {felt} "."']
        if said.tail:
            top.append(f'{how} {said.tail} "."') if style == "description" or not reasons else None
    grammar.rule("root", top)
    # llama.cpp starts at "root", wherever it stands
    return grammar.text()


class _Said:
    """The row's own words as rules."""

    def __init__(self, grammar: Grammar, facts: Facts, quote: str | None) -> None:
        self.grammar, self.facts, words = grammar, facts, wording()
        gender = words["gender"][facts.get("gender") or "unknown"]
        self.she, self.her = gender["she"], gender["her"]
        self.who = grammar.words("who", gender["who"])
        self.Who = grammar.words("whobig", (_big(one) for one in gender["who"]))
        self.quote = quote
        verbs = [
            "speaks",
            "talks",
            "is speaking",
            "is talking",
            "speaks here",
            "can be heard speaking",
            "is heard talking",
            "delivers the line",
            "says the words",
        ]
        if quote:
            verbs = [f"says '{quote}'", f"speaks the words '{quote}'", f"utters '{quote}'"]
        self.verb = grammar.words("verb", verbs)
        self.tail: str | None = None

    def of(self, name: str, kind: str) -> str:
        """A rule for the words of one kind for one descriptor."""
        return self.grammar.words(f"{name}{kind}", wording()[name][self.facts[name]][kind])


def _big(text: str) -> str:
    return text[:1].upper() + text[1:]


def _article(said: _Said, name: str, kind: str) -> str:
    """The words with their article: "a low voice", "an average speed", but "low pitch" bare too."""
    options = []
    for words in wording()[name][said.facts[name]][kind]:
        options.append(("an " if words[0] in "aeiou" else "a ") + words)
    return said.grammar.words(f"{name}{kind}a", options)


def _how(said: _Said, known: Sequence[str]) -> str:
    """How it is said: frames of all known words in any order."""
    grammar, frames = said.grammar, []
    manners = [name for name in known if name != "pitch"]
    hows = [" ".join(_joined(order, "how", said)) for order in itertools.permutations(manners)] if manners else []
    adverbs = grammar.rule("how", hows) if hows else None
    voice = _article(said, "pitch", "voice") if "pitch" in known else None
    opening = grammar.words("openwith", ["In ", "With "])
    within = grammar.words("within", [" in ", " with "])
    heard = grammar.words("hear", ["", "Here, ", "In this clip, ", "In this recording, "])
    if voice and adverbs:
        frames = [
            f'{said.Who} " " {said.verb}{_sp(within)}{voice} {_comma(said)} {adverbs}',
            f'{said.Who} " " {said.verb} " " {adverbs}{_sp(within)}{voice}',
            f'{opening} {voice} ", " {said.who} " " {said.verb} " " {adverbs}',
            f'{said.Who} " " {said.verb} " " {adverbs} ", " {_poss(said)} {_voice_is(said)}',
        ]
    elif voice:
        frames = [
            f'{said.Who} " " {said.verb}{_sp(within)}{voice}',
            f'{opening} {voice} ", " {said.who} " " {said.verb}',
        ]
    elif adverbs:
        frames = [f'{said.Who} " " {said.verb} " " {adverbs}', f'"Speaking " {adverbs} ", " {said.who} " can be heard"']
    else:
        frames = [f'{said.Who} " " {said.verb}']
    if len(known) >= 2:
        frames += _listed(said, known)
    del heard
    return grammar.rule("described", frames)


def _sp(rule: str) -> str:
    return f" {rule} "


def _comma(said: _Said) -> str:
    return said.grammar.words("comma", [", ", " and ", ", and "])


def _poss(said: _Said) -> str:
    return said.grammar.words(
        "poss", [f"{said.her} voice ", f"and {said.her} voice ", f"while {said.her} voice ", "with a voice that "]
    )


def _voice_is(said: _Said) -> str:
    return f"{said.grammar.words('voiceis', ['is ', 'sounds ', 'remains ', 'stays '])} {said.of('pitch', 'is')}"


def _joined(order: Sequence[str], kind: str, said: _Said) -> list[str]:
    rules = [said.of(name, kind) for name in order]
    joint = said.grammar.words("joint", [" and ", ", ", ", and "])
    return [part for index, rule in enumerate(rules) for part in ([joint] if index else []) + [rule]]


def _listed(said: _Said, known: Sequence[str]) -> list[str]:
    """Frames that name the three: "her pitch is low, her pace slow", "a woman with low pitch, a slow pace"."""
    grammar = said.grammar
    names = {"pitch": ["pitch"], "speed": ["pace", "tempo", "speed"], "volume": ["volume"]}
    for name in known:
        grammar.words(f"{name}name", names[name])
        said.of(name, "is")
    grammar.words("verbis", [" is ", " remains ", " stays ", " seems "])
    grammar.words("amp", [", ", ", and ", ", while ", "; "])
    orders = list(itertools.permutations(known))
    nouned = grammar.rule(
        "nouned",
        (
            " amp ".join(f"{literal(said.her + ' ')} {name}name verbis {_bare(said, name)}" for name in order)
            for order in orders
        ),
    )
    listed = grammar.rule("listed", (_list([_noun(said, name) for name in order]) for order in orders))
    return [
        f'{said.Who} " " {said.verb}{_sp(grammar.words("semi", ["; ", ", and ", ": "]))}{nouned}',
        f'{said.Who} " " {said.verb} " with " {listed}',
        f'"With " {listed} ", " {said.who} " " {said.verb}',
        f"{grammar.words('speechhas', ['The speech of ', 'The speech heard from '])} {_plain_who(said)} {grammar.words('has', [' has ', ' shows ', ' keeps to '])} {listed}",
    ]


def _plain_who(said: _Said) -> str:
    """Nouns that may follow "of": no clause."""
    who = wording()["gender"][said.facts.get("gender") or "unknown"]["who"]
    return said.grammar.words("whoof", (one for one in who if not one.endswith(" who") and "voice" not in one))


def _bare(said: _Said, name: str) -> str:
    """What a pitch, a pace, a volume may be."""
    values = {
        "pitch": {"low": ["low", "deep"], "normal": ["medium", "moderate", "average", "normal"], "high": ["high"]},
        "volume": {"quiet": ["low"], "normal": ["normal", "moderate", "average"], "loud": ["high"]},
    }
    if name in values:
        return said.grammar.words(f"{name}bare", values[name][str(said.facts[name])])
    return f"{name}is"


def _noun(said: _Said, name: str) -> str:
    if name == "pitch":
        return _article(said, "pitch", "voice")
    return _article(said, name, "noun")


def _list(items: Sequence[str]) -> str:
    if len(items) == 1:
        return items[0]
    return ' ", " '.join(items[:-1]) + ' " and " ' + items[-1]


def _felt(said: _Said, facts: Facts, style: str, reasons: Reasons) -> str | None:
    """What is felt: named, or with the cues that go with it and those that do not."""
    emotion = facts.get("emotion")
    if not emotion:
        return None
    grammar = said.grammar
    words = wording()["emotion"].get(emotion, {"adj": [], "noun": [emotion]})
    adj = grammar.words("adj", words["adj"]) if words["adj"] else None
    noun = grammar.words("noun", words["noun"])
    if style == "explanation" and (reasons.supporting or reasons.opposing):
        return _why(said, noun, adj, reasons)
    She, Her = _big(said.she), _big(said.her)
    frames = [
        f"{grammar.words('it', ['It sounds like ', 'It comes across as ', 'The emotion is ', 'The emotion expressed is ', 'What one hears is ', 'The mood is one of ', 'The feeling conveyed is '])} {noun}",
        f"{grammar.words('voiceof', [f'{Her} voice expresses ', f'{Her} tone conveys ', f'{Her} delivery suggests ', f'{Her} words carry '])} {noun}",
    ]
    if adj:
        frames.append(
            f"{grammar.words('shesounds', [f'{She} sounds ', f'{She} seems ', f'{She} comes across as ', f'{She} is clearly ', f'{Her} tone is ', f'{Her} mood is '])} {adj}"
        )
        said.tail = grammar.rule(
            "tail",
            [
                f"{grammar.words('sounding', [', sounding ', ' and sounds ', ' and seems '])} {adj}",
                f"{grammar.words('in', [' in a mood of ', ', expressing ', ', conveying '])} {noun}",
            ],
        )
    return grammar.rule("felt", frames)


def _why(said: _Said, noun: str, adj: str | None, reasons: Reasons) -> str:
    grammar = said.grammar
    for name in (*reasons.supporting, *reasons.opposing):
        grammar.words(f"{name}cue", _cues(name, str(said.facts[name])))
    her = literal(f"{said.her} ")
    Her = literal(_big(f"{said.her} "))
    pro = _list([f"{name}cue" for name in reasons.supporting]) if reasons.supporting else ""
    con = _list([f"{name}cue" for name in reasons.opposing]) if reasons.opposing else ""
    one, one_con = len(reasons.supporting) == 1, len(reasons.opposing) == 1
    s, does = ("s", "does") if one else ("", "do"), ("does" if one_con else "do")
    suggest = (
        grammar.words(
            "suggest",
            [
                f" suggest{s[0]} ",
                f" point{s[0]} to ",
                f" convey{s[0]} ",
                f" indicate{s[0]} ",
                f" {'is' if one else 'are'} typical of ",
                f" speak{s[0]} for ",
                f" hint{s[0]} at ",
            ],
        )
        if pro
        else ""
    )
    against = (
        grammar.words("against", [f" {does} not suggest it", " would not suggest it", f" {does} not point to it"])
        if con
        else ""
    )
    named = grammar.words(
        "named", ["The emotion is ", "It sounds like ", "What one hears is ", "The feeling conveyed is "]
    )
    if pro and con:
        frames = [
            f'{Her} {pro} {suggest} {noun} ", although " {her} {con} {against}',
            f'"Although " {her} {con} {against} ", " {her} {pro} {suggest} {noun}',
            f'{Her} {pro} {suggest} {noun} ", even though " {her} {con} {against}',
        ]
    elif pro:
        frames = [f"{Her} {pro} {suggest} {noun}", f'{named} {noun} ", which " {her} {pro} {suggest_it(grammar, one)}']
        if adj:
            frames.append(f'{literal(_big(said.she))} " sounds " {adj} ", which fits " {her} {pro}')
    else:
        frames = [
            f'{named} {noun} ", although " {her} {con} {against}',
            f'{named} {noun} ", even though " {her} {con} {against}',
        ]
    return grammar.rule("felt", frames)


def suggest_it(grammar: Grammar, one: bool) -> str:
    """The verb that closes "anger, which her loud voice ..."."""
    s = "s" if one else ""
    return grammar.words("suggestit", [f" suggest{s}", f" point{s} to", f" convey{s}"])


def _cues(name: str, value: str) -> list[str]:
    nouns = {
        ("pitch", "high"): ["high pitch", "high voice"], ("pitch", "low"): ["low pitch", "deep voice"], ("pitch", "normal"): ["medium pitch", "moderate pitch"],
        ("speed", "fast"): ["fast pace", "quick pace", "rapid speech"], ("speed", "slow"): ["slow pace", "unhurried pace"], ("speed", "normal"): ["normal pace", "moderate pace"],
        ("volume", "loud"): ["loud voice", "high volume"], ("volume", "quiet"): ["quiet voice", "low volume"], ("volume", "normal"): ["normal volume", "moderate volume"],
    }  # fmt: skip
    return nouns[name, value]
