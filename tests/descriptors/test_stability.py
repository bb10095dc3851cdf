"""Sureness: the probability that a word stays, and what is done with a word that is not sure."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import attributes
from annotate.audio import disturb
from annotate.descriptors import scale, stability
from annotate.descriptors.uncertainty import UncertaintyPolicy
from annotate.descriptors.words import Wording
from annotate.errors import SemoError
from annotate.recipe_sections import FeatureSettings
from benchmarks import disturbed
from benchmarks.fit import sureness as fitting

EVEN = stability.fit([k / 100 for k in range(101)], [k / 100 for k in range(101)], 0)  # changes from 0 to 1, evenly


def lufs(value: float, edges: tuple[float, float], changes: stability.Changes = EVEN) -> float:
    return stability.word_stability(value, edges, changes)


def test_a_word_is_as_sure_as_the_share_of_clips_that_moved_less() -> None:
    assert lufs(-20.75, (-20.0, -10.0)) == pytest.approx(0.75, abs=0.01)  # "quiet": must not rise by 0.75
    assert lufs(-9.4, (-20.0, -10.0)) == pytest.approx(0.60, abs=0.01)  # "loud": must not fall by 0.6
    assert lufs(-19.7, (-20.0, -10.0)) == pytest.approx(0.30, abs=0.01)  # "normal": must not fall by 0.3
    assert lufs(-15.0, (-20.0, -10.0)) == pytest.approx(101 / 102)  # never surer than the clips can tell


def test_a_normal_word_between_near_edges_may_leave_on_either_side() -> None:
    assert lufs(-15.0, (-15.7, -14.2)) == pytest.approx(0.7 + 0.8 - 1, abs=0.01)


def test_clips_that_both_rise_and_fall_too_far_count_once() -> None:
    for overlap, stays in ((0.0, 0.5), (0.5, 0.6), (1.0, 0.7)):
        changes = {**EVEN, "overlap": overlap}
        assert lufs(-15.0, (-15.7, -14.2), changes) == pytest.approx(stays, abs=0.01)


def test_the_overlap_is_that_of_the_clips() -> None:
    dice = np.random.default_rng(0)
    rises, falls = dice.exponential(1, 2000), dice.exponential(1, 2000)
    assert fitting.overlap(rises, rises) == 1
    assert fitting.overlap(rises, falls) == pytest.approx(0.5, abs=0.1)  # independent ones lie in between
    assert fitting.overlap(rises, -rises) == 0


def test_clips_are_chosen_by_rule_from_every_speaker() -> None:
    rows = [{"id": f"{speaker}{k}", "speaker": speaker} for k in reversed(range(7)) for speaker in "ab"]
    assert [row["id"] for row in disturbed.one_in(rows, 3)] == ["a0", "a3", "a6", "b0", "b3", "b6"]


def test_measuring_goes_on_where_it_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, rows = tmp_path / "kept.jsonl", [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    kept.write_text('{"id": "a", "values": 1}\n{"id": "b", "val', encoding="utf-8")
    monkeypatch.setattr(disturbed, "ProcessPoolExecutor", ThreadPoolExecutor)
    monkeypatch.setattr(disturbed, "_clip", lambda root, row: {"id": row["id"], "values": 2})
    assert [clip["values"] for clip in disturbed.measured(tmp_path, rows, kept, 1)] == [1, 2, 2]
    assert len(kept.read_text("utf-8").splitlines()) == 3


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
    third = stability.fit([np.log(1.1)] * 100, [0.0] * 100, 0, ratio=True)
    assert stability.word_stability(100.0, (111.0, 200.0), third) > 0.9
    assert stability.word_stability(100.0, (109.0, 200.0), third) == 0.0
    assert stability.word_stability(1000.0, (1110.0, 2000.0), third) > 0.9
    for measure in ("pitch_median_hz", "rate_syllables_s"):
        assert all(changes["ratio"] for changes in stability.shipped()[measure].values())


FIVE = (-30.0, -20.0, -10.0, 0.0)


@given(st.floats(-60, 20), st.tuples(*[st.floats(-40, 10)] * 4).map(sorted))
def test_of_five_levels_a_word_is_as_sure_as_the_room_to_its_own_edges(value: float, edges: list[float]) -> None:
    """The same as that of three levels whose edges are the two around it."""
    level = scale.place(value, edges)
    stated = stability.word_stability(value, edges, EVEN)
    assert 0 <= stated <= 1
    if 0 < level < 4 and edges[level - 1] < value < edges[level]:
        assert stated == pytest.approx(stability.word_stability(value, (edges[level - 1], edges[level]), EVEN))


def test_of_five_levels_an_edge_belongs_to_the_word_nearer_to_the_middle() -> None:
    assert [scale.place(edge, FIVE) for edge in FIVE] == [1, 2, 2, 3]
    # on such an edge the smallest move the other way changes the word
    assert stability.word_stability(-30.0, FIVE, EVEN) <= 0.05
    assert scale.places(np.array(FIVE), np.array([FIVE] * 4)).tolist() == [1, 2, 2, 3]


def test_clips_that_could_not_be_measured_again_make_every_word_less_sure() -> None:
    lossy = stability.fit([0.0] * 90, [0.0] * 90, 10)
    assert lufs(-15.0, (-20.0, -10.0), lossy) == pytest.approx(0.9)


def test_it_predicts_what_happens_to_values_that_it_was_not_fitted_on() -> None:
    """Drawn from one law, fitted on one half, held against the other: stated and found agree."""
    dice = np.random.default_rng(0)
    values, moves = dice.normal(-20, 3, 4000), dice.normal(0, 0.8, 4000)
    changes = stability.fit(np.maximum(moves[:2000], 0).tolist(), np.maximum(-moves[:2000], 0).tolist(), 0)
    edges = tuple(np.quantile(values[:2000], [1 / 3, 2 / 3]))
    stated = np.array([lufs(value, edges, changes) for value in values[2000:]])
    before, after = (np.searchsorted(edges, x) for x in (values[2000:], values[2000:] + moves[2000:]))
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        mine = (stated >= low) & (stated < low + 0.1)
        assert mine.sum() > 30
        assert (before == after)[mine].mean() == pytest.approx(stated[mine].mean(), abs=0.12)


def test_the_shipped_file_says_what_it_was_fitted_on_and_how() -> None:
    path = Path(stability.__file__).with_suffix(".json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["command"].startswith("python -m benchmarks.fit.sureness DATA")
    assert content["fitted_on"]["split"] == "train"
    assert stability.load(path) == stability.shipped()
    assert content["disturbances"] == list(disturbed.ALL)


def test_what_every_attribute_is_made_from_has_a_sureness_with_every_estimator_fitted() -> None:
    assert {(measure, name) for measure, by in stability.shipped().items() for name in by} == set(disturbed.MEASURED)
    for attribute in attributes.table(attributes.ALL).values():
        assert set(attribute.measures) <= set(stability.shipped()), attribute.name
    defaults = FeatureSettings().model_dump()
    for measure, by in stability.shipped().items():
        assert any(defaults[disturbed.MEASURED[measure, name][0]] == name for name in by) or measure in REPLACED


REPLACED = {m for one in attributes.table(attributes.ALL).values() for m in one.measures if m != one.measure}
STRANGERS = ("02", "04", "05", "07", "12", "14", "15")  # actors of RAVDESS that are not in the training split
CERTAIN, FEW = 0.98, 0.05


def strangers(data: Path) -> list[dict[str, Any]]:
    """One clip of each actor whom stability.json was not fitted on, another emotion each."""
    from benchmarks.recordings import clips

    found = [[clip for clip in clips(data, "ravdess") if clip.speaker == actor] for actor in STRANGERS]
    chosen = [mine[(7 + 9 * place) % len(mine)] for place, mine in enumerate(found) if mine]
    return [{"sound": clip.recording(), "transcript": clip.text, "language": clip.language} for clip in chosen]


@cache
def clean_values(data: Path) -> list[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    return [(row, disturbed.values(row["sound"], row)) for row in strangers(data)]


@pytest.mark.parametrize("how", disturb.FURTHER)
def test_20_5_no_word_that_silence_faintness_a_cut_off_or_a_room_changes_was_certain(how: str) -> None:
    """For each measure an edge is laid where the disturbance just crosses it: the word before must have been in doubt.

    "1.5 s of silence before and after a sentence changed the speed word, one of them sure 0.998", and its siblings.
    """
    data = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not clean_values(data):
        pytest.skip("RAVDESS is not here (../shared/data/ravdess)")
    stated = {}
    for at, (row, clean) in enumerate(clean_values(data)):
        after = disturbed.values(disturb.disturbed(row["sound"], how), row)
        for (measure, estimator), (slot, name) in disturbed.MEASURED.items():
            before, then = (values[f"{slot}: {name}"].get(measure) for values in (clean, after))
            left_out = how in disturbed.CHANGES_ITSELF.get(measure, ())
            level = measure in disturbed.LEVELS and how in disturbed.GAINS
            if None in (before, then) or left_out or level or abs(then - before) < 1e-6 * abs(before):
                continue
            edge = before + 0.999 * (then - before)
            edges = (edge, 1e9) if then > before else (-1e9, edge)
            stated[at, measure, estimator] = stability.word_stability(
                before, edges, stability.shipped()[measure][estimator]
            )
    certain = {key: one for key, one in stated.items() if one > CERTAIN}
    assert len(stated) >= 60
    assert len(certain) <= FEW * len(stated), certain


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"changes": {"a": {"b": {"rise": [1], "fall": [1]}}}}'])
def test_what_is_no_sureness_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stability.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SemoError, match=r"descriptors\.sureness=.*is not a table of sureness"):
        stability.load(path)


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
    "rate_syllables_s": {"transcript": stability.fit([0.0] * 9, [0.0] * 9, 0), "signal": EVEN},
}


def worded(doubtful: str, volume: float, rate: float = 4.0, energy: str = "lufs", **more: Any) -> dict[str, Any]:
    estimators = {"loudness_lufs": energy, "rate_syllables_s": "transcript", "pitch_median_hz": "praat"}
    doubt = UncertaintyPolicy(estimators, CHANGES, doubtful, 0.8)
    row = {"speaker": "s", "gender": None, "split": "train", "drop_audio": None, "rate_source": None,
           "loudness_lufs": volume, "rate_syllables_s": rate, **more}  # fmt: skip
    return Wording(SCALE, {}, doubt).compute_row(row)


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
    changes = stability.shipped()["loudness_lufs"]["lufs"]
    assert lufs(-9.7, (-20.0, -10.0), changes) < 0.1
    assert lufs(-9.0, (-20.0, -10.0), changes) > 0.95


def test_an_estimate_that_is_wrong_itself_is_sure_only_where_the_truth_has_the_same_word() -> None:
    still = stability.fit([0.0] * 100, [0.0] * 100, 0, ratio=True)
    wrong = fitting.with_errors(still, [-0.2, -0.1, 0.0, 0.1, 0.2])  # the truth lies evenly within 20 % either way
    assert stability.word_stability(5.0 * np.exp(-0.1), (5.0, 8.0), wrong) == pytest.approx(0.75, abs=0.02)
    assert stability.word_stability(5.0 * np.exp(-0.21), (5.0, 8.0), wrong) > 0.95
