"""Families of sentences times words: a small grammar of paraphrases is read without exception."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.judge import check

FILE = Path(__file__).resolve().parents[2] / "data" / "claims" / "families.yaml"
GRAMMAR: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
Case = tuple[str, str, str]  # caption, descriptor, value


def worded(family: str, words: str) -> Iterator[Case]:
    """Every sentence of a family with every word of every level."""
    for about, levels in GRAMMAR[words].items():
        for value, adjectives in levels.items():
            for sentence, adjective in itertools.product(GRAMMAR[family], adjectives):
                for noun in GRAMMAR["nouns"][about] if "{n}" in sentence else [""]:
                    text = sentence.replace("{n}", noun).replace("{a}", adjective)
                    yield text[:1].upper() + text[1:], about, value


def denied() -> Iterator[Case]:
    for about, levels in GRAMMAR["adjectives"].items():
        for value, other in itertools.permutations(levels, 2):
            for sentence, noun in itertools.product(GRAMMAR["negation"], GRAMMAR["nouns"][about]):
                text = sentence.replace("{n}", noun).replace("{a}", levels[value][0]).replace("{o}", levels[other][0])
                yield text, about, value


def middling() -> Iterator[Case]:
    for about, (low, normal, high) in LEVELS.items():
        words = GRAMMAR["adjectives"][about]
        for sentence, noun in itertools.product([*GRAMMAR["neither"], *GRAMMAR["within"]], GRAMMAR["nouns"][about]):
            yield (
                sentence.replace("{n}", noun).replace("{o}", words[low][0]).replace("{p}", words[high][0]),
                about,
                normal,
            )


def moved() -> Iterator[Case]:
    for about, (low, _, high) in LEVELS.items():
        for (sentence, level), noun in itertools.product(
            [*GRAMMAR["moves"], *GRAMMAR["compared"]], GRAMMAR["nouns"][about]
        ):
            yield sentence.replace("{n}", noun), about, high if level == "high" else low


CASES = {
    "attributive": lambda: worded("attributive", "adjectives"),
    "predicative": lambda: worded("predicative", "adjectives"),
    "voiced": lambda: worded("voiced", "voice"),
    "adverbial": lambda: worded("adverbial", "adverbs"),
    "instruction": lambda: worded("instruction", "adverbs"),
    "key_value": lambda: worded("key_value", "adjectives"),
    "concession": lambda: worded("concession", "adjectives"),
    "negation": denied,
    "neither": middling,
    "moves": moved,
}


@pytest.mark.parametrize("family", CASES)
def test_every_sentence_of_a_family_is_read(family: str) -> None:
    wrong = []
    for caption, about, value in CASES[family]():
        if check(caption, {"gender": "female", about: value}).verdict != "ok":
            wrong.append((caption, about, value))
        for other in set(LEVELS[about]) - {value}:
            if check(caption, {"gender": "female", about: other}).verdict != "contradiction":
                wrong.append((caption, about, other))
    assert not wrong, (len(wrong), wrong[:20])


@pytest.mark.parametrize("caption", GRAMMAR["all_normal"])
def test_what_is_normal_of_all_three_claims_all_three(caption: str) -> None:
    row = {"gender": "female", "pitch": "normal", "speed": "normal", "volume": "normal"}
    assert check(caption, row).verdict == "ok"
    for name, (low, _, high) in LEVELS.items():
        assert {check(caption, {**row, name: other}).verdict for other in (low, high)} == {"contradiction"}


def test_what_is_said_of_moments_is_unsupported() -> None:
    for caption, about, value in worded("occasional", "adjectives"):
        for level in LEVELS[about]:
            assert check(caption, {"gender": "female", about: level}).verdict == "unsupported", (caption, value)
