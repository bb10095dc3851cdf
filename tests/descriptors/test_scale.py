from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.attributes import reply_attributes
from annotate.descriptors import scale as scales
from annotate.descriptors import scale_file, words
from annotate.errors import SemoError


def row(pitch: float | None = None, gender: str | None = "female", speaker: str = "s", **more: Any) -> dict[str, Any]:
    return {
        "speaker": speaker,
        "gender": gender,
        "pitch_median_hz": pitch,
        "rate_syllables_s": None,
        "loudness_lufs": None,
        **more,
    }


def fitted(rows: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    how = scales.Method(**{"smallest_group": 3, **changed})
    return scales.fit(rows, scales.descriptors(reply_attributes()), how, {"corpus": "x", "split": "train"})


def word(value: float | None, scale: dict[str, Any], gender: str | None = "female") -> words.Word:
    return words.word(value, "pitch", row(value, gender), scale)


PITCHES = st.lists(st.floats(50, 500), min_size=3, max_size=60)


@given(PITCHES)
def test_no_word_holds_more_than_its_third_outside_the_edges(pitches: list[float]) -> None:
    scale = fitted([row(pitch) for pitch in pitches])
    found = [word(pitch, scale).word for pitch in pitches]
    assert found.count("low") <= math.ceil(len(pitches) / 3)
    assert found.count("high") <= math.ceil(len(pitches) / 3)


@given(PITCHES, st.floats(20, 1000), st.floats(20, 1000))
def test_a_higher_value_never_has_a_lower_word(pitches: list[float], one: float, other: float) -> None:
    scale = fitted([row(pitch) for pitch in pitches])
    order = ["low", "normal", "high"]
    low, high = sorted([one, other])
    assert order.index(word(low, scale).word or "") <= order.index(word(high, scale).word or "")


@given(PITCHES, st.integers(1, 5))
def test_what_was_not_measured_moves_no_edge(pitches: list[float], missing: int) -> None:
    full = [row(pitch) for pitch in pitches]
    holes = [row(None), row(float("nan"))] * missing
    assert fitted(full)["descriptors"]["pitch"] == fitted([*holes, *full])["descriptors"]["pitch"]


def test_what_was_not_measured_has_no_word_and_a_reason() -> None:
    scale = fitted([row(100.0 + k) for k in range(9)])
    for value in (None, float("nan"), float("inf")):
        found = word(value, scale)
        assert found.word is None
        assert "was not measured" in (found.note or "")


def test_far_outside_is_the_last_word_and_said() -> None:
    scale = fitted([row(100.0 + k, "male") for k in range(9)])
    low, high = word(40.0, scale, "male"), word(600.0, scale, "male")
    assert (low.word, high.word) == ("low", "high")
    assert "below the range that" in (low.note or "")
    assert "above the range that" in (high.note or "")


def test_on_the_edge_is_normal() -> None:
    scale = fitted([row(float(pitch)) for pitch in (100, 110, 120, 130, 140, 150, 160)])
    for edge in scale["descriptors"]["pitch"]["groups"]["female"]["edges"]:
        assert word(edge, scale).word == "normal"


def test_a_constant_feature_is_normal_and_noted() -> None:
    scale = fitted([row(123.4) for _ in range(10)])
    assert word(123.4, scale).word == "normal"
    assert "constant" in scale["descriptors"]["pitch"]["groups"]["female"]["note"]


def test_a_small_group_falls_back_to_the_next_wider_and_says_so() -> None:
    rows = [row(200.0 + k, "female", "a") for k in range(4)] + [row(100.0 + k, "male", "b") for k in range(40)]
    scale = fitted(rows, by="speaker", smallest_group=30)
    found = words.word(203.0, "pitch", row(203.0, "female", "a"), scale)
    assert found.group == "corpus"
    assert "too few clips" in (found.note or "")
    assert scale["descriptors"]["pitch"]["groups"]["speaker a"]["edges"] is None
    assert words.word(139.0, "pitch", row(139.0, "male", "b"), scale).group == "speaker b"
    assert words.word(139.0, "pitch", row(139.0, "male", "new"), scale).group == "male"


def test_without_a_gender_the_pooled_edges_serve() -> None:
    scale = fitted([row(200.0 + k) for k in range(9)] + [row(100.0 + k, "male") for k in range(9)])
    found = word(204.0, scale, None)
    assert (found.word, found.group) == ("high", "corpus")
    assert "no gender" in (found.note or "")


def test_zscore_edges_are_on_the_logarithm_for_pitch() -> None:
    scale = fitted([row(100.0), row(200.0), row(400.0)], method="zscore", threshold=1.0)
    low, high = scale["descriptors"]["pitch"]["groups"]["female"]["edges"]
    assert low * high == pytest.approx(200.0**2)


def test_a_scale_comes_back_from_its_file(tmp_path: Path) -> None:
    scale = fitted([row(100.0 + k) for k in range(9)])
    path = tmp_path / "scale.json"
    path.write_text(json.dumps(scale))
    assert scale_file.load(path) == scale


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 9}', '{"schema": 1, "descriptors": []}'])
def test_what_is_no_scale_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scale.json"
    path.write_text(content)
    with pytest.raises(SemoError, match=r"descriptors\.scale="):
        scale_file.load(path)
