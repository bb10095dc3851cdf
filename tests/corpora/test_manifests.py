"""Every shipped data manifest and recipe: complete, consistent, and naming what there is."""

import pytest

from annotate import assets, registry
from annotate.corpora import check as checking
from annotate.corpora import data_manifest as manifests
from annotate.corpora.data_manifest import EmoBoxRule, ListsRule
from annotate.errors import SemoError, UsageError
from annotate.settings import load

CORPORA = assets.names("data_manifests")
# recipes of corpora are named like their manifest
RECIPES = [name for name in assets.names("recipes") if name in CORPORA]
GIVEN = {"emobox": ["corpus.options.emobox=folds"]}


@pytest.mark.parametrize("name", CORPORA)
def test_a_manifest_says_what_a_user_must_know(name):
    manifest = manifests.load(name)
    assert manifest.name == name
    assert len(manifest.obtain) > 20
    assert manifest.licence.publish in ("audio", "features", "nothing")
    assert manifest.labels
    assert set(manifest.options) <= set(registry.load("reader", manifest.reader).options) or name == "quickstart"


@pytest.mark.parametrize("name", CORPORA)
def test_expected_counts_agree_with_themselves(name):
    """The parts of each count sum up to the whole, and label sets to the labels that they map."""
    manifest = manifests.load(name)
    for options in ({}, *(dict([key.split("=")]) for key in manifest.expected.other_options)):
        expected = manifest.expected.under(options)
        for counts in (expected.genders, expected.sessions, expected.splits):
            assert not counts or expected.rows is None or sum(counts.values()) == expected.rows
        assert expected.rows is None or sum(expected.emotions.values()) <= expected.rows
        for label_set, counts in expected.labels.items():
            mapping = manifest.label_set(label_set)
            mapped: dict[str, int] = {}
            for label, rows in expected.emotions.items():
                if mapping[label]:
                    mapped[mapping[label]] = mapped.get(mapping[label], 0) + rows
            assert counts == mapped


@pytest.mark.parametrize("name", CORPORA)
def test_every_expected_label_is_in_every_label_set(name):
    manifest = manifests.load(name)
    for label_set in manifest.labels.values():
        assert isinstance(label_set, str) or set(manifest.expected.emotions) <= set(label_set)


@pytest.mark.parametrize("name", CORPORA)
def test_lists_of_folds_are_disjoint(name):
    for rule in manifests.load(name).splits.values():
        if isinstance(rule, ListsRule):
            members = [one for fold in rule.folds for one in fold]
            assert len(members) == len(set(members))


def test_every_corpus_has_a_recipe():
    assert set(CORPORA) - set(assets.names("recipes")) == set()


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_a_label_set_and_a_split_that_there_are(name, tmp_path):
    recipe = load(name, [f"corpus.root={tmp_path}", *GIVEN.get(name, [])])
    manifest = manifests.load(recipe.corpus.manifest)
    manifest.label_set(recipe.corpus.labels)
    rule = manifest.split_rule(recipe.corpus.split)
    assert isinstance(rule, EmoBoxRule) == (name == "emobox")


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "quickstart"])
def test_a_wrong_root_is_one_line_that_says_what_was_looked_for(name, tmp_path):
    recipe = load(name, [f"corpus.root={tmp_path}", *GIVEN.get(name, [])])
    with pytest.raises(SemoError, match=r"corpus.root=.* (found no|expected) |found no fold_1") as told:
        checking.check(recipe)
    assert "\n" not in str(told.value)
    with pytest.raises(SemoError, match=r"there is no such folder; expected|found no fold_1"):
        checking.check(load(name, [f"corpus.root={tmp_path / 'none'}", *GIVEN.get(name, [])]))


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "quickstart"])
def test_unknown_options_are_refused(name, tmp_path):
    recipe = load(name, [f"corpus.root={tmp_path}", *GIVEN.get(name, []), "corpus.options.no-such-option=1"])
    with pytest.raises(UsageError, match=r"corpus\.options: 'no-such-option' is unknown"):
        checking.check(recipe)


def test_bare_keys_of_yaml_are_told(tmp_path):
    text = "name: x\ntitle: X\nreader: table\nobtain: here\nlicence: {name: none, publish: nothing}\n"
    path = tmp_path / "x.yaml"
    for bad, read_as in (("labels: {all: {no: neutral}}", "False"), ("speakers: {0011: {gender: male}}", "9")):
        path.write_text(text + bad, encoding="utf-8")
        with pytest.raises(UsageError, match=f"YAML reads a key as {read_as}, which is not text; put it in quotes"):
            manifests.load(str(path))
