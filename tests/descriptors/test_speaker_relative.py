"""The word against the speaker's own usual: a state, where the word within the gender is a trait."""

from __future__ import annotations

import random
from typing import Any

from annotate.attributes import reply_attributes
from annotate.descriptors import scale as scales
from annotate.descriptors import speaker_relative
from annotate.descriptors.clip_measurements import ClipMeasurements
from annotate.descriptors.words import Wording


def rows() -> list[dict[str, Any]]:
    """A low and a high voice of 30 clips each, and one of 3 clips."""
    made = []
    for speaker, base, count in (("low", 160.0, 30), ("high", 260.0, 30), ("few", 200.0, 3)):
        for number in range(count):
            made.append({
                "speaker": speaker, "gender": "female", "split": "test" if speaker == "high" else "train",
                "drop_audio": None, "pitch_median_hz": base + number, "rate_syllables_s": 4.0, "loudness_lufs": None,
                "emotion": random.Random(number).choice(["anger", "calm"]),
            })  # fmt: skip
    return made


def worded(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = scales.descriptors(reply_attributes())
    training = (row for row in found if row["split"] == "train")
    scale = scales.fit(training, made, scales.Method(smallest_group=10), {"corpus": "made", "split": "train"})
    wording = Wording(scale, speaker_relative.fit(ClipMeasurements.of(found, [one.measure for one in made]), scale, 10))
    made = [wording([row], ["words", "own"]) for row in found]
    return [{**one["words"][0], **one["own"][0]} for one in made]


def test_a_low_voice_may_be_higher_than_its_speaker_s_usual() -> None:
    found = dict(zip([(r["speaker"], r["pitch_median_hz"]) for r in rows()], worded(rows()), strict=True))
    top_of_low = found["low", 189.0]
    assert top_of_low["pitch_own"] == "high"
    assert found["high", 260.0]["pitch"] == "high"
    assert found["high", 260.0]["pitch_own"] == "low"
    assert found["low", 160.0]["pitch"] == found["low", 160.0]["pitch_own"] == "low"


def test_too_few_clips_and_what_was_not_measured_have_no_usual() -> None:
    found = dict(zip([(r["speaker"], r["pitch_median_hz"]) for r in rows()], worded(rows()), strict=True))
    assert "pitch_own" not in found["few", 200.0]
    assert found["few", 200.0]["pitch"] is not None
    assert "volume_own" not in found["low", 160.0]
    assert found["low", 160.0]["speed_own"] == "normal"  # constant


def test_no_label_is_looked_at() -> None:
    other = rows()
    for row in other:
        row["emotion"] = "joy"
    bare = [{name: value for name, value in row.items() if name != "emotion"} for row in rows()]
    assert worded(other) == worded(rows()) == worded(bare)
