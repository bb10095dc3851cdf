"""Enrolment: a clip against the usual voice of its speaker, from his other clips and none of their labels.

A clip is one row of numbers (``clip_vector``), a speaker the mean and deviation of each number over his clips
(``speaker_statistics``). Relative to them, a clip says how he speaks now and little of who he is. Nothing here sees
a label, so what is done to the speakers that train can be done to a stranger of whom some clips are at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

MINIMUM = 5  # clips of a speaker, the one that is asked about among them
# The deviation over a few clips is uncertain: that within the training speakers counts as so many clips.
PRIOR_CLIPS = 5.0
SMALLEST = 1e-6  # a deviation below it is that of a constant
ROUNDING = 1e-12  # a variance below this share of the mean square is that of a constant, computed by differences


@dataclass(frozen=True)
class SpeakerStatistics:
    """Each number of a speaker's clips.

    Attributes:
        mean: (D,); NaN where no clip has the number.
        deviation: (D,), the same.
        clips: how many they are from.
    """

    mean: Vectors
    deviation: Vectors
    clips: int


def clip_vector(states: Any, measures: Any) -> Vectors:
    """A clip's numbers, (N * 2H + M,): mean and deviation over time of hidden states, (N, T, H), and measurements."""
    frames = np.asarray(states, np.float64)
    pooled = np.concatenate([frames.mean(1), np.sqrt(np.maximum(frames.var(1), 1e-12))], axis=1)
    return np.concatenate([pooled.ravel(), np.asarray(measures, np.float64)])


def speaker_statistics(vectors: Vectors) -> SpeakerStatistics:
    """Mean and deviation of clips, (n, D), in whatever order; what was not measured (NaN) is left out.

    Raises:
        ValueError: no clip.
    """
    if not len(vectors):
        raise ValueError("statistics of no clip")
    rows = np.asarray(vectors, np.float64)
    known = np.isfinite(rows)
    count = known.sum(0)
    mean = np.where(count > 0, np.where(known, rows, 0).sum(0) / np.maximum(count, 1), np.nan)
    squares = np.where(known, (rows - mean) ** 2, 0).sum(0) / np.maximum(count, 1)
    return SpeakerStatistics(mean, np.where(count > 0, np.sqrt(squares), np.nan), len(rows))


def of_others(
    vectors: Vectors, speakers: Sequence[str | None], most: int | None = None, seed: int = 0
) -> list[SpeakerStatistics | None]:
    """For each clip the statistics of its speaker's other clips; None for an unknown speaker or too few clips.

    Args:
        vectors: (n, D).
        speakers: of each clip; None where unknown.
        most: at most so many other clips, drawn by the seed; None takes all.
        seed: decides which.
    """
    random = np.random.default_rng(seed)
    statistics: list[SpeakerStatistics | None] = [None] * len(speakers)
    for members in enrollable(speakers):
        if most is None or len(members) - 1 <= most:
            for place, without_clip in zip(members, _each_left_out(vectors[members]), strict=True):
                statistics[place] = without_clip
            continue
        for place in members:
            others = [other for other in members if other != place]
            statistics[place] = speaker_statistics(vectors[sorted(random.choice(others, most, replace=False).tolist())])
    return statistics


def _each_left_out(vectors: Vectors) -> list[SpeakerStatistics]:
    """For each clip the statistics of all the others, by sums that are made once: as ``speaker_statistics`` of them."""
    rows = np.asarray(vectors, np.float64)
    known = np.isfinite(rows)
    centre = speaker_statistics(rows).mean
    moved = np.where(known, rows - centre, 0.0)  # so that the squares below lose no digits
    total, squares, count = moved.sum(0), (moved**2).sum(0), known.sum(0)
    statistics = []
    for row, there in zip(moved, known, strict=True):
        left = count - there
        some = np.maximum(left, 1)
        mean = (total - row) / some
        square = (squares - row**2) / some
        variance = np.where(square - mean**2 > ROUNDING * square, square - mean**2, 0.0)
        statistics.append(
            SpeakerStatistics(
                np.where(left > 0, centre + mean, np.nan), np.where(left > 0, np.sqrt(variance), np.nan), len(rows) - 1
            )
        )
    return statistics


def clips_by_speaker(speakers: Sequence[str | None]) -> dict[str, list[int]]:
    """Speaker -> the places of his clips; clips of unknown speakers are left out."""
    places: dict[str, list[int]] = {}
    for place, speaker in enumerate(speakers):
        if speaker is not None:
            places.setdefault(speaker, []).append(place)
    return places


def enrollable(speakers: Sequence[str | None]) -> list[list[int]]:
    """The places of the clips of each speaker who has enough of them."""
    return [places for places in clips_by_speaker(speakers).values() if len(places) >= MINIMUM]


def not_enrolled(speakers: Sequence[str | None]) -> list[str]:
    """What there is to say of clips that are not enrolled: which speakers have too few, how many have none."""
    few = {name: len(places) for name, places in clips_by_speaker(speakers).items() if len(places) < MINIMUM}
    unknown = sum(speaker is None for speaker in speakers)
    notes = []
    if few:
        named = ", ".join(f"{name} ({count})" for name, count in list(few.items())[:5])
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        notes.append(f"not enrolled, fewer than {MINIMUM} clips: {named}{more}")
    if unknown:
        notes.append(f"not enrolled, speaker unknown: {unknown} clips")
    return notes


def within_deviation(vectors: Vectors, speakers: Sequence[str | None]) -> Vectors:
    """The deviation of each number within a speaker, (D,): root mean square over the speakers that have enough clips.

    Raises:
        ValueError: no speaker has enough.
    """
    enough = enrollable(speakers)
    if not enough:
        raise ValueError(f"no speaker has {MINIMUM} clips")
    squares = np.stack([speaker_statistics(vectors[places]).deviation ** 2 for places in enough])
    known = np.isfinite(squares)
    count = known.sum(0)
    within: Vectors = np.sqrt(np.where(known, squares, 0).sum(0) / np.maximum(count, 1))
    return within


def relative(vector: Vectors, usual: SpeakerStatistics, within: Vectors, prior_clips: float = PRIOR_CLIPS) -> Vectors:
    """A clip, (D,), against a speaker's statistics: 0 where he is as usual, and where nothing is known.

    Args:
        vector: the clip's numbers.
        usual: the speaker's.
        within: the usual deviation within a speaker, (D,), towards which the speaker's own is drawn.
        prior_clips: how many clips ``within`` counts as.
    """
    squares = (usual.clips * usual.deviation**2 + prior_clips * within**2) / (usual.clips + prior_clips)
    deviation = np.sqrt(squares)
    moved = (np.asarray(vector, np.float64) - usual.mean) / np.where(deviation > SMALLEST, deviation, 1.0)
    return np.where(np.isfinite(moved), moved, 0.0)
