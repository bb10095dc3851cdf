"""What a steered writer may say: only true sentences, many of them, and exactly those of the grammar."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter

import pytest

from annotate.captions.claims.judge import check
from annotate.captions.evidence import Reasons, literature, reasons
from annotate.captions.gbnf import Automaton
from annotate.captions.grammar import build, wording
from captions.sample import sentence

EMOTIONS = [*wording()["emotion"], "awe", None]
FACTS = [
    dict(zip(("gender", "pitch", "speed", "volume", "emotion"), values, strict=True))
    for values in itertools.product(
        ["female", "male", None], ["low", "normal", "high", None], ["slow", "normal", "fast", None],
        ["quiet", "normal", "loud", None], EMOTIONS,
    )
]  # fmt: skip


@pytest.mark.parametrize("style", ["description", "explanation"])
@pytest.mark.parametrize("length", ["short", "long"])
def test_whatever_is_chosen_is_true_and_complete(style: str, length: str) -> None:
    chance, table, words = random.Random(f"{style}{length}"), literature(), "Kids are talking by the door"
    for number, facts in enumerate(chance.sample(FACTS, 120)):
        why = reasons(facts, table)
        made = build(facts, style=style, length=length, reasons=why, quote=words, seed=str(number))
        if made is None:
            assert not [value for name, value in facts.items() if value and name != "emotion"]
            continue
        text = sentence(made, chance)
        judged = check(text, {**facts, "transcript": words}, strict=True, evidence=table)
        assert judged.verdict == "ok", (text, facts, judged.faults, judged.missing)
        assert re.fullmatch(r"[A-Z'].*\.", text), text
        assert not re.search(r"  | ,|\.\.|\{|\ba [aeio]", text), text


def test_there_is_much_to_choose_from_and_rows_differ() -> None:
    facts = {"gender": "female", "pitch": "high", "speed": "fast", "volume": "loud", "emotion": "anger"}
    why = reasons(facts, literature())
    whole = build(facts, style="explanation", length="short", reasons=why)
    assert whole is not None
    assert whole.count > 1_000_000
    drawn = [build(facts, style="explanation", length="short", reasons=why, seed=str(seed)) for seed in range(20)]
    assert all(one is not None and 1000 < one.count < whole.count for one in drawn)
    assert len({one.gbnf() for one in drawn if one}) > 15
    again = build(facts, style="explanation", length="short", reasons=why, seed="3")
    assert again is not None
    assert drawn[3] is not None
    assert again.gbnf() == drawn[3].gbnf()


def test_a_cue_that_goes_against_the_emotion_is_never_given_as_a_reason() -> None:
    facts = {"gender": "male", "pitch": "low", "speed": "slow", "volume": "loud", "emotion": "anger"}
    made = build(facts, style="explanation", length="short", reasons=Reasons(("volume",), ("pitch", "speed")))
    assert made is not None
    chance = random.Random(1)
    for _ in range(200):
        judged = check(sentence(made, chance), facts, evidence=literature())
        senses = {(one.claim.cue, one.claim.sense) for one in judged.held if one.claim.about == "reason"}
        assert senses <= {("volume", "for"), ("pitch", "against"), ("speed", "against")}


@pytest.mark.parametrize("quote", ['He said "no"', "back\\slash", "tab\there", "{{ 7*7 }}", "</s>", "سلام"])
def test_words_spoken_are_data_in_the_grammar(quote: str) -> None:
    facts = {"gender": "male", "pitch": "low", "speed": None, "volume": None, "emotion": None}
    made = build(facts, style="description", length="long", reasons=Reasons(), quote=quote)
    assert made is not None
    assert quote in sentence(made, random.Random(0))
    assert all(re.match(r"(root|s\d+) ::= ", line) for line in made.gbnf().splitlines())


def test_an_automaton_holds_exactly_the_texts_of_its_choices() -> None:
    choices = (["a ", "an ", ""], [("x", ["y", ""]), "xy", "xyz"], [".", ("!", [".", "!"])])
    made = Automaton(choices)
    texts = {
        first + second + third
        for first in ("a ", "an ", "") for second in ("xy", "x", "xyz") for third in (".", "!.", "!!")
    }  # fmt: skip
    assert made.count == len(texts)
    assert all(made.holds(text) for text in texts)
    assert not any(made.holds(text) for text in ("a x", "xyz", "an an x.", "axy.", "xz.", "x..", ""))
    drawn = Counter(sentence(made, random.Random(seed)) for seed in range(500))
    assert set(drawn) <= texts


def test_no_two_options_of_a_rule_begin_alike() -> None:
    facts = {"gender": "female", "pitch": "normal", "speed": "normal", "volume": "normal", "emotion": "neutral"}
    made = build(facts, style="explanation", length="short", reasons=reasons(facts, literature()))
    assert made is not None
    for line in made.gbnf().splitlines():
        begins = re.findall(r'(?:::= |\| )"(\\?.)', line)
        assert len(begins) == len(set(begins)), line
