"""Which words and which measurements go with which emotion: shares against the overall share, shifts in spreads."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

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


def shifts(numbers: Numbers, measures: Sequence[str]) -> pd.DataFrame:
    """How far each emotion's median lies from the median of all, in spreads; shape (measures, emotions).

    A spread is the interquartile range over 1.349, a standard deviation where the values are normal. Each
    sex is held against its own sex and the sexes are averaged, each weighing the same; NaN where an emotion
    has no value or the measurement does not vary.
    """
    frame = numbers.sample
    by_sex = []
    for sex in numbers.sexes:
        mine = frame[frame["gender"] == sex]
        values = mine[list(measures)]
        quartiles = values.quantile([0.25, 0.5, 0.75])
        spread = (quartiles.loc[0.75] - quartiles.loc[0.25]) / IQR_OF_NORMAL
        medians = values.groupby(mine["emotion"].astype(str), observed=True).median()
        by_sex.append((medians - quartiles.loc[0.5]) / spread.where(spread > 0, np.nan))
    empty = pd.DataFrame(index=list(numbers.emotions), columns=list(measures), dtype="float64")
    means: pd.DataFrame = pd.concat(by_sex).groupby(level=0).mean().reindex(numbers.emotions) if by_sex else empty
    turned: pd.DataFrame = means.T
    return turned
