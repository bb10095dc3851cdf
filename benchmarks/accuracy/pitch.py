"""Pitch against the laryngograph on Bagshaw's FDA sentences (Bagshaw, Hiller and Jack 1993, Eurospeech).

Reference frame i lies at 0.015 * i seconds and is held against the estimate's nearest frame; outside the estimate's
frames nothing is voiced. Gross: more than 20 % off, of the frames voiced in both. Voicing: voiced in one of the two
alone, of all frames. The estimator is told neither the speaker nor the sex.

At hand: the settings that are shipped, chosen looking at both speakers. Nested: of the thresholds in ``GRID``
those with the smallest sum of both errors on the other speaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from annotate.features.contour import COLUMNS, Contour
from annotate.features.pitch import praat
from annotate.features.pitch.praat import STEP_S
from benchmarks.accuracy.line import Line
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

REFERENCE_STEP_S = 0.015
GROSS, VOICING = 0.4, 4.5  # per cent, for each speaker
SPEAKERS = ("rl", "sb")
SHIPPED = (praat.VOICED_ABOVE, praat.RUN_ABOVE)
GRID = tuple(
    (round(SHIPPED[0] + frame, 2), round(SHIPPED[1] + run, 2))
    for frame in (-0.02, 0.0, 0.02)
    for run in (-0.02, 0.0, 0.02)
)


def lines(data: Path, workers: int) -> list[Line]:
    """Gross and voicing error of each speaker."""
    there = [clip for clip in clips(data, "fda") if clip.path.with_suffix(".f0ref").is_file()]
    found = over(there, tracks, workers)
    speakers = sorted({clip.speaker for clip in there}) or SPEAKERS
    by_speaker = {
        speaker: [_errors(there, found, speaker, setting) for setting in GRID] if there else [] for speaker in speakers
    }
    made = []
    for speaker, mine in by_speaker.items():
        shipped = mine[GRID.index(SHIPPED)] if mine else (None, None)
        others = [one for name, one in by_speaker.items() if name != speaker]
        best = int(np.argmin(np.sum([np.sum(one, axis=1) for one in others], axis=0))) if mine and others else None
        count = sum(clip.speaker == speaker for clip in there)
        note = (
            "no fda in DATA"
            if not mine
            else f"{count} sentences"
            + (f"; the other speaker chooses thresholds of {GRID[best]}" if best is not None else "")
        )
        for at, (name, reach) in enumerate((("gross error (>20 %)", GROSS), ("voicing error", VOICING))):
            nested = None if best is None else mine[best][at]
            what = f"pitch: {name}, FDA {speaker}"
            made.append(Line(what, shipped[at], reach, True, "%", note, COLUMNS, "pitch: praat", nested=nested))
    return made


def tracks(clip: Clip) -> list[Contour]:
    """The contour by each setting of ``GRID``."""
    recording, found = clip.recording(), []
    for frame, run in GRID:
        with mock.patch.multiple(praat, VOICED_ABOVE=frame, RUN_ABOVE=run):
            track = praat.track(recording)
            found.append(
                Contour(track.times, track.f0)
            )  # without Praat's objects, which do not travel between processes
    return found


def _errors(
    there: Sequence[Clip], found: Sequence[Sequence[Contour]], speaker: str, setting: tuple[float, float]
) -> tuple[float, float]:
    at = GRID.index(setting)
    return errors(
        [
            (one[at], np.loadtxt(clip.path.with_suffix(".f0ref")))
            for clip, one in zip(there, found, strict=True)
            if clip.speaker == speaker
        ]
    )


def errors(pairs: list[tuple[Contour, NDArray[np.float64]]]) -> tuple[float, float]:
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


def at_reference(found: Contour, count: int) -> NDArray[np.float64]:
    """The estimate at the reference's frames, shape (count,), 0 where unvoiced."""
    times = REFERENCE_STEP_S * np.arange(count)
    f0 = found.f0[np.abs(found.times[None] - times[:, None]).argmin(axis=1)]
    outside = (times < found.times[0] - STEP_S / 2) | (times > found.times[-1] + STEP_S / 2)
    return np.where(outside, 0.0, f0)
