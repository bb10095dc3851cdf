"""Texts with choices, made into a grammar that llama.cpp follows fast (GBNF).

llama.cpp keeps one stack for each way in which the text so far can have been made, and tries every token of the
vocabulary on each. Choices whose beginnings are alike therefore cost dearly. Here the choices are turned into the
smallest automaton in which every text so far has been made in one way only (subset construction, then merging of
equal states; Hopcroft, Motwani, Ullman: Introduction to Automata Theory, chapters 2 and 4), one rule a state.
GBNF: https://github.com/ggml-org/llama.cpp/tree/master/grammars.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

# a text, one after another (tuple), one of several (list)
Choices: TypeAlias = "str | tuple[Choices, ...] | list[Choices]"
END = -1


class Automaton:
    """The texts that choices allow, as an automaton without detours.

    Attributes:
        states: for each state, character -> next state; state 0 is where a text begins.
        final: the states at which a text may end.
    """

    def __init__(self, choices: Choices) -> None:
        self._kept: list[tuple[str, frozenset[int]]] = []
        self._known: dict[tuple[str, frozenset[int]], int] = {}
        self._made: dict[tuple[int, frozenset[int]], frozenset[int]] = {}
        self.states: list[dict[str, int]] = []
        self.final: set[int] = set()
        self._merged: dict[tuple[bool, tuple[tuple[str, int], ...]], int] = {}
        root = self._state(self._starts(choices, frozenset({END})), {})
        self._renumber(root)

    def _starts(self, choices: Choices, then: frozenset[int]) -> frozenset[int]:
        """The characters with which these choices can begin, each knowing what may follow it."""
        key = (id(choices), then)
        if key not in self._made:
            if isinstance(choices, str):
                states = then
                for character in reversed(choices):
                    states = frozenset({self._character(character, states)})
            elif isinstance(choices, tuple):
                states = then
                for part in reversed(choices):
                    states = self._starts(part, states)
            else:
                states = frozenset().union(*(self._starts(option, then) for option in choices))
            self._made[key] = states
        return self._made[key]

    def _character(self, character: str, then: frozenset[int]) -> int:
        key = (character, then)
        if key not in self._known:
            self._known[key] = len(self._kept)
            self._kept.append(key)
        return self._known[key]

    def _state(self, members: frozenset[int], seen: dict[frozenset[int], int]) -> int:
        """The state of having made any of these; equal states are one."""
        if members not in seen:
            ways: dict[str, set[int]] = {}
            for member in members - {END}:
                character, then = self._kept[member]
                ways.setdefault(character, set()).update(then)
            ends = END in members
            out = tuple(sorted((character, self._state(frozenset(to), seen)) for character, to in ways.items()))
            if (ends, out) not in self._merged:
                self._merged[ends, out] = len(self.states)
                self.states.append(dict(out))
                if ends:
                    self.final.add(self._merged[ends, out])
            seen[members] = self._merged[ends, out]
        return seen[members]

    def _renumber(self, root: int) -> None:
        """The state where a text begins becomes 0."""
        last = len(self.states) - 1
        number = [last - state for state in range(len(self.states))]
        assert root == last  # states are numbered after those that follow them
        self.states = [{character: number[to] for character, to in ways.items()} for ways in reversed(self.states)]
        self.final = {number[state] for state in self.final}

    def gbnf(self) -> str:
        """The grammar, one rule for each state at which there is a choice or two ways meet."""
        entered = [0] * len(self.states)
        for ways in self.states:
            for to in ways.values():
                entered[to] += 1
        named = {
            state for state, ways in enumerate(self.states)
            if ways and (state == 0 or len(ways) > 1 or entered[state] > 1 or state in self.final)
        }  # fmt: skip
        return (
            "\n".join(f"{_name(state)} ::= {' | '.join(self._options(state, named))}" for state in sorted(named)) + "\n"
        )

    def _options(self, state: int, named: set[int]) -> list[str]:
        options = []
        for character, to in self.states[state].items():
            text = character
            while to not in named and self.states[to]:
                ((character, to),) = self.states[to].items()
                text += character
            options.append(literal(text) + (f" {_name(to)}" if to in named else ""))
        return [*options, '""'] if state in self.final else options

    @cached_property
    def count(self) -> int:
        """How many texts there are."""
        counts = [0] * len(self.states)
        for state in reversed(range(len(self.states))):
            counts[state] = (state in self.final) + sum(counts[to] for to in self.states[state].values())
        return counts[0]

    def holds(self, text: str) -> bool:
        """Whether a text is one of them."""
        state = 0
        for character in text:
            if character not in self.states[state]:
                return False
            state = self.states[state][character]
        return state in self.final


def _name(state: int) -> str:
    return f"s{state}" if state else "root"


def literal(text: str) -> str:
    """A text as a terminal of GBNF."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'
