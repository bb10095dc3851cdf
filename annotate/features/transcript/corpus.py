"""The transcript that the corpus gives; nothing is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.feature import Feature, Measured


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Pass the given transcript on; empty text counts as none."""
    text = (row["transcript_given"] or "").strip()
    return Measured({"transcript": text or None})


plugin = Feature(
    version="1",
    writes=("transcript",),
    reads=("transcript_given",),
    measure=measure,
    needs_sound=False,
    needs_recording=False,
)
