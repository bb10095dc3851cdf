"""How much words and numbers tell of the emotion, on speakers not fitted on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from annotate.descriptors.sufficiency import against_own, dealt, one_hot, sentence, sufficiency
from annotate.descriptors.tally import Coded

WORDS = {"pitch": ["low", "normal", "high"]}


def coded(telling: float, speakers: int = 8, each: int = 12, seed: int = 0) -> Coded:
    """Clips of two emotions; the word, and the number, tell the emotion in a share ``telling`` of the clips."""
    dice = np.random.default_rng(seed)
    rows = []
    for speaker in range(speakers):
        for number in range(2 * each):
            emotion = ("anger", "calm")[number % 2]
            said = emotion if dice.random() < telling else dice.choice(["anger", "calm"])
            rows.append({
                "id": f"{speaker}-{number}", "speaker": f"s{speaker}", "split": "train", "emotion": emotion,
                "pitch": "high" if said == "anger" else "low", "hz": 100.0 + speaker * 50 + 30 * (said == "anger"),
            })  # fmt: skip
    return Coded.of([pa.Table.from_pylist(rows)], WORDS, ["hz"])


def test_what_tells_everything_and_what_tells_nothing() -> None:
    all_of_it, none = sufficiency(coded(1.0)), sufficiency(coded(0.0))
    assert all_of_it is not None
    assert none is not None
    assert all_of_it["words"]["ua"] == all_of_it["numbers"]["ua"] == 1.0
    assert none["words"]["ua"] == pytest.approx(0.5, abs=0.12)
    assert all_of_it["chance"] == 0.5
    assert all_of_it["folds"] == 4
    assert "in 100 % of clips" in str(sentence({"sufficiency": all_of_it}))


def test_speakers_are_dealt_in_the_order_of_their_names_and_never_on_both_sides() -> None:
    names = ["b", "a", "c", "e", "d"]
    speaker = np.array([0, 1, 2, 3, 4, 0, 1])
    tested = [{names[at] for at in speaker[mask]} for mask in dealt(speaker, names)]
    assert tested == [{"a", "e"}, {"b"}, {"c"}, {"d"}]
    for mask in dealt(speaker, names):
        assert not set(speaker[mask]) & set(speaker[~mask])


def test_one_speaker_or_one_emotion_tells_nothing() -> None:
    assert sufficiency(coded(1.0, speakers=1)) is None
    few = coded(1.0, each=4, speakers=2)  # eight clips of an emotion
    assert sufficiency(few) is None
    assert sentence({"sufficiency": None}) is None


def test_what_is_missing_is_nothing_and_not_a_number() -> None:
    assert one_hot(np.array([0, -1, 2]), 3).tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
    found = against_own(np.array([1.0, np.nan, 3.0, 5.0]), np.array([0, 0, 0, 1]), log=False)
    assert found.tolist() == [-1.0, 0.0, 1.0, 0.0]
    assert np.isfinite(against_own(np.array([0.0, -1.0, 2.0]), np.array([0, 0, 0]), log=True)).all()
