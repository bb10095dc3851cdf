"""Which words and which measurements go with which emotion: shares against the overall share, shifts in spreads."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.report.numbers import Numbers

# adjusted residuals (Haberman 1973) beyond this are shaded; about 1 in 20 would be by chance alone
BEYOND_CHANCE = 2.0
# a standard normal's interquartile range
IQR_OF_NORMAL = 1.349


@dataclass(frozen=True)
class ShareCell:
    """One word within one emotion.

    Attributes:
        count: clips.
        share: of the emotion's clips that have a word, 0 to 1.
        more: the share minus the word's overall share.
        shade: 0 (no more than chance) to 1, negative where the word is rarer than overall.
    """

    count: int
    share: float
    more: float
    shade: float


@dataclass(frozen=True)
class WordShares:
    """One descriptor: a row of cells per emotion, and the overall shares."""

    name: str
    words: tuple[str, ...]
    rows: tuple[tuple[str, int, tuple[ShareCell, ...]], ...]
    overall: tuple[ShareCell, ...]
    total: int


def words(counts: Counter[tuple[str, str]], name: str, order: Sequence[str], emotions: Sequence[str]) -> WordShares:
    """The table of one descriptor.

    Args:
        counts: clips by (emotion, word).
        name: the descriptor.
        order: its words.
        emotions: rows, in order.
    """
    total = sum(counts.values())
    overall = [sum(counts[(emotion, word)] for emotion in emotions) for word in order]
    rows = []
    for emotion in emotions:
        mine = sum(counts[(emotion, word)] for word in order)
        cells = tuple(
            _cell(counts[(emotion, word)], mine, all_clips, total)
            for word, all_clips in zip(order, overall, strict=True)
        )
        rows.append((emotion, mine, cells))
    shares = tuple(ShareCell(count, count / total if total else 0.0, 0.0, 0.0) for count in overall)
    return WordShares(name, tuple(order), tuple(rows), shares, total)


def _cell(count: int, row: int, column: int, total: int) -> ShareCell:
    if not row or not total:
        return ShareCell(count, 0.0, 0.0, 0.0)
    share, overall = count / row, column / total
    expected = row * column / total
    spread = math.sqrt(expected * (1 - row / total) * (1 - overall))
    residual = (count - expected) / spread if spread > 0 else 0.0
    # half of all clips more than overall is the full colour
    shade = max(-1.0, min(1.0, 2 * (share - overall))) if abs(residual) >= BEYOND_CHANCE else 0.0
    return ShareCell(count, share, share - overall, shade)


def all_words(numbers: Numbers, scale: Mapping[str, Any]) -> list[WordShares]:
    """The tables of all descriptors that have words at all."""
    made = [
        words(counts, name, scale["descriptors"][name]["words"], numbers.emotions)
        for name, counts in numbers.words.items()
    ]
    return [table for table in made if table.total]


def shifts(numbers: Numbers, measures: Sequence[str]) -> dict[str, dict[str, float]]:
    """How far each emotion's median lies from the median of all, in spreads: measurement -> emotion -> shift.

    A spread is the interquartile range over 1.349, a standard deviation where the values are normal. Each
    sex is held against its own sex and the sexes are averaged, each weighing the same; NaN where an emotion
    has no value or the measurement does not vary.
    """
    sample = numbers.sample
    medians = sample.quantiles([0.5], "gender", "emotion")
    shifted: dict[str, list[NDArray[Any]]] = {emotion: [] for emotion in numbers.emotions}
    for (sex,), (_, (first, middle, third)) in sample.quantiles([0.25, 0.5, 0.75], "gender").items():
        spread = np.where(third > first, (third - first) / IQR_OF_NORMAL, np.nan)
        for emotion in numbers.emotions:
            if (sex, emotion) in medians:
                shifted[emotion].append((medians[sex, emotion][1][0] - middle) / spread)
    means = {emotion: _mean(by_sex, len(sample.measures)) for emotion, by_sex in shifted.items()}
    return {
        name: {emotion: float(mean[sample.measures.index(name)]) for emotion, mean in means.items()}
        for name in measures
    }  # fmt: skip


def _mean(by_sex: Sequence[NDArray[Any]], columns: int) -> NDArray[Any]:
    """The mean of each column over the sexes that have a value; NaN where none has. Shape (columns,)."""
    values = np.array(by_sex).reshape(-1, columns)
    counts = np.count_nonzero(~np.isnan(values), axis=0)
    return np.where(counts > 0, np.nansum(values, axis=0) / np.maximum(counts, 1), np.nan)
