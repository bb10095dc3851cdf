"""Measurements that the corpus's table brings along, for corpora that were measured elsewhere or have no recordings.

A column counts that bears the name of ours (``pitch_median_hz``, ``loudness_lufs``; ``describe NAME`` says what it
means): whoever names it so vouches for its unit and definition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from annotate.audio.recording import Recording
from annotate.features.feature import FURTHER_COLUMNS, SLOT_COLUMNS, Feature, Measured


def feature(slot: str) -> Feature:
    """The plug-in ``given`` of a slot, for the columns that the slot writes; those beyond the contract may lack."""
    columns, further = SLOT_COLUMNS[slot], FURTHER_COLUMNS.get(slot, ())
    return Feature(
        version={"rate": "2"}.get(slot, "2" if further else "1"),
        writes=(*columns, *further, *(("rate_source",) if slot == "rate" else ())),
        measure=partial(_given, slot, columns, further),
        reads=("measured_given",),
        needs_sound=False,
        needs_recording=False,
    )


def _given(
    slot: str, columns: tuple[str, ...], further: tuple[str, ...], recording: Recording | None, row: Mapping[str, Any]
) -> Measured:
    held = json.loads(row["measured_given"] or "{}")
    values = {name: held[name] for name in (*columns, *further) if name in held}
    if values.get("rate_syllables_s") is not None:
        values["rate_source"] = "given"
    absent = [name for name in columns if values.get(name) is None]
    if not absent:
        return Measured(values)
    return Measured(values, [f"{slot}: the corpus's table gives {'no ' + ', '.join(absent) if values else 'none'}"])
