"""When there is speech: time spoken, pauses, and the level of the speech over that of the pauses.

A frame is speech where its energy is within ``RANGE_DB`` of the loud frames' and well above the floor;
gaps shorter than ``SHORTEST_PAUSE_S`` (stop closures) are part of the speech, bursts shorter than
``SHORTEST_SPEECH_S`` (clicks) are not. Relative to the clip's own levels, so gain changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording

STEP_S = 0.01
WINDOW_S = 0.025
RANGE_DB = 30.0
SHORTEST_PAUSE_S = 0.15
SHORTEST_SPEECH_S = 0.05


@dataclass(frozen=True)
class Activity:
    """Speech and pauses of one recording, in seconds; ``snr_db`` is None where there is no pause to compare with."""

    spoken_s: float
    pause_s: float
    snr_db: float | None


def activity(recording: Recording) -> Activity:
    """Find the speech in a recording by its energy."""
    levels = frame_levels(recording.samples)
    if not len(levels):
        return Activity(0.0, 0.0, None)
    loud, floor = np.percentile(levels, [95, 5])
    speech = levels > max(loud - RANGE_DB, floor + 0.3 * (loud - floor))
    speech = _without_runs(speech, False, round(SHORTEST_PAUSE_S / STEP_S))
    speech = _without_runs(speech, True, round(SHORTEST_SPEECH_S / STEP_S))
    where = np.flatnonzero(speech)
    if not len(where):
        return Activity(0.0, 0.0, None)
    spoken = len(where) * STEP_S
    pause = (where[-1] - where[0] + 1) * STEP_S - spoken
    power = 10 ** (levels / 10)
    quiet = power[~speech]
    snr = float(10 * np.log10(power[speech].mean() / quiet.mean())) if len(quiet) else None
    return Activity(float(spoken), float(pause), snr)


def frame_levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level of each frame of 25 ms, every 10 ms, in dB; shape (frames,)."""
    step, window = round(STEP_S * RATE), round(WINDOW_S * RATE)
    if len(samples) < window:
        return np.empty(0)
    total = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    starts = np.arange(0, len(samples) - window + 1, step)
    # the sum of squares by differences can come out a hair below zero
    power = np.maximum(total[starts + window] - total[starts], 0.0) / window
    return np.asarray(10 * np.log10(power + 1e-12))


def _without_runs(speech: NDArray[np.bool_], value: bool, shortest: int) -> NDArray[np.bool_]:
    """Flip the inner runs of ``value`` that are shorter than ``shortest`` frames."""
    edges = np.flatnonzero(np.diff(speech.astype(np.int8))) + 1
    starts = np.concatenate([[0], edges])
    ends = np.concatenate([edges, [len(speech)]])
    short = (speech[starts] == value) & (ends - starts < shortest)
    if not value:  # silence at either end is no gap within the speech
        short &= (starts > 0) & (ends < len(speech))
    return np.repeat(np.where(short, not value, speech[starts]), ends - starts)
