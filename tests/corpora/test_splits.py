import pytest

from annotate.corpora import splits
from annotate.corpora.data_manifest import Manifest
from annotate.errors import SemoError

BASE = {"name": "m", "title": "M", "reader": "table", "obtain": "here", "licence": {"name": "x", "publish": "nothing"}}


def manifest(**rules):
    return Manifest.model_validate({**BASE, "splits": rules})


def test_group_folds_balance_the_sexes_and_cover_everyone():
    speakers = {f"f{n}": "female" for n in range(6)} | {f"m{n}": "male" for n in range(6)}
    corpus = manifest(speaker={"rule": "group", "by": "speaker", "folds": 3})
    tested = []
    for fold in (1, 2, 3):
        plan = splits.resolve(corpus, "speaker", fold, speakers, {})
        mine = [name for name, split in plan.groups.items() if split == "test"]
        assert sum(name.startswith("f") for name in mine) == 2
        tested += mine
    assert sorted(tested) == sorted(speakers)


def test_a_session_split_with_a_speaker_in_two_sessions_is_refused():
    corpus = manifest(session={"rule": "group", "by": "session", "folds": "each", "validation": "speaker"})
    with pytest.raises(SemoError, match="speaker x is in two sessions"):
        splits.resolve(corpus, "session", 1, {}, {"1": ["x", "y"], "2": ["x", "z"]})
    with pytest.raises(SemoError, match="needs at least 2 sessions, found 1"):
        splits.resolve(corpus, "session", 1, {}, {"1": ["x", "y"]})


def test_a_random_split_goes_by_the_id_alone():
    plan = splits.resolve(manifest(), "random", 1, {}, {})
    placed = [plan.split(f"utterance {n}") for n in range(1000)]
    assert 550 < placed.count("train") < 650
    assert 150 < placed.count("test") < 250
    assert placed == [plan.split(f"utterance {n}") for n in range(1000)]


def test_an_unknown_split_offers_the_nearest():
    with pytest.raises(SemoError, match="did you mean 'speaker'"):
        splits.resolve(manifest(speaker={"rule": "group"}), "speakers", 1, {}, {})
