"""Transcripts by Whisper, where the corpus gives none."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import SHARED, recording, silence, voice

from annotate import registry
from annotate.audio.decode import decode
from annotate.audio.recording import Recording
from annotate.errors import SemoError
from annotate.features import measure
from annotate.features.feature import Measured
from annotate.recipe_sections import FeatureSettings
from benchmarks.accuracy import whisper_model

pytest.importorskip("faster_whisper", reason="the extra whisper is not installed")


def heard(clip: Recording, given: str | None = None, model: str = "none-such") -> Measured:
    row: dict[str, Any] = {"transcript_given": given, "language": "en", "whisper_model": model}
    found: Measured = registry.load("transcript", "whisper").measure(clip, row)
    return found


def test_a_given_transcript_stands_and_needs_no_model() -> None:
    found = heard(recording(voice(0.5, 150)), " as the corpus has it ")
    assert found == Measured({"transcript": "as the corpus has it"})
    assert heard(Recording(silence(0.5), 0.5, silent=True)) == Measured()


def test_a_folder_without_a_model_is_told_in_one_line(tmp_path: Any) -> None:
    with pytest.raises(SemoError, match=r"features.whisper_model=.*: is not a CTranslate2 model: ") as error:
        heard(recording(voice(0.5, 150)), model=str(tmp_path))
    assert "\n" not in str(error.value)


def test_another_model_is_another_transcript_and_nothing_else() -> None:
    def settings(model: str) -> dict[str, Any]:
        chosen = FeatureSettings(transcript="whisper", whisper_model=model).model_dump()
        return {part.name: part.settings for part in measure.stage(SHARED, chosen).parts}

    one, other = settings("base"), settings("small")
    assert {name for name in one if one[name] != other[name]} == {"transcript"}


@pytest.mark.slow
def test_real_words_are_recognised_and_marked() -> None:
    model, clips = whisper_model.found(SHARED / "data"), sorted((SHARED / "data" / "ravdess").rglob("03-01-01-*.flac"))
    if model is None or not clips:
        pytest.skip("no Whisper model, or no RAVDESS clips, at hand")
    found = heard(decode(clips[0]).recording, model=model[0])
    assert "talking by the door" in found.values["transcript"].lower()
    assert found.notes == ["transcript: recognised by Whisper, not given by the corpus"]
