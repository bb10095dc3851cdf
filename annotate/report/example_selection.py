"""Which clips to show: of each emotion the most typical and the oddest, by distance in robust spreads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from annotate.report.numbers import GROUPS, MEASURES, Numbers, NumberSource, known
from annotate.report.sample import quantiles

Floats = NDArray[np.float64]
T = TypeVar("T")

# each property of the voice once: of two columns that say the same, one
COMPARED = tuple(name for name in MEASURES if name not in ("pitch_mean_hz", "level_rms_dbfs", "rate_phones_s"))
LOGARITHMIC = ("pitch_median_hz",)
FEWEST_EXAMPLES = 10
MOST_EMOTIONS = 12
# one measurement gone wrong shall not decide alone
FARTHEST = 6.0
# a normal's standard deviation in median absolute deviations
SD_IN_MADS = 1.4826
# with fewer clips of the emotion and sex the emotion's own median and spread are taken
FEWEST_FOR_SEX = 10
# of what was measured; a clip of which little is known is neither typical nor odd
LEAST_MEASURED = 0.5


@dataclass(frozen=True)
class Chosen:
    """A clip to show.

    Attributes:
        path, index: its row in the data set.
        emotion: its emotion.
        kind: ``typical``, ``odd``, or ``any`` where no measurement varies, so that none is either.
        distance: mean distance from the median of its emotion and sex, in spreads.
        farthest: the measurements that lie farthest out, with their signed distances.
    """

    path: Path
    index: int
    emotion: str
    kind: str
    distance: float
    farthest: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Candidate:
    """A row that may be shown: its mean distance, its place, and its distances by measurement, shape (names,)."""

    distance: float
    path: Path
    index: int
    distances: Floats


@dataclass(frozen=True)
class Centres:
    """Median and spread of every compared measurement, per emotion and sex.

    A spread is 1.4826 times the median absolute deviation; the standard deviation where half of the values
    or more are equal; that of all clips where all are; NaN, so that the measurement is left out, where it is
    the same for all clips.

    Attributes:
        names: the measurements.
        medians, spreads: by emotion and sex, shape (names,); pitch as its logarithm.
        varying: how many measurements vary at all.
    """

    names: tuple[str, ...]
    medians: Mapping[tuple[str, str], Floats]
    spreads: Mapping[tuple[str, str], Floats]
    varying: int

    @classmethod
    def of(cls, numbers: Numbers) -> Centres:
        """From the sample."""
        sample = numbers.sample
        names = tuple(name for name in COMPARED if name in sample)
        values = logged(sample.values[:, [sample.measures.index(name) for name in names]], names)
        overall = deviation(values)
        emotions, cells = sample.places("emotion"), sample.places("emotion", "gender")
        medians, spreads = {}, {}
        for emotion in numbers.emotions:
            for sex in numbers.sexes:
                same = cells.get((emotion, sex), np.empty(0, np.intp))
                few = len(same) < FEWEST_FOR_SEX
                group = values[emotions.get((emotion,), same) if few else same]
                median = medians[emotion, sex] = _median(group)
                mad = _median(np.abs(group - median)) * SD_IN_MADS
                spread = np.where(mad > 0, mad, deviation(group))
                spread = np.where(spread > 0, spread, overall)
                spreads[emotion, sex] = np.where(spread > 0, spread, np.nan)
        return cls(names, medians, spreads, int(np.count_nonzero(overall > 0)))

    def distances(self, table: pa.Table) -> Floats:
        """Signed distances in spreads, cut at ``FARTHEST``; shape (rows, names)."""
        values = np.full((table.num_rows, len(self.names)), np.nan)
        for place, name in enumerate(self.names):
            if name in table.column_names:
                values[:, place] = table[name].cast(pa.float64()).to_numpy()
        values = logged(values, self.names)
        emotions, sexes = (np.asarray(table[name].to_pylist(), object) for name in ("emotion", "gender"))
        distances = np.full(values.shape, np.nan)
        for (emotion, sex), median in self.medians.items():
            mine = np.flatnonzero((emotions == emotion) & (sexes == sex))
            distances[mine] = (values[mine] - median) / self.spreads[emotion, sex]
        return np.asarray(np.clip(distances, -FARTHEST, FARTHEST))


def logged(values: NDArray[Any], names: Sequence[str]) -> Floats:
    """Pitch on its logarithm, as the ear has it; what is not finite is NaN. Shape (rows, names), as given."""
    known = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    for place, name in enumerate(names):
        if name in LOGARITHMIC:
            known[:, place] = np.log(np.where(known[:, place] > 0, known[:, place], np.nan))
    return known


def _median(values: Floats) -> Floats:
    return np.asarray(quantiles(values, [0.5])[1][0])


def deviation(values: Floats) -> Floats:
    """Standard deviation of each column, NaN left out; NaN for fewer than two values. Shape (columns,)."""
    counts = np.count_nonzero(~np.isnan(values), axis=0)
    mean = np.nansum(values, axis=0) / np.maximum(counts, 1)
    squares = np.nansum(np.square(values - mean), axis=0)
    return np.asarray(np.where(counts > 1, np.sqrt(squares / np.maximum(counts - 1, 1)), np.nan))


def choose(source: NumberSource, numbers: Numbers) -> list[Chosen]:
    """At least ten clips where there are as many: per emotion the most typical and the oddest.

    Of more than twelve emotions the twelve with the most clips are shown. All rows are compared, in pieces.
    """
    sizes = numbers.by("emotion")
    emotions = sorted(numbers.emotions, key=lambda emotion: -sizes[(emotion,)])[:MOST_EMOTIONS]
    if not emotions:
        return []
    each = max(1, -(-FEWEST_EXAMPLES // (2 * len(emotions))))
    centres = Centres.of(numbers)
    best: dict[str, list[Candidate]] = {emotion: [] for emotion in emotions}
    for piece in source.pieces([*GROUPS, *COMPARED]):
        table = known(piece.table)
        distances = centres.distances(table)
        measured = np.count_nonzero(~np.isnan(distances), axis=1)
        mean = np.nansum(np.abs(distances), axis=1) / np.maximum(measured, 1)
        of = np.asarray(table["emotion"].to_pylist(), object)
        for emotion, kept in best.items():
            mine = np.flatnonzero((of == emotion) & (measured >= LEAST_MEASURED * centres.varying))
            order = _ends(mine[np.argsort(mean[mine], kind="stable")].tolist(), each)
            further = [Candidate(float(mean[row]), piece.path, piece.start + row, distances[row]) for row in order]
            best[emotion] = _ends(sorted([*kept, *further], key=lambda candidate: candidate.distance), each)
    order = [emotion for emotion in numbers.emotions if emotion in emotions]
    return [clip for emotion in order for clip in _of_emotion(best[emotion], emotion, each, centres)]


def _ends(ordered: list[T], each: int) -> list[T]:
    """The first and the last so many, which may still be shown."""
    return ordered if len(ordered) <= 2 * each else ordered[:each] + ordered[-each:]


def _of_emotion(best: Sequence[Candidate], emotion: str, each: int, centres: Centres) -> list[Chosen]:
    near = best[: min(each, -(-len(best) // 2))]
    far = best[len(best) - min(each, len(best) - len(near)) :][::-1]
    clips = []
    for kind, candidates in (("typical", near), ("odd", far)):
        for candidate in candidates:
            out = [
                (name, float(value))
                for name, value in zip(centres.names, candidate.distances, strict=True)
                if not np.isnan(value)
            ]
            farthest = tuple(sorted(out, key=lambda named: -abs(named[1]))[:3])
            named = kind if centres.varying else "any"
            clips.append(Chosen(candidate.path, candidate.index, emotion, named, candidate.distance, farthest))
    return clips
