"""Pitch against the laryngograph on Bagshaw's FDA sentences (Bagshaw, Hiller and Jack 1993, Eurospeech).

Reference frame i lies at 0.015 * i seconds and is held against the estimate's nearest frame; outside the estimate's
frames nothing is voiced. Gross: more than 20 % off, of the frames voiced in both. Voicing: voiced in one of the two
alone, of all frames. The estimator is told neither the speaker nor the sex.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.features.contour import COLUMNS
from annotate.features.pitch.praat import STEP_S, Track, track
from benchmarks.accuracy.line import Line
from benchmarks.recordings import clips

REFERENCE_STEP_S = 0.015
GROSS, VOICING = 0.4, 4.5  # per cent, for each speaker
SPEAKERS = ("rl", "sb")


def lines(data: Path, workers: int) -> list[Line]:
    """Gross and voicing error of each speaker."""
    there = clips(data, "fda")
    found = []
    for speaker in sorted({clip.speaker for clip in there}) or SPEAKERS:
        mine = [clip for clip in there if clip.speaker == speaker and clip.path.with_suffix(".f0ref").is_file()]
        pairs = [(track(clip.recording()), np.loadtxt(clip.path.with_suffix(".f0ref"))) for clip in mine]
        gross, voicing = errors(pairs) if pairs else (None, None)
        said = f"{len(mine)} sentences; settings chosen looking at rl and sb" if mine else "no fda in DATA"
        for name, value, reach in (("gross error (>20 %)", gross, GROSS), ("voicing error", voicing, VOICING)):
            what = f"pitch: {name}, FDA {speaker}"
            found.append(Line(what, value, reach, True, "%", said, COLUMNS, "pitch: praat"))
    return found


def errors(pairs: list[tuple[Track, NDArray[np.float64]]]) -> tuple[float, float]:
    """Gross and voicing error in per cent over estimates and their references."""
    gross = both = wrong = frames = 0
    for found, truth in pairs:
        f0 = at_reference(found, len(truth))
        agreed = (truth > 0) & (f0 > 0)
        gross += int((np.abs(f0[agreed] / truth[agreed] - 1) > 0.2).sum())
        both += int(agreed.sum())
        wrong += int(((truth > 0) != (f0 > 0)).sum())
        frames += len(truth)
    return 100 * gross / both, 100 * wrong / frames


def at_reference(found: Track, count: int) -> NDArray[np.float64]:
    """The estimate at the reference's frames, shape (count,), 0 where unvoiced."""
    times = REFERENCE_STEP_S * np.arange(count)
    f0 = found.f0[np.abs(found.times[None] - times[:, None]).argmin(axis=1)]
    outside = (times < found.times[0] - STEP_S / 2) | (times > found.times[-1] + STEP_S / 2)
    return np.where(outside, 0.0, f0)
