"""Loudness in LUFS (ITU-R BS.1770-4) through pyloudnorm, and the level in dBFS.

The gated measure needs a block of 400 ms. A shorter clip is one ungated block of its own length, and
its note says so. The level is the root mean square over the whole clip, 0 dBFS being a full-scale square
wave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyloudnorm

from annotate.audio.recording import RATE, Recording
from annotate.features.energy.rms import level
from annotate.features.feature import Feature, Measured

BLOCK_S = 0.4


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Integrated loudness in LUFS and level in dBFS."""
    samples = recording.samples.astype(np.float64)
    length = len(samples) / RATE
    notes = []
    block = BLOCK_S
    if length < BLOCK_S:
        block = length
        notes.append(f"energy: {1000 * length:.0f} ms, shorter than the 400 ms of BS.1770: one ungated block")
    loudness = float(pyloudnorm.Meter(RATE, block_size=block).integrated_loudness(samples))
    values: dict[str, Any] = {"level_rms_dbfs": level(recording)}
    if np.isfinite(loudness):
        values["loudness_lufs"] = loudness
    else:
        notes.append("energy: nothing above the gate of -70 LUFS")
    return Measured(values, notes)


plugin = Feature(version="1 pyloudnorm", writes=("loudness_lufs", "level_rms_dbfs"), measure=measure)
