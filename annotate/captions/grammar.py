"""What a model may write of one row: skeletons and synonyms are free, facts are fixed.

Whatever a model chooses is true of the row; the choice of the most natural sentence is the model's. The sentences
stand in ``wording.yaml``. Each row is given a share of the skeletons, drawn by its id, so that a model's favourite
does not open every caption of a data set.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from annotate.captions.evidence import Reasons
from annotate.captions.gbnf import Automaton, Choices
from annotate.captions.hedge import hedged

Facts = Mapping[str, Any]
SKELETONS = 3  # of each kind that a row may choose from
_SLOT = re.compile(r"\{(\w+)\}")


@cache
def wording() -> dict[str, Any]:
    """The words and sentences."""
    return dict(yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text("utf-8")))


def build(
    facts: Facts, *, style: str, length: str, reasons: Reasons, quote: str | None = None, seed: str | None = None
) -> Automaton | None:
    """The sentences for a row, or None where it has neither a gender nor a word to speak of.

    Args:
        facts: ``gender``, ``pitch``, ``speed``, ``volume``, ``emotion``, None where unknown; ``hedged`` names those
            that are said with a doubt.
        style: ``description`` or ``explanation``.
        length: ``short`` (how and what in one sentence or two) or ``long`` (the words spoken are quoted too).
        reasons: which cues go with the emotion and which against it.
        quote: the words spoken, made safe to stand in quotes; only long captions quote them.
        seed: draws the row's skeletons; None for all of them.
    """
    known = tuple((name, facts.get(name)) for name in ("gender", "pitch", "speed", "volume", "emotion"))
    if not any(value for name, value in known if name != "emotion"):
        return None
    chance = random.Random(seed) if seed is not None else None
    doubtful = frozenset(facts.get("hedged") or ())
    told = quote if length == "long" else None
    return Automaton(_Sentences(dict(known), doubtful, reasons, told, chance).caption(style))


class _Sentences:
    """The wording filled with one row's facts."""

    def __init__(
        self, facts: Facts, doubtful: frozenset[str], reasons: Reasons, quote: str | None, chance: random.Random | None
    ) -> None:
        self.facts, self.doubtful, self.reasons, self.chance = facts, doubtful, reasons, chance
        self.slots: dict[str, Choices] = {name: list(options) for name, options in _texts(wording()["words"])}
        self.slots |= self._speaker(quote) | self._voice() | self._feeling() | self._reasons()

    def caption(self, style: str) -> Choices:
        """All captions of a style."""
        how = self._filled("how")
        if not self.facts["emotion"]:
            return (how, ".")
        told = "for" if self.reasons.supporting else "felt"
        if self.reasons.opposing:
            told = "both" if self.reasons.supporting else "against"
        if style == "explanation" and told != "felt":
            return (how, ". ", self._filled(told), ".")
        ways: list[Choices] = [(how, ". ", self._filled("felt"), ".")]
        if "adj" in self.slots:
            ways += [(how, self._filled("tail"), "."), (self._sad(), ".")]
        return ways

    def _filled(self, kind: str) -> Choices:
        """The sentences of a kind whose slots this row can fill, a few of them where it has a seed."""
        fit = [text for text in wording()[kind] if all(slot.lower() in self.slots for slot in _SLOT.findall(text))]
        if self.chance is not None and len(fit) > SKELETONS:
            fit = sorted(self.chance.sample(fit, SKELETONS), key=fit.index)
        return [self._fill(text) for text in fit]

    def _fill(self, text: str) -> Choices:
        parts = _SLOT.split(text)
        filled: list[Choices] = []
        for place, part in enumerate(parts):
            if place % 2 == 0:
                filled.append(part)
            else:
                choices = self.slots[part.lower()]
                filled.append(_big(choices) if part[0].isupper() else choices)
        if filled[:1] == [""] and parts[1:2] == ["open"]:
            # what opens the sentence takes the capital, or leaves it to what follows
            return [(opening, *filled[2:]) if opening else _begun(tuple(filled[2:])) for opening in wording()["open"]]
        return tuple(filled)

    def _speaker(self, quote: str | None) -> dict[str, Choices]:
        gender = wording()["gender"][self.facts["gender"] or "unknown"]
        verbs = wording()["verbs"]
        if quote:
            verbs = [f"says '{quote}'", f"speaks the words '{quote}'", f"utters '{quote}'"]
        return {"who": gender["who"], "one": gender["one"], "she": gender["she"], "her": gender["her"], "verb": verbs,
                "open": wording()["open"]}  # fmt: skip

    def _voice(self) -> dict[str, Choices]:
        names = [name for name in ("pitch", "speed", "volume") if self.facts[name]]
        manners = [name for name in names if name != "pitch"]
        hows = [_joined([self._of(name, "how") for name in order], [" and "]) for order in _orders(manners)]
        found: dict[str, Choices] = {}
        if manners and "pitch" in names:
            found |= {"hows": hows, "voice": self._of("pitch", "voice"), "pitch_is": self._of("pitch", "is"),
                      "voice_is": wording()["voice_is"]}  # fmt: skip
        elif manners:
            found["only_hows"] = hows
        elif names:
            found["only_voice"] = self._of("pitch", "voice")
        else:
            found["bare_who"] = wording()["gender"][self.facts["gender"] or "unknown"]["who"]
        if len(names) > 1:
            found["nouns"] = [_listed([self._of(name, "noun") for name in order]) for order in _orders(names)]
            found["levels"] = [_listed([self._level(name) for name in order]) for order in _orders(names)]
        return found

    def _level(self, name: str) -> Choices:
        """In "her pace is slow, her volume is low and her pitch is high": one of the three."""
        return (self.slots.get("her") or self._her(), " ", wording()["names"][name], " is ", self._of(name, "bare"))

    def _her(self) -> str:
        return str(wording()["gender"][self.facts["gender"] or "unknown"]["her"])

    def _of(self, name: str, kind: str) -> list[Choices]:
        phrases = wording()[name][self.facts[name]][kind]
        return [hedged(phrase) if name in self.doubtful else phrase for phrase in phrases]

    def _feeling(self) -> dict[str, Choices]:
        emotion = self.facts["emotion"]
        if not emotion:
            return {}
        # an emotion that only the corpus knows is named by its label
        words = wording()["emotion"].get(emotion, {"noun": [emotion], "in_voice": [emotion]})
        return {"sad" if name == "before" else name: list(options) for name, options in words.items()}

    def _sad(self) -> Choices:
        """In "an angry woman speaks ..." the emotion stands before the speaker."""
        hows = self.slots.get("hows") or self.slots.get("only_hows")
        voice = self.slots.get("voice") or self.slots.get("only_voice")
        end: list[Choices] = [(before, part) for before, part in ((" ", hows), (" in ", voice)) if part]
        return (self._fill(wording()["before"]), *end)

    def _reasons(self) -> dict[str, Choices]:
        found: dict[str, Choices] = {}
        for slot, names in (("pro", self.reasons.supporting), ("con", self.reasons.opposing)):
            if names:
                found[slot] = [_listed([self._of(name, "cue") for name in order]) for order in _orders(names)]
        if len(self.reasons.supporting) > 1:
            found["pros"] = found["pro"]
        number = {
            "suggest": self.reasons.supporting,
            "suggest_it": self.reasons.supporting,
            "do_not": self.reasons.opposing,
        }
        for slot, names in number.items():
            found[slot] = wording()["words"][slot]["one" if len(names) == 1 else "many"]
        return found


def _texts(words: Mapping[str, Any]) -> Iterable[tuple[str, Sequence[str]]]:
    return ((name, options) for name, options in words.items() if isinstance(options, list))


def _orders(names: Sequence[str]) -> list[tuple[str, ...]]:
    return list(itertools.permutations(names))


def _joined(parts: Sequence[Choices], joint: Choices) -> Choices:
    return tuple(itertools.chain.from_iterable((joint, part) if place else (part,) for place, part in enumerate(parts)))


def _listed(parts: Sequence[Choices]) -> Choices:
    """In English: one, two and three."""
    if len(parts) == 1:
        return parts[0]
    return (_joined(parts[:-1], ", "), " and ", parts[-1])


def _big(choices: Choices) -> Choices:
    """The same with a capital."""
    if isinstance(choices, str):
        return choices[:1].upper() + choices[1:]
    if isinstance(choices, list):
        return [_big(option) for option in choices]
    return _begun(choices)


def _begun(parts: tuple[Choices, ...]) -> Choices:
    """A sequence whose first part that is not empty has a capital."""
    for place, part in enumerate(parts):
        if part:
            return (*parts[:place], _big(part), *parts[place + 1 :])
    return parts
