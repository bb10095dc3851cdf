"""The table of attributes: shipped files, own files, and mistakes in them told in one line."""

from importlib import metadata
from pathlib import Path

import pytest
import yaml

from annotate import attributes, registry
from annotate.captions.content_selection import writable
from annotate.errors import UsageError

CREAK = {
    "name": "creak",
    "about": "how much of the voice creaks",
    "measure": "creak_fraction",
    "levels": {3: ["modal", "normal", "creaky"]},
}


def written(folder: Path, **changes: object) -> Path:
    path = folder / "creak.yaml"
    path.write_text(yaml.safe_dump({**CREAK, **changes}), "utf-8")
    return path


def test_shipped_attributes_begin_with_those_of_the_replies():
    names = attributes.names()
    assert names[:3] == list(attributes.reply_attributes()) == ["pitch", "speed", "volume"]
    assert len(names) <= 12
    assert set(attributes.table()) == set(names)


@pytest.mark.parametrize("name", attributes.names())
def test_every_shipped_word_can_be_written_and_coarsened(name):
    attribute = attributes.load(name)
    for words in attribute.levels.values():
        assert [attribute.coarse(word) in attribute.words(3) for word in words] == [True] * len(words)
    for words in attribute.levels.values():
        for word in (words[0], words[-1]):
            # of a clean recording nothing is said
            assert writable(attribute, word, "group") or attribute.absolute, f"{name}: {word} cannot be said"
    few = attribute.words(3)
    assert [attribute.coarse(word) for word in few] == list(few)


def test_words_at_more_levels_than_a_file_has(tmp_path):
    creak = attributes.load(str(written(tmp_path)))
    assert creak.words(5) == creak.words(3) == ("modal", "normal", "creaky")
    assert creak.middle(5) == "normal"


def test_an_own_file_joins_the_shipped_ones(tmp_path):
    found = attributes.table(["all", str(written(tmp_path))], levels=5)
    assert list(found) == [*attributes.names(), "creak"]
    assert found.words("pitch") == ("very low", "low", "normal", "high", "very high")


def test_another_package_brings_one(tmp_path, monkeypatch):
    path = written(tmp_path)
    point = metadata.EntryPoint("creak", "creak_package:FILE", "semo_annotate.attribute")
    monkeypatch.setattr(metadata.EntryPoint, "load", lambda self: path)
    monkeypatch.setattr(registry, "joined", lambda kind: {"creak": point} if kind == "attribute" else {})
    assert attributes.load("creak").measure == "creak_fraction"
    assert attributes.names()[-1] == "creak"
    # a recipe with "all" gives the same columns wherever it runs
    assert "creak" not in attributes.table("all")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"levels": {4: ["a", "b", "c", "d"]}}, "4 levels; expected 3 or 5"),
        ({"levels": {3: ["modal", "creaky"]}}, "expected 3 different words"),
        ({"write": {"craeky": ["croaking"]}}, "did you mean 'creaky'?"),
        (
            {"clashes": {"craeky": {"volume": ["loud"]}}},
            "clashes names 'craeky', which is not one of its levels; did you",
        ),
        ({"write": {"creaky": {"adjectiv": ["creaky"]}}}, "did you mean 'adjective'?"),
        ({"read": {"creaky": ["(a|b)" * 20]}}, "stands for 1048576 phrases"),
        ({"mesure": "creak_fraction"}, "the key 'mesure' is unknown; did you mean 'measure'?"),
        ({"name": "Creak voice"}, "small letters"),
        ({"edges": {"absolute": {3: [0.5]}, "source": "x"}}, "3 levels need 2 edges"),
        ({"edges": {"absolute": {3: [0.5, 0.2]}, "source": "x"}}, "rising order"),
        ({"against": ["everybody"]}, "against"),
    ],
)
def test_a_mistake_is_one_line_with_the_file(tmp_path, changes, expected):
    path = written(tmp_path, **changes)
    with pytest.raises(UsageError) as error:
        attributes.load(str(path))
    assert expected in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_names_and_files_offer_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'intonation'"):
        attributes.load("intonaton")
    with pytest.raises(UsageError, match="there is no file"):
        attributes.load(str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="'pitch' is given twice"):
        attributes.table(["pitch", "speed", "pitch"])


@pytest.mark.parametrize(
    ("clashes", "expected"),
    [
        ({"volumes": ["loud"]}, "clashes.creaky: 'volumes' is unknown; did you mean 'volume'?"),
        ({"volume": ["lowd"]}, "clashes.creaky.volume: 'lowd' is unknown; did you mean 'loud'?"),
    ],
)
def test_a_clash_with_nothing_there_is_is_refused(tmp_path, clashes, expected):
    path = written(tmp_path, clashes={"creaky": clashes})
    with pytest.raises(UsageError) as error:
        attributes.table(["all", str(path)])
    assert str(error.value) == f"{path}: {expected}"


def test_absolute_edges_have_no_comparison(tmp_path):
    found = attributes.load(str(written(tmp_path, edges={"absolute": {3: [0.1, 0.3]}, "source": "a standard"})))
    assert found.absolute
    assert found.against == ()
    assert found.edges[3] == (0.1, 0.3)
