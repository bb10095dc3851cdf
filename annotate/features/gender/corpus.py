"""The gender that the corpus gives; never guessed where it gives none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.feature import Feature, Measured


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Nothing is measured; a row whose gender is not given says so."""
    return Measured({}, [] if row["gender_given"] else ["gender: the corpus gives none"])


plugin = Feature(
    version="2", writes=(), reads=("gender_given",), measure=measure, needs_sound=False, needs_recording=False
)
