"""The transcript by Whisper (Radford et al. 2023), through ``faster-whisper``, where the corpus gives none.

``features.whisper_model`` is a folder with a CTranslate2 model, or a name that ``faster-whisper`` knows and fetches.
A transcript that the corpus gives stands. Recognised words are marked in the row's notes; docs/measurements.md has
the word error on RAVDESS and FDA. Beam search of 5 without sampling, so that the same clip gives the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import faster_whisper

from annotate.audio.recording import Recording
from annotate.corpora import corpus_text
from annotate.errors import SemoError
from annotate.features.feature import Feature, Measured

BEAM = 5


@cache
def _model(name: str) -> Any:
    """One model a process; one thread, since the engine's workers are what runs in parallel.

    Raises:
        SemoError: neither a folder of a model nor a name that can be fetched.
    """
    try:
        return faster_whisper.WhisperModel(name, device="cpu", compute_type="int8", cpu_threads=1)
    except Exception as error:  # of CTranslate2, of the Hub's client or of the network, without a common class
        where = (
            "is not a CTranslate2 model" if Path(name).exists() else "is not a local folder and could not be downloaded"
        )
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise SemoError(f"features.whisper_model={name}: {where}: {reason}") from None


def recognise(recording: Recording, model: str, language: str | None = None) -> str:
    """The words of a recording; empty where Whisper hears none.

    Args:
        recording: one utterance.
        model: a folder or a name.
        language: its BCP 47 tag; None lets Whisper tell the language, and a model of English alone knows only that.
    """
    loaded = _model(model)
    spoken = language.lower().replace("_", "-").split("-")[0] if language and loaded.model.is_multilingual else None
    segments, _ = loaded.transcribe(
        recording.samples, language=spoken, beam_size=BEAM, temperature=0.0,
        condition_on_previous_text=False, without_timestamps=True,
    )  # fmt: skip
    return " ".join(segment.text.strip() for segment in segments).strip()


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """The given transcript, or what Whisper hears."""
    given = (row["transcript_given"] or "").strip()
    if given:
        return Measured({"transcript": given})
    if recording.silent:
        return Measured()
    recognised, _ = corpus_text.spoken(recognise(recording, row["whisper_model"], row["language"]))
    if not recognised:
        return Measured({}, ["transcript: Whisper hears no words"])
    return Measured({"transcript": recognised}, ["transcript: recognised by Whisper, not given by the corpus"])


plugin = Feature(
    version=f"2 faster-whisper {version('faster-whisper')}",
    writes=("transcript",),
    reads=("transcript_given", "language"),
    measure=measure,
    needs_sound=False,
    options=("whisper_model",),
)
