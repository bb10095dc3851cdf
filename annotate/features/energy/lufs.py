"""Loudness in LUFS (ITU-R BS.1770-4) through pyloudnorm, and the level in dBFS.

The standard leaves blocks below -70 LUFS out before it sets its relative gate. That is meant for programmes near
-23 LUFS; recordings of speech lie anywhere (RAVDESS near -45), and a gate at a fixed level makes the same clip, 12 dB
quieter, up to 0.5 LU more than 12 quieter. So this gate lies 47 LU below the clip's loudest block: where that
is at -23 LUFS the figure is the standard's own, and a gain of x dB is x LU everywhere.

The gated measure needs a block of 400 ms. A shorter clip is one ungated block of its own length, K-weighted,
and its note says so. The level is the root mean square over the whole clip.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features.energy.rms import level
from annotate.features.feature import Feature, Measured

BLOCK_S, SILENT_LUFS = 0.4, -70.0
GATE_BELOW_LOUDEST, GATE_BELOW_MEAN = 47.0, 10.0  # LU


@cache
def _meter() -> tuple[Any, float]:
    """The meter of pyloudnorm, and what to add so that 997 Hz at 0 dBFS reads -3.01 LUFS (BS.1770, annex 1).

    pyloudnorm builds the K-weighting by the bilinear transform and normalises its high-pass: 0.07 LU low at
    16 kHz. The rest of its curve follows the standard's within 0.1 LU up to 7 kHz, so a constant mends it.
    """
    import pyloudnorm
    from scipy.signal import freqz

    meter = pyloudnorm.Meter(RATE)
    gain = sum(
        20 * np.log10(abs(freqz(stage.b * stage.passband_gain, stage.a, [997.0], fs=RATE)[1][0]))
        for stage in meter._filters.values()
    )
    return meter, 0.691 - float(gain)


def gated(blocks: NDArray[np.float64]) -> float:
    """Integrated loudness of a clip from that of its blocks of 400 ms, shape (blocks,): BS.1770-4, equations 5 to 7."""
    power = 10 ** (blocks / 10)
    loudest = float(blocks.max())
    if not np.isfinite(loudest):
        return -np.inf
    threshold = 10 * np.log10(power[blocks >= loudest - GATE_BELOW_LOUDEST].mean()) - GATE_BELOW_MEAN
    return float(10 * np.log10(power[blocks > threshold].mean()))


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Integrated loudness in LUFS and level in dBFS."""
    meter, correction = _meter()
    samples = recording.samples.astype(np.float64)
    values: dict[str, Any] = {"level_rms_dbfs": level(recording)}
    notes = []
    if len(samples) >= BLOCK_S * RATE:
        meter.integrated_loudness(samples)
        loudness = gated(np.asarray(meter.blockwise_loudness)) + correction
    else:
        notes.append(f"energy: {1000 * len(samples) / RATE:.0f} ms, shorter than the 400 ms of BS.1770: one block")
        for stage in meter._filters.values():
            samples = stage.apply_filter(samples)
        loudness = float(-0.691 + 10 * np.log10(np.mean(samples * samples) + 1e-30)) + correction
    if loudness > SILENT_LUFS:  # also False for -inf
        values["loudness_lufs"] = loudness
    else:
        notes.append("energy: nothing above -70 LUFS")
    return Measured(values, notes)


plugin = Feature(version="3 pyloudnorm", writes=("loudness_lufs", "level_rms_dbfs"), measure=measure)
