"""Sureness: the probability that a word stays, and what is done with a word that is not sure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.descriptors import scale, sure
from annotate.descriptors.doubt import Doubt
from annotate.descriptors.words import Words
from annotate.errors import SemoError
from benchmarks import disturbed
from benchmarks.fit import sureness as fitting

EVEN = sure.fit([k / 100 for k in range(101)], [k / 100 for k in range(101)], 0)  # changes from 0 to 1, evenly


def lufs(value: float, edges: tuple[float, float], changes: sure.Changes = EVEN) -> float:
    return sure.sureness(value, edges, changes)


def test_a_word_is_as_sure_as_the_share_of_clips_that_moved_less() -> None:
    assert lufs(-20.75, (-20.0, -10.0)) == pytest.approx(0.75, abs=0.01)  # "quiet": must not rise by 0.75
    assert lufs(-9.4, (-20.0, -10.0)) == pytest.approx(0.60, abs=0.01)  # "loud": must not fall by 0.6
    assert lufs(-19.7, (-20.0, -10.0)) == pytest.approx(0.30, abs=0.01)  # "normal": must not fall by 0.3
    assert lufs(-15.0, (-20.0, -10.0)) == pytest.approx(101 / 102)  # never surer than the clips can tell


def test_a_normal_word_between_near_edges_may_leave_on_either_side() -> None:
    assert lufs(-15.0, (-15.7, -14.2)) == pytest.approx(0.7 + 0.8 - 1, abs=0.01)


@given(st.floats(-60, 0), st.tuples(st.floats(-40, -5), st.floats(-40, -5)).map(sorted))
def test_it_is_a_probability_and_no_word_on_an_edge_is_sure(value: float, edges: list[float]) -> None:
    assert 0 <= lufs(value, (edges[0], edges[1])) <= 1
    assert lufs(edges[0], (edges[0], edges[1])) <= 0.05


@given(st.floats(0, 3), st.floats(0, 3))
def test_farther_out_is_never_less_sure(one: float, other: float) -> None:
    near, far = sorted([one, other])
    assert lufs(-20 - near, (-20.0, -10.0)) <= lufs(-20 - far, (-20.0, -10.0)) or near == 0
    assert lufs(-10 + near, (-20.0, -10.0)) <= lufs(-10 + far, (-20.0, -10.0)) or near == 0


def test_pitch_and_rate_change_by_ratios() -> None:
    third = sure.fit([np.log(1.1)] * 100, [0.0] * 100, 0, ratio=True)
    assert sure.sureness(100.0, (111.0, 200.0), third) > 0.9
    assert sure.sureness(100.0, (109.0, 200.0), third) == 0.0
    assert sure.sureness(1000.0, (1110.0, 2000.0), third) > 0.9
    for measure in ("pitch_median_hz", "rate_syllables_s"):
        assert all(changes["ratio"] for changes in sure.shipped()[measure].values())


FIVE = (-30.0, -20.0, -10.0, 0.0)


@given(st.floats(-60, 20), st.tuples(*[st.floats(-40, 10)] * 4).map(sorted))
def test_of_five_levels_a_word_is_as_sure_as_the_room_to_its_own_edges(value: float, edges: list[float]) -> None:
    """The same as that of three levels whose edges are the two around it."""
    level = scale.place(value, edges)
    stated = sure.sureness(value, edges, EVEN)
    assert 0 <= stated <= 1
    if 0 < level < 4 and edges[level - 1] < value < edges[level]:
        assert stated == pytest.approx(sure.sureness(value, (edges[level - 1], edges[level]), EVEN))


def test_of_five_levels_an_edge_belongs_to_the_word_nearer_to_the_middle() -> None:
    assert [scale.place(edge, FIVE) for edge in FIVE] == [1, 2, 2, 3]
    # on such an edge the smallest move the other way changes the word
    assert sure.sureness(-30.0, FIVE, EVEN) <= 0.05
    assert scale.places(np.array(FIVE), np.array([FIVE] * 4)).tolist() == [1, 2, 2, 3]


def test_clips_that_could_not_be_measured_again_make_every_word_less_sure() -> None:
    lossy = sure.fit([0.0] * 90, [0.0] * 90, 10)
    assert lufs(-15.0, (-20.0, -10.0), lossy) == pytest.approx(0.9)


def test_it_predicts_what_happens_to_values_that_it_was_not_fitted_on() -> None:
    """Drawn from one law, fitted on one half, held against the other: stated and found agree."""
    dice = np.random.default_rng(0)
    values, moves = dice.normal(-20, 3, 4000), dice.normal(0, 0.8, 4000)
    changes = sure.fit(np.maximum(moves[:2000], 0).tolist(), np.maximum(-moves[:2000], 0).tolist(), 0)
    edges = tuple(np.quantile(values[:2000], [1 / 3, 2 / 3]))
    stated = np.array([lufs(value, edges, changes) for value in values[2000:]])
    before, after = (np.searchsorted(edges, x) for x in (values[2000:], values[2000:] + moves[2000:]))
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        mine = (stated >= low) & (stated < low + 0.1)
        assert mine.sum() > 30
        assert (before == after)[mine].mean() == pytest.approx(stated[mine].mean(), abs=0.12)


def test_the_shipped_file_says_what_it_was_fitted_on_and_how() -> None:
    path = Path(sure.__file__).with_suffix(".json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["command"].startswith("python -m benchmarks.fit.sureness DATA")
    assert content["fitted_on"]["split"] == "train"
    assert sure.load(path) == sure.shipped()
    assert set(sure.shipped()) == {"pitch_median_hz", "rate_syllables_s", "loudness_lufs", "level_rms_dbfs"}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"changes": {"a": {"b": {"rise": [1], "fall": [1]}}}}'])
def test_what_is_no_sureness_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "sure.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SemoError, match=r"descriptors\.sureness=.*is not a table of sureness"):
        sure.load(path)


SCALE = {
    "by": "corpus", "method": "tertile", "threshold": None,
    "descriptors": {
        "volume": {
            "measure": "loudness_lufs", "unit": "LUFS", "log": False, "words": ["quiet", "normal", "loud"],
            "groups": {"corpus": {"edges": [-20.0, -10.0], "range": [-40.0, 0.0], "count": 100}},
        },
        "speed": {
            "measure": "rate_syllables_s", "unit": "syllables/s", "log": False, "words": ["slow", "normal", "fast"],
            "groups": {"corpus": {"edges": [3.0, 5.0], "range": [1.0, 8.0], "count": 100}},
        },
    },
}  # fmt: skip
CHANGES = {
    "loudness_lufs": {"lufs": EVEN},
    "rate_syllables_s": {"transcript": sure.fit([0.0] * 9, [0.0] * 9, 0), "signal": EVEN},
}


def worded(doubtful: str, volume: float, rate: float = 4.0, energy: str = "lufs", **more: Any) -> dict[str, Any]:
    estimators = {"loudness_lufs": energy, "rate_syllables_s": "transcript", "pitch_median_hz": "praat"}
    doubt = Doubt(estimators, CHANGES, doubtful, 0.8)
    row = {"speaker": "s", "gender": None, "split": "train", "drop_audio": None, "rate_source": None,
           "loudness_lufs": volume, "rate_syllables_s": rate, **more}  # fmt: skip
    return Words(SCALE, {}, doubt).one(row)


def test_doubtful_words_are_kept_hedged_or_left_blank() -> None:
    for volume, sure_of_it in ((-20.5, False), (-25.0, True)):
        kept, hedged, blank = (worded(doubtful, volume) for doubtful in ("keep", "hedge", "blank"))
        assert kept["volume"] == hedged["volume"] == "quiet"
        assert (
            kept["volume_sure"]
            == hedged["volume_sure"]
            == blank["volume_sure"]
            == pytest.approx(lufs(volume, (-20.0, -10.0)))
        )
        assert kept["hedged"] == blank["hedged"] == []
        assert hedged["hedged"] == ([] if sure_of_it else ["volume"])
        assert blank["volume"] == ("quiet" if sure_of_it else None)
        assert blank["volume_word"] == "quiet"
        told = [
            note for note in blank["notes_words"] if note == "volume: left blank, its sureness of 0.50 is below 0.8"
        ]
        assert len(told) == (0 if sure_of_it else 1)


def test_an_estimator_that_nothing_is_known_of_has_no_sureness_and_is_kept() -> None:
    found = worded("blank", -20.01, energy="mine")
    assert found["volume_sure"] is None
    assert found["volume"] == "quiet"


def test_a_rate_from_the_signal_is_doubted_as_one() -> None:
    found = worded("keep", -15.0, rate=4.9, rate_source="signal")
    assert found["speed_sure"] < 0.1 < 0.8 < worded("keep", -15.0, rate=4.9)["speed_sure"]


def test_what_a_gain_does_to_all_is_taken_off_and_what_a_codec_takes_is_not() -> None:
    levels = {"clean": 0.0, "+6 dB": 6.0, "MP3 64 kbit/s": -0.45}
    measured = pd.DataFrame(
        {"id": clip, "how": how, "measure": "loudness_lufs", "estimator": "lufs", "value": -30.0 - clip + by}
        for clip in range(5)
        for how, by in levels.items()
    )
    found = disturbed.relative(measured)
    assert found["+6 dB"].tolist() == pytest.approx(found["clean"].tolist())
    assert (found["MP3 64 kbit/s"] - found["clean"]).tolist() == pytest.approx([-0.45] * 5)


def test_a_loud_word_that_lame_would_take_is_doubtful() -> None:
    changes = sure.shipped()["loudness_lufs"]["lufs"]
    assert lufs(-9.7, (-20.0, -10.0), changes) < 0.1
    assert lufs(-9.0, (-20.0, -10.0), changes) > 0.95


def test_an_estimate_that_is_wrong_itself_is_sure_only_where_the_truth_has_the_same_word() -> None:
    still = sure.fit([0.0] * 100, [0.0] * 100, 0, ratio=True)
    wrong = fitting.with_errors(still, [-0.2, -0.1, 0.0, 0.1, 0.2])  # the truth lies evenly within 20 % either way
    assert sure.sureness(5.0 * np.exp(-0.1), (5.0, 8.0), wrong) == pytest.approx(0.75, abs=0.02)
    assert sure.sureness(5.0 * np.exp(-0.21), (5.0, 8.0), wrong) > 0.95
