"""Syllables by language, against counts by hand."""

from __future__ import annotations

import re

import pytest

from annotate import espeak_ng
from annotate.features.syllables.count import count_words, syllables, uncounted

# counted by hand: data/README of the corpora, the published sentences of EmoDB and RAVDESS
COUNTED = {
    ("Kids are talking by the door", "en"): 7,
    ("Dogs are sitting by the door", "en"): 7,
    ("Somebody left a letter on the table", "en"): 11,
    ("Der Lappen liegt auf dem Eisschrank.", "de"): 8,
    ("Das will sie am Mittwoch abgeben.", "de"): 9,
    ("Heute abend könnte ich es ihm sagen.", "de"): 11,
    ("In sieben Stunden wird es soweit sein.", "de"): 10,
    ("Die wird auf dem Platz sein, wo wir sie immer hinlegen.", "de"): 14,
}


@pytest.mark.parametrize(("text", "language"), list(COUNTED))
def test_syllables_as_counted_by_hand(text: str, language: str) -> None:
    assert syllables(text, language) == COUNTED[text, language]
    assert syllables(text, f"{language}-XX") == COUNTED[text, language]


def test_numbers_and_abbreviations_are_read_out() -> None:
    assert [word for word, _ in count_words("Dr. Smith, 21", "en") or []] == ["doctor", "smith", "twenty", "one"]
    assert syllables("", "en") == 0


def test_a_language_that_nothing_counts_is_none_not_a_guess() -> None:
    assert count_words("kuka se on", "fi") is None
    assert syllables("nonsense", "xx-unknown") is None
    if espeak_ng.available():
        assert syllables("je ne sais pas", "fr") in (3, 4)


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("今天天气很好。", "zh", 6),
        ("今天天气很好。", "zh-Hant-TW", 6),
        ("今天天气很好。", "cmn", 6),
        ("今天天气很好。", "Mandarin", 6),
        ("今日天氣好", "yue", 5),
        ("안녕하세요", "ko", 5),
        ("Ｇｏｏｄ ｍｏｒｎｉｎｇ", "en", 3),
        ("Good morning", "English", 3),
        ("今天天气很好。", "en", None),
        ("Good 今天", "en-GB", None),
        ("Добрый день", "de", None),
        ("大韓民國", "ko", None),
        ("jintian tianqi hen hao", "zh", None),
        ("今日はいい天気です。", "ja", None),
        ("Segodnya", "ru", None),
        ("วันนี้อากาศดี", "th", None),
    ],
)
def test_syllables_are_counted_only_in_scripts_that_the_rules_read(text: str, language: str, count: int | None) -> None:
    assert syllables(text, language) == count
    assert (uncounted(text, language) is None) == (count is not None)


SIGNS = [
    "{} 😀",
    "😂👩‍🔬 {}",
    "{} ♥",
    "↑{}↓",
    "°{}°",
    "£{}£",
    "{} ~",
    "{} * *",
    "# {}",
    "{} +...",
    "{} ©",
    "{}\x00",
    "{} ^_^",
]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Come in", "en"),
        ("Komm rein", "de"),
        ("venga", "es"),
        ("entrez", "fr"),
        ("entra", "it"),
        ("你好", "zh"),
        ("はい", "ja"),
    ],
)
def test_signs_that_nobody_reads_out_are_no_syllables(text: str, language: str, sign: str) -> None:
    if language not in ("en", "de", "zh"):
        pytest.importorskip("espeakng_loader", reason="the extra espeak is not installed")
    assert syllables(sign.format(text), language) == syllables(text, language)


@pytest.mark.parametrize(
    ("text", "language"), [("5 + 3 = 8", "en"), ("20 °C", "fr"), ("snow + ice", "en"), ("5 €", "fr")]
)
def test_signs_beside_numbers_are_read_out(text: str, language: str) -> None:
    if language == "fr":
        pytest.importorskip("espeakng_loader", reason="the extra espeak is not installed")
    bare = re.sub(r"[+=°€]", " ", text)
    assert (syllables(text, language) or 0) > (syllables(bare, language) or 0)
