"""Which clips to show: of each emotion the most typical and the oddest, by distance in robust spreads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from annotate.report.numbers import GROUPS, MEASURES, Numbers, NumberSource, known

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


@dataclass
class Centres:
    """Median and spread of every compared measurement, per emotion and sex.

    A spread is 1.4826 times the median absolute deviation; the standard deviation where half of the values
    or more are equal; that of all clips where all are; NaN, so that the measurement is left out, where it is
    the same for all clips.

    Attributes:
        medians, spreads: by emotion and sex; pitch as its logarithm.
        names: the measurements.
        varying: how many measurements vary at all.
    """

    medians: dict[tuple[str, str], pd.Series] = field(default_factory=dict)
    spreads: dict[tuple[str, str], pd.Series] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    varying: int = 0

    @classmethod
    def of(cls, numbers: Numbers) -> Centres:
        """From the sample."""
        made = cls(names=tuple(name for name in COMPARED if name in numbers.sample))
        values = logged(numbers.sample[list(made.names)])
        overall = values.std()
        made.varying = int((overall > 0).sum())
        for emotion in numbers.emotions:
            mine = numbers.sample["emotion"] == emotion
            for sex in numbers.sexes:
                same = mine & (numbers.sample["gender"] == sex)
                few = int(same.sum()) < FEWEST_FOR_SEX
                group = values[mine if few else same]
                median = group.median()
                mad = (group - median).abs().median() * SD_IN_MADS
                deviation = mad.where(mad > 0, group.std())
                spread = deviation.where(deviation > 0, overall)
                made.medians[emotion, sex] = median
                made.spreads[emotion, sex] = spread.where(spread > 0)
        return made

    def distances(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Signed distances in spreads, cut at ``FARTHEST``; shape (rows, measurements)."""
        names = list(self.names)
        values = logged(frame.reindex(columns=names)).to_numpy()
        distances = np.full(values.shape, np.nan)
        emotion, sex = frame["emotion"].to_numpy(dtype=object), frame["gender"].to_numpy(dtype=object)
        for (one_emotion, one_sex), median in self.medians.items():
            mine = np.flatnonzero((emotion == one_emotion) & (sex == one_sex))
            spread = self.spreads[one_emotion, one_sex].to_numpy()
            distances[mine] = (values[mine] - median.to_numpy()) / spread
        cut: pd.DataFrame = pd.DataFrame(np.clip(distances, -FARTHEST, FARTHEST), index=frame.index, columns=names)
        return cut


def logged(values: pd.DataFrame) -> pd.DataFrame:
    """Pitch on its logarithm, as the ear has it."""
    frame: pd.DataFrame = values.astype("float64").replace([np.inf, -np.inf], np.nan)
    for name in LOGARITHMIC:
        if name in frame:
            frame[name] = np.log(frame[name].where(frame[name] > 0))
    return frame


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
    best = pd.DataFrame()
    for piece in source.pieces([*GROUPS, *COMPARED]):
        frame = known(piece.table).to_pandas()
        distances = centres.distances(frame)
        frame["path"], frame["index"] = str(piece.path), range(piece.start, piece.start + len(frame))
        frame["measured"], frame["distance"] = distances.notna().sum(axis=1), distances.abs().mean(axis=1).fillna(0.0)
        enough = frame["measured"] >= LEAST_MEASURED * centres.varying
        kept = frame.loc[enough, ["path", "index", "emotion", "distance"]].join(distances)
        best = _best(pd.concat([best, kept], ignore_index=True), emotions, each)
    order = [emotion for emotion in numbers.emotions if emotion in emotions]
    return [clip for emotion in order for clip in _of_emotion(best, emotion, each, centres)]


def _best(frame: pd.DataFrame, emotions: Sequence[str], each: int) -> pd.DataFrame:
    """The rows that may still be shown: the nearest and the farthest of each emotion."""
    kept = []
    for emotion in emotions:
        mine = frame[frame["emotion"] == emotion].sort_values("distance", kind="stable")
        kept.append(mine if len(mine) <= 2 * each else pd.concat([mine.head(each), mine.tail(each)]))
    together: pd.DataFrame = pd.concat(kept, ignore_index=True)
    return together


def _of_emotion(best: pd.DataFrame, emotion: str, each: int, centres: Centres) -> list[Chosen]:
    mine = best[best["emotion"] == emotion].sort_values("distance", kind="stable")
    near = mine.head(min(each, -(-len(mine) // 2)))
    far = mine.tail(min(each, len(mine) - len(near))).iloc[::-1]
    clips = []
    for kind, rows in (("typical", near), ("odd", far)):
        for _, row in rows.iterrows():
            out = row[list(centres.names)].astype("float64").dropna()
            farthest = out.loc[out.abs().sort_values(ascending=False, kind="stable").index[:3]]
            signed = tuple((str(name), float(value)) for name, value in farthest.items())
            named = kind if centres.varying else "any"
            clips.append(Chosen(Path(row["path"]), int(row["index"]), emotion, named, float(row["distance"]), signed))
    return clips
