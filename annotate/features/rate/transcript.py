"""Speaking rate from the transcript: its syllables over the time actually spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.activity import activity
from annotate.features.feature import Feature, Measured
from annotate.features.syllables import count


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Syllables per second of time spoken; null without a transcript or without speech."""
    found = recording.once(activity)
    values: dict[str, Any] = {"spoken_s": found.spoken_s, "pause_s": found.pause_s, "snr_db": found.snr_db}
    if not row["transcript"]:
        return Measured(values, ["rate: no transcript"])
    if not found.spoken_s:
        return Measured(values, ["rate: no speech found"])
    syllables = count(row["transcript"], row["language"] or "")
    if syllables is None:
        return Measured(values, [f"rate: no syllables for the language {row['language']}"])
    return Measured({**values, "rate_syllables_s": syllables / found.spoken_s})


plugin = Feature(
    version="1",
    writes=("rate_syllables_s", "spoken_s", "pause_s", "snr_db"),
    reads=("transcript", "language"),
    measure=measure,
)
