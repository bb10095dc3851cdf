"""Two words that a reader would take for a contradiction, or for one thing said twice, are not in one caption."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import annotate
from annotate import attributes
from annotate.captions.content_selection import select
from annotate.captions.supported_reasons import Evidence

TABLE = attributes.table("all")
FIVE = attributes.table("all", levels=5)


def evidence(senses: dict[str, dict[str, dict[str, tuple[str, float]]]]) -> dict[str, Any]:
    """The content of an ``evidence.json`` with these senses and differences."""
    return {
        "emotions": {
            emotion: {
                column: {word: {"sense": sense, "difference": size} for word, (sense, size) in words.items()}
                for column, words in columns.items()
            }
            for emotion, columns in senses.items()
        }
    }


def words_of(table: attributes.AttributeTable) -> st.SearchStrategy[dict[str, str | None]]:
    columns = {}
    for one in table.values():
        columns[one.name] = st.sampled_from([None, *table.words(one.name)])
        if attributes.SPEAKER in one.against:
            columns[f"{one.name}_own"] = st.sampled_from([None, *table.words(one.name)])
    return st.fixed_dictionaries(columns)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([TABLE, FIVE]), st.sampled_from(["explanation", "description"]))
def test_no_two_words_told_clash(data: st.DataObject, table: attributes.AttributeTable, style: str) -> None:
    row = data.draw(words_of(table)) | {"gender": "female", "emotion": "sadness"}
    senses = {
        column: {word: data.draw(st.sampled_from(["for", "against", "silent"]))}
        for column, word in row.items()
        if word and column not in ("gender", "emotion")
    }
    told = select(row, table, Evidence({"sadness": senses}), style).statements
    for one in told:
        for other in told:
            assert not one.clashes(other), f"{one.word} and {other.word}"


@pytest.mark.parametrize(
    ("stronger", "weaker", "said", "left_out"),
    [("voicing", "breathiness", "whispery", "breathy"), ("breathiness", "voicing", "breathy", "whispery")],
)
def test_the_stronger_reason_of_two_that_clash_is_told(stronger: str, weaker: str, said: str, left_out: str) -> None:
    row = {"voicing": "whispery", "breathiness": "breathy", "gender": "female"}
    senses = {stronger: {row[stronger]: ("for", 0.5)}, weaker: {row[weaker]: ("for", 0.3)}}
    text = annotate.caption(row, emotion="sadness", evidence=evidence({"sadness": senses}))
    assert said in text
    assert left_out not in text


def test_a_clash_is_between_words_whatever_their_degree_and_comparison() -> None:
    row = {"voicing": "very whispery", "breathiness": "very firm", "tension": "normal", "gender": "male"}
    assert len(select(row, FIVE, Evidence(), "description").statements) == 1
    own = {"voicing": "normal", "voicing_own": "whispery", "volume": "loud", "gender": "male"}
    assert len(select(own, TABLE, Evidence(), "description").statements) == 1


def test_what_does_not_clash_is_still_told() -> None:
    row = {"voicing": "whispery", "volume": "quiet", "pitch": "high", "gender": "male"}
    assert {one.word for one in select(row, TABLE, Evidence(), "description").statements} == {
        "whispery",
        "quiet",
        "high",
    }
