"""What a feature plug-in is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.audio.recording import Recording

# what each slot fills, whichever of its plug-ins is chosen
SLOT_COLUMNS = {
    "transcript": ("transcript",),
    "pitch": (
        "pitch_median_hz",
        "pitch_mean_hz",
        "pitch_sd_st",
        "pitch_range_st",
        "pitch_slope_st_s",
        "voiced_fraction",
    ),
    "energy": ("loudness_lufs", "level_rms_dbfs"),
    "rate": ("rate_syllables_s", "rate_phones_s", "spoken_s", "pause_s", "snr_db"),
    "gender": ("gender_log_odds",),
    "voice": ("jitter", "shimmer", "hnr_db", "tilt_db"),
}


@dataclass
class Measured:
    """What a feature found in one recording.

    Attributes:
        values: by column; a column left out is null.
        notes: why a column is null, or how it was measured where that is out of the ordinary.
    """

    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Feature:
    """A feature plug-in: ``measure(recording, row)`` and what it depends on.

    Attributes:
        version: goes up when the same recording would give other values; names the library that decides.
        writes: columns it fills; they must stand in ``store/schema.py``.
        measure: a pure function of the recording and the columns in ``reads``. A silent recording is
            never given to it unless ``needs_sound`` is False.
        reads: columns of the row, of the corpus or of an earlier feature.
        needs_sound: whether there is nothing to measure in a silent recording.
        options: keys of the recipe's ``features`` beside the slots that it depends on; it finds them in the row.
        needs_recording: whether it listens at all; where no feature does, no recording is opened.
    """

    version: str
    writes: tuple[str, ...]
    measure: Callable[[Recording, Mapping[str, Any]], Measured]
    reads: tuple[str, ...] = ()
    needs_sound: bool = True
    options: tuple[str, ...] = ()
    needs_recording: bool = True
