"""Gender: given, or estimated from all of a speaker's clips."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from annotate.audio.decode import decode
from annotate.features import speaker_gender
from annotate.features.pitch.praat import track
from annotate.features.speaker import cnn, embedding
from annotate.features.speaker.gender_model import log_odds
from benchmarks.fit.files import HELD_OUT

# the highest of RAVDESS's men and the lowest of its women by their median pitch, two clips an actor
HIGH_MEN = (
    "03-01-06-02-02-02-07", "03-01-05-02-02-02-13", "03-01-06-02-02-01-07", "03-01-05-02-02-02-09",
    "03-01-05-02-02-01-09", "03-01-05-02-02-02-01", "03-01-05-02-01-01-01", "03-01-05-02-01-01-13",
)  # fmt: skip
LOW_WOMEN = (
    "03-01-02-02-02-02-16", "03-01-07-01-02-01-12", "03-01-07-01-02-01-10", "03-01-07-01-01-01-12",
    "03-01-02-01-01-01-16", "03-01-02-02-01-01-14", "03-01-02-02-02-01-14", "03-01-05-01-01-01-10",
)  # fmt: skip


def row(given: str | None, odds: float | None, speaker: str | None = "a") -> dict[str, object]:
    return {"speaker": speaker, "gender_given": given, "gender_log_odds": odds}


def test_a_given_gender_stands_and_an_unheard_one_is_null() -> None:
    stage = speaker_gender.Genders({})
    assert stage.compute_row(row("female", 5.0))["gender_source"] == "corpus"
    assert stage.compute_row(row("female", 5.0))["gender"] == "female"
    assert "gender" not in stage.compute_row(row(None, None))


def test_an_estimated_gender_has_its_probability_and_a_given_one_none() -> None:
    stage = speaker_gender.Genders({})
    woman, man = stage.compute_row(row(None, -2.0, None)), stage.compute_row(row(None, 2.0, None))
    assert (woman["gender"], man["gender"]) == ("female", "male")
    assert woman["gender_probability"] == pytest.approx(1 / (1 + math.exp(-2)))
    assert man["gender_probability"] == pytest.approx(woman["gender_probability"])
    assert stage.compute_row(row("female", 2.0)).get("gender_probability") is None


def test_all_clips_of_a_speaker_are_heard_together() -> None:
    rows = [row(None, 2.0), row(None, 3.0), row(None, -1.0), row(None, 1.0, None)]
    means = speaker_gender.mean_log_odds(rows)
    assert means == {"a": pytest.approx(4 / 3, abs=1e-3)}
    assert {speaker_gender.Genders(means).compute_row(one)["gender"] for one in rows} == {"male"}
    assert speaker_gender.mean_log_odds([row(None, 50.0), row(None, -3.0), row(None, -3.1)])["a"] < 0.1


def test_a_few_wild_clips_of_a_speaker_have_no_say() -> None:
    calm = [row(None, -1.0)] * 8
    assert speaker_gender.mean_log_odds([*calm, row(None, 6.0), row(None, 50.0)]) == {"a": -1.0}


@pytest.mark.parametrize("speaker", [None, "a"])
def test_an_estimate_that_is_hardly_better_than_chance_is_no_answer(speaker: str | None) -> None:
    found = speaker_gender.Genders({"a": 0.4}).compute_row(row(None, 0.4, speaker))
    assert "gender" not in found
    assert "gender_probability" not in found
    assert "unknown" in found["notes_speakers"][0]


def skip_without_weights(estimator: str) -> None:
    if estimator != "voice" and not embedding.available():
        pytest.skip("the package Resemblyzer, which carries the encoder's weights, is not installed")
    if estimator == "ensemble" and not cnn.available():
        pytest.skip("inaSpeechSegmenter, which carries the network's weights, or h5py is not installed")


@pytest.mark.parametrize("estimator", ["voice", "encoder", "ensemble"])
def test_the_sex_of_real_speakers(ravdess: Path, estimator: str) -> None:
    """A check that it works at all: production coefficients were fitted on these speakers too."""
    skip_without_weights(estimator)
    for actor, sign in (("Actor_05", 1), ("Actor_06", -1)):
        clips = sorted((ravdess / actor).iterdir())[::12]
        odds = [log_odds(decode(path).recording, estimator) for path in clips]
        assert math.fsum(value for value in odds if value is not None) * sign > 0


@pytest.mark.parametrize("estimator", ["voice", "encoder", "ensemble"])
def test_high_voices_of_men_and_low_voices_of_women(ravdess: Path, estimator: str) -> None:
    """The men's clips are above 220 Hz and the women's below 190: pitch alone would call each the other sex.

    The coefficients are those fitted without RAVDESS.
    """
    skip_without_weights(estimator)
    fitted = HELD_OUT / "gender-ravdess.json"
    right = answered = 0
    for sign, names in ((1, HIGH_MEN), (-1, LOW_WOMEN)):
        for name in names:
            path = next((ravdess / f"Actor_{name[-2:]}").glob(f"{name}.*"))
            sound = decode(path).recording
            f0 = np.median(sound.once(track).f0[sound.once(track).voiced])
            assert f0 > 220 if sign > 0 else f0 < 190
            odds = log_odds(sound, estimator, fitted)
            assert odds is not None
            if abs(odds) > math.log(speaker_gender.UNKNOWN_BELOW / (1 - speaker_gender.UNKNOWN_BELOW)):
                answered += 1
                right += odds * sign > 0
    assert right >= {"voice": 0.6, "encoder": 0.9, "ensemble": 0.9}[estimator] * answered
    assert answered >= 6
