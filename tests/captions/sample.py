"""Sentences drawn at random from a grammar, as a model that likes all choices equally would write them."""

from __future__ import annotations

import random
import re

_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|([A-Za-z][A-Za-z0-9-]*)|(\|)')


def rules(grammar: str) -> dict[str, list[list[tuple[str, str]]]]:
    found = {}
    for line in grammar.strip().splitlines():
        name, _, options = line.partition(" ::= ")
        alternatives: list[list[tuple[str, str]]] = [[]]
        for text, rule, bar in _PART.findall(options):
            if bar:
                alternatives.append([])
            else:
                alternatives[-1].append(("rule", rule) if rule else ("text", text))
        found[name] = alternatives
    return found


def sentence(grammar: str, chance: random.Random) -> str:
    table = rules(grammar)

    def expand(name: str) -> str:
        return "".join(
            expand(word) if kind == "rule" else re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), word)
            for kind, word in chance.choice(table[name])
        )

    return expand("root")
