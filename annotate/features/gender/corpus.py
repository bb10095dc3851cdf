"""The gender that the corpus gives; never guessed where it gives none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.feature import Feature, Measured


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Pass the given gender on, and say that it was given."""
    gender = row["gender_given"]
    if gender is None:
        return Measured({}, ["gender: the corpus gives none"])
    return Measured({"gender": gender, "gender_source": "corpus"})


plugin = Feature(
    version="1", writes=("gender", "gender_source"), reads=("gender_given",), measure=measure, needs_sound=False
)
