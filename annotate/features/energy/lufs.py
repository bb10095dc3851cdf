"""Loudness in LUFS (ITU-R BS.1770-4) with the filters of pyloudnorm, and the level in dBFS.

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

BLOCK_S, BLOCK_HOP_S, SILENT_LUFS = 0.4, 0.1, -70.0
GATE_BELOW_LOUDEST, GATE_BELOW_MEAN = 47.0, 10.0  # LU


@cache
def _weighting() -> tuple[NDArray[np.float64], float]:
    """The K-weighting of pyloudnorm, and what to add so that 997 Hz at 0 dBFS reads -3.01 LUFS (BS.1770, annex 1).

    pyloudnorm builds the K-weighting by the bilinear transform and normalises its high-pass: 0.07 LU low at
    16 kHz. The rest of its curve follows the standard's within 0.1 LU up to 7 kHz, so a constant mends it.

    Returns:
        Second-order sections, shape (2, 6), and the constant in LU.
    """
    import pyloudnorm
    from scipy.signal import sosfreqz

    stages = pyloudnorm.Meter(RATE)._filters.values()
    sections = np.array([np.concatenate([stage.b * stage.passband_gain, stage.a]) for stage in stages])
    response = sosfreqz(sections, [997.0], fs=RATE)[1][0]
    return sections, 0.691 - 20 * float(np.log10(abs(response)))


def block_loudness(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loudness of the blocks of 400 ms, one each 100 ms: shape (blocks,), -inf for silence.

    Args:
        power: squares of the weighted samples, shape (n,), at least one block.
    """
    hop, size = round(BLOCK_HOP_S * RATE), round(BLOCK_S * RATE)
    # the block that the last samples fill for more than half of its hop counts, as far as it goes
    blocks = round((len(power) - size) / hop + 1)
    of_hops = np.add.reduceat(power, np.arange(0, len(power), hop))
    of_hops = np.pad(of_hops, (0, max(0, blocks - 1 + size // hop - len(of_hops))))
    mean = np.convolve(of_hops, np.ones(size // hop), "valid")[:blocks] / size
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(mean))


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
    from scipy.signal import sosfilt

    sections, correction = _weighting()
    power = sosfilt(sections, recording.samples)  # in 64 bits, as the sections are
    np.square(power, out=power)
    values: dict[str, Any] = {"level_rms_dbfs": level(recording)}
    notes = []
    if len(power) >= BLOCK_S * RATE:
        loudness = gated(block_loudness(power)) + correction
    else:
        notes.append(f"energy: {1000 * len(power) / RATE:.0f} ms, shorter than the 400 ms of BS.1770: one block")
        loudness = float(-0.691 + 10 * np.log10(np.mean(power) + 1e-30)) + correction
    if loudness > SILENT_LUFS:  # also False for -inf
        values["loudness_lufs"] = loudness
    else:
        notes.append("energy: nothing above -70 LUFS")
    return Measured(values, notes)


plugin = Feature(version="5 pyloudnorm", writes=("loudness_lufs", "level_rms_dbfs"), measure=measure)
