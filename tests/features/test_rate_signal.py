"""Speaking rate without a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from conftest import SHARED, hiss, recording, silence, voice

from annotate import registry
from annotate.features.activity import activity
from annotate.features.feature import Measured
from annotate.features.nuclei import nuclei
from benchmarks.recordings import clips


def measured(name: str, samples: np.ndarray, **row: Any) -> Measured:
    given: Mapping[str, Any] = {"transcript": None, "language": None, **row}
    found: Measured = registry.load("rate", name).measure(recording(samples), given)
    return found


def swelling(syllables: float) -> np.ndarray:
    return np.concatenate([silence(0.5), voice(2.0, 150, syllables=syllables), silence(0.5)]) + hiss(3.0, 1e-4)


def test_more_swells_a_second_are_a_higher_rate() -> None:
    rates = [measured("signal", swelling(syllables)).values["rate_syllables_s"] for syllables in (2.0, 4.0, 6.0)]
    assert rates[0] < rates[1] < rates[2]
    assert rates[1] == pytest.approx(4.0, rel=0.3)


def test_gain_changes_nothing() -> None:
    loud, quiet = measured("signal", swelling(4.0)), measured("signal", (0.1 * swelling(4.0)).astype(np.float32))
    assert quiet.values["rate_syllables_s"] == pytest.approx(loud.values["rate_syllables_s"], rel=0.02)


def test_the_rate_from_a_text_falls_back_and_says_why() -> None:
    for row, why in (
        ({}, "no transcript"),
        ({"transcript": "words"}, "its language is unknown"),
        ({"transcript": "...", "language": "en"}, "its transcript has no words"),
        ({"transcript": "words", "language": "xx"}, "no syllables are known for the language 'xx'"),
    ):
        found = measured("transcript", swelling(4.0), **row)
        assert found.notes == [f"rate: from the signal alone, {why}"]
        assert found.values["rate_source"] == "signal"
        assert found.values["rate_syllables_s"] == measured("signal", swelling(4.0)).values["rate_syllables_s"]


def test_without_a_voice_there_is_no_rate_whatever_the_text() -> None:
    found = measured("signal", hiss(1.0, 0.05))
    assert "rate_syllables_s" not in found.values
    assert "no voiced speech" in found.notes[0]
    found = measured("transcript", hiss(2.0, 0.05), transcript="Kids are talking by the door", language="en")
    assert "rate_syllables_s" not in found.values
    assert found.values["spoken_s"] == 0
    assert "rate_source" not in found.values
    assert found.notes == ["rate: no voiced speech found"]


def test_a_row_tells_what_its_rate_came_from_and_why_there_is_none() -> None:
    counted = measured("transcript", swelling(4.0), transcript="Kids are talking by the door", language="en")
    assert counted.values["rate_source"] == "transcript"
    for seconds, text, why in ((2.0, "Kids are talking by the door " * 5, "fast"), (8.0, "No", "slow")):
        refused = measured("transcript", voice(seconds, 150, syllables=4.0), transcript=text, language="en").values
        assert refused["rate_refused"] == why
        assert "rate_source" not in refused
        assert "rate_syllables_s" not in refused


def test_the_detector_of_vowels_counts_the_syllables_of_a_person() -> None:
    """It was learned from synthetic speech alone; these seven sentences have 83 syllables, labelled by hand."""
    found = clips(SHARED / "data", "emur_ae")
    if not found:
        pytest.skip("the hand-labelled sentences are not here (../shared/data/emur_ae)")
    counted = 0.0
    for clip in found:
        sound = clip.recording()
        counted += nuclei(sound.samples, sound.once(activity).speech)
    assert counted == pytest.approx(83, rel=0.15)
