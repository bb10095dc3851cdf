"""``key=value`` on the command line: a path is a path, a text a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import UsageError
from annotate.settings import load

ODD = ["take #1", "007", "no", "[2024] rec", "{a", "a: b", "null", "- a", "*x", "&x", "%x", "@x", "1e3", "~x"]


def loaded(*overrides: str) -> dict[str, object]:
    return load("table", ["corpus.root=x", *overrides]).model_dump(mode="json")


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("key", ["corpus.root", "output", "name", "corpus.split", "corpus.options.table"])
def test_a_text_stays_the_text(key: str, text: str) -> None:
    found: object = loaded(f"{key}={text}")
    for part in key.split("."):
        assert isinstance(found, dict)
        found = found[part]
    assert found == (None if (key, text) == ("corpus.options.table", "null") else text)


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).filter(lambda text: text != "???"))
def test_any_root_is_the_root(text: str) -> None:
    if text[0] == text[-1] and text[0] in "'\"":
        return  # quotes around the whole are the shell's that people leave on
    assert load("table", [f"corpus.root={text}"]).corpus.root == Path(text)


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("corpus.fold=2", "fold", 2),
        ("corpus.labels={Wut: anger, x: null}", "labels", {"Wut": "anger", "x": None}),
        ("corpus.labels=no", "labels", "no"),
        ("corpus.options={limit: 5}", "options", {"limit": 5}),
        ("corpus.options.limit=5", "options", {"limit": 5}),
        ("corpus.options.revision=1.10", "options", {"revision": "1.10"}),
        ("corpus.options.columns={path: file}", "options", {"columns": {"path": "file"}}),
        ("corpus.root='take #1'", "root", "take #1"),
    ],
)
def test_numbers_lists_and_mappings_where_a_setting_is_one(override: str, key: str, value: object) -> None:
    corpus = loaded(override)["corpus"]
    assert isinstance(corpus, dict)
    assert corpus[key] == value


def test_what_is_null_and_what_is_a_list() -> None:
    assert load("table", ["corpus.root=x", "descriptors.scale=null"]).descriptors.scale is None
    assert load("table", ["corpus.root=x", "replies.contents=[E, E+G]"]).replies.contents == ("E", "E+G")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("corpus.fold=two", "corpus.fold: input should be a valid integer"),
        ("corpus.fold=1 # first", "found '1 # first'"),
        ("corpus.root=", "corpus.root: no value is given"),
        ("=x", "expected key=value"),
        ("corpus.fold={a: [", "corpus.fold: input should be a valid integer"),
    ],
)
def test_a_mistake_is_told_in_our_terms(override: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        loaded(override)
    assert said in str(error.value)
    assert "YAML" not in str(error.value)
