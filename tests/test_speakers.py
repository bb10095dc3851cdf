"""Gender from the voice, syllables by language, and the file of weights that is read without running it."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import pytest
import soundfile
from conftest import SHARED

from annotate import espeak
from annotate.audio.decode import decode
from annotate.errors import SemoError
from annotate.features import speakers
from annotate.features.speaker import encoder
from annotate.features.speaker.gender import log_odds
from annotate.features.speaker.weights import read_state
from annotate.features.syllables.count import count_words, syllables

# counted by hand: data/README of the corpora, the published sentences of EmoDB and RAVDESS
COUNTED = {
    ("Kids are talking by the door", "en"): 7,
    ("Dogs are sitting by the door", "en"): 7,
    ("Somebody left a letter on the table", "en"): 11,
    ("Der Lappen liegt auf dem Eisschrank.", "de"): 8,
    ("Das will sie am Mittwoch abgeben.", "de"): 9,
    ("Heute abend könnte ich es ihm sagen.", "de"): 11,
    ("In sieben Stunden wird es soweit sein.", "de"): 10,
    ("Die wird auf dem Platz sein, wo wir sie immer hinlegen.", "de"): 14,
}


@pytest.mark.parametrize(("text", "language"), list(COUNTED))
def test_syllables_as_counted_by_hand(text: str, language: str) -> None:
    assert syllables(text, language) == COUNTED[text, language]
    assert syllables(text, f"{language}-XX") == COUNTED[text, language]


def test_numbers_and_abbreviations_are_read_out() -> None:
    assert [word for word, _ in count_words("Dr. Smith, 21", "en") or []] == ["doctor", "smith", "twenty", "one"]
    assert syllables("", "en") == 0


def test_a_language_that_nothing_counts_is_none_not_a_guess() -> None:
    assert count_words("kuka se on", "fi") is None
    assert syllables("nonsense", "xx-unknown") is None
    if espeak.available():
        assert syllables("je ne sais pas", "fr") in (3, 4)


def row(given: str | None, odds: float | None, speaker: str | None = "a") -> dict[str, object]:
    return {"speaker": speaker, "gender_given": given, "gender_log_odds": odds}


def test_a_given_gender_stands_and_an_unheard_one_is_null() -> None:
    stage = speakers.Genders({})
    assert stage.one(row("female", 5.0))["gender_source"] == "corpus"
    assert stage.one(row("female", 5.0))["gender"] == "female"
    assert "gender" not in stage.one(row(None, None))


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


def test_a_file_of_weights_runs_nothing(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "ran",))  # type: ignore[return-value]

    path = tmp_path / "weights.pt"
    for content in (pickle.dumps(Harm()), pickle.dumps(1), b"", b"not a pickle"):
        path.write_bytes(content)
        with pytest.raises(SemoError, match=r"weights\.pt"):
            read_state(path)
    assert not (tmp_path / "ran").exists()


def test_fda_pitch_against_the_laryngograph() -> None:
    """Gross errors on a few real sentences of a man and a woman; the bench has them all."""
    import numpy as np

    from annotate.features.pitch.praat import track

    folder = SHARED / "data" / "fda"
    if not folder.is_dir():
        pytest.skip("the FDA sentences are not here (../shared/data/fda)")
    for speaker in ("rl", "sb"):
        gross = both = truly = 0
        for number in (1, 2, 3, 4):
            path = folder / f"{speaker}{number:03d}.flac"
            assert soundfile.info(str(path)).samplerate == 20000
            found = track(decode(path).recording)
            truth = np.loadtxt(path.with_suffix(".f0ref"))
            near = np.clip(np.searchsorted(found.times, 0.015 * np.arange(len(truth))), 0, len(found.times) - 1)
            f0 = found.f0[near]
            voiced = (truth > 0) & (f0 > 0)
            truly += int((truth > 0).sum())
            both += int(voiced.sum())
            gross += int((np.abs(f0[voiced] / truth[voiced] - 1) > 0.2).sum())
        assert both > 0.85 * truly
        assert gross <= 0.02 * both
