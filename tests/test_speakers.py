"""Gender: given, or estimated from all of a speaker's clips."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from annotate.audio.decode import decode
from annotate.features import speakers
from annotate.features.speaker import encoder
from annotate.features.speaker.gender import log_odds


def row(given: str | None, odds: float | None, speaker: str | None = "a") -> dict[str, object]:
    return {"speaker": speaker, "gender_given": given, "gender_log_odds": odds}


def test_a_given_gender_stands_and_an_unheard_one_is_null() -> None:
    stage = speakers.Genders({})
    assert stage.one(row("female", 5.0))["gender_source"] == "corpus"
    assert stage.one(row("female", 5.0))["gender"] == "female"
    assert "gender" not in stage.one(row(None, None))


def test_an_estimated_gender_has_its_probability_and_a_given_one_none() -> None:
    stage = speakers.Genders({})
    woman, man = stage.one(row(None, -2.0, None)), stage.one(row(None, 2.0, None))
    assert (woman["gender"], man["gender"]) == ("female", "male")
    assert woman["gender_probability"] == pytest.approx(1 / (1 + math.exp(-2)))
    assert man["gender_probability"] == pytest.approx(woman["gender_probability"])
    assert stage.one(row("female", 2.0)).get("gender_probability") is None


def test_all_clips_of_a_speaker_are_heard_together() -> None:
    rows = [row(None, 2.0), row(None, 3.0), row(None, -1.0), row(None, 1.0, None)]
    means = speakers.mean_log_odds(rows)
    assert means == {"a": pytest.approx(4 / 3, abs=1e-3)}
    assert {speakers.Genders(means).one(one)["gender"] for one in rows} == {"male"}
    assert speakers.mean_log_odds([row(None, 50.0), row(None, -3.0), row(None, -3.1)])["a"] < 0.1


@pytest.mark.parametrize("estimator", ["voice", "encoder"])
def test_the_sex_of_real_speakers(ravdess: Path, estimator: str) -> None:
    """A check that it works at all: production coefficients were fitted on these speakers too."""
    if estimator == "encoder" and not encoder.available():
        pytest.skip("the package Resemblyzer, which carries the encoder's weights, is not installed")
    for actor, sign in (("Actor_05", 1), ("Actor_06", -1)):
        clips = sorted((ravdess / actor).iterdir())[::12]
        odds = [log_odds(decode(path).recording, estimator) for path in clips]
        assert math.fsum(value for value in odds if value is not None) * sign > 0
