"""Gender estimated from the voice by two networks, of ``inaSpeechSegmenter`` (MIT) and ``Resemblyzer`` (Apache 2.0).

Pitch and formants join them. Their errors are independent, so that three in agreement are seldom wrong.

Where the corpus gives a gender it stands; where a speaker has several clips, their log odds are averaged.
docs/measurements.md has the error. Needs weights: ``pip install 'semo-annotate[gender]'`` and
``pip install --no-deps inaSpeechSegmenter==0.6.8 Resemblyzer==0.1.4``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.feature import Feature, Measured
from annotate.features.speaker.gender_model import measured


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Log odds of a man's voice, unless the corpus says the gender."""
    return Measured() if row["gender_given"] else measured(recording, "ensemble")


plugin = Feature(version="4", writes=("gender_log_odds",), reads=("gender_given",), measure=measure)
