"""Sentences drawn at random from a grammar, as a model that likes all choices equally would write them."""

from __future__ import annotations

import random

from annotate.captions.gbnf import Automaton


def sentence(automaton: Automaton, chance: random.Random) -> str:
    state, text = 0, ""
    while True:
        ways: list[str | None] = [*automaton.states[state], *([None] if state in automaton.final else [])]
        chosen = chance.choice(ways)
        if chosen is None:
            return text
        text, state = text + chosen, automaton.states[state][chosen]
