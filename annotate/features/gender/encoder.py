"""Gender estimated from the voice: pitch, formants and a speaker embedding (package ``Resemblyzer``, Apache 2.0).

Where the corpus gives a gender it stands; where a speaker has several clips, their log odds are averaged.
docs/measurements.md has the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.feature import Feature, Measured
from annotate.features.speaker.gender_model import measured


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Log odds of a man's voice, unless the corpus says the gender."""
    return Measured() if row["gender_given"] else measured(recording, "encoder")


plugin = Feature(version="5", writes=("gender_log_odds",), reads=("gender_given",), measure=measure)
