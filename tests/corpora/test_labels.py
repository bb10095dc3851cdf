"""Labels however they are written: the set "common", spellings, and a recipe's own mapping."""

import pytest

from annotate.captions import publishable
from annotate.corpora import labels
from annotate.corpora.label_and_split import Select
from annotate.corpora.splits import SplitPlan
from annotate.settings import load

NOWHERE = SplitPlan("id", {}, 1, 1)


def emotion(label, mapped, name="x"):
    return Select(mapped, name, NOWHERE).emotion(label)[0]


@pytest.mark.parametrize(
    ("label", "is_"),
    [
        ("Happy", "happiness"),
        ("HAPPINESS", "happiness"),
        ("hap", "happiness"),
        ("Angry", "anger"),
        ("SAD", "sadness"),
        ("Pleasant_Surprise", "surprise"),
        ("pleasant surprise", "surprise"),
        ("Neutral", "neutral"),
        ("Wut", None),
    ],
)
def test_the_common_set(label, is_):
    assert emotion(label, labels.common()) == is_


def test_a_spelling_that_is_named_comes_before_one_that_is_like_it():
    mapped = {"a": "anger", "A": "fear", "fro\u0308hlich": "happiness", "x*": None}
    assert [emotion(label, mapped) for label in ("a", "A", "fr\u00f6hlich", "Fr\u00f6hlich")] == [
        "anger", "fear", "happiness", "happiness"]  # fmt: skip
    assert Select({"a": "anger", "A": "fear"}, "x", NOWHERE).emotion("Á")[1] is not None
    assert Select({"sad": "sadness", "SAD": "other"}, "x", NOWHERE).emotion("Sad")[0] is None


def test_a_mapping_in_a_recipe_takes_the_rest_from_the_common_set():
    recipe = load("table", ["corpus.root=x", "corpus.labels={Wut: anger, happy: joy, unklar: null}"])
    mapped = labels.inline(recipe.corpus.labels)
    assert [emotion(label, mapped) for label in ("Wut", "Happy", "sad", "unklar")] == ["anger", "joy", "sadness", None]


@pytest.mark.parametrize(("label", "named"), [("Happy", "happiness"), ("WUT", "wut"), ("Freude", "freude")])
def test_a_reason_is_held_against_the_evidence_of_the_row_s_own_label(label, named):
    row = {"emotion": label, "gender": "female", "pitch": "high", "speed": "normal", "volume": "normal"}
    caption = f"A woman speaks in a high voice, at a normal pace and a normal volume. Her high pitch suggests {named}."
    evidence = {label: {"pitch": {"high": "for"}}}
    assert publishable.publishable(caption, row, evidence, strict=False).verdict == "ok"
    against = {label: {"pitch": {"high": "against"}}}
    assert publishable.publishable(caption, row, against, strict=False).verdict == "contradiction"
