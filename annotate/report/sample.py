"""The measurements of as many rows as fit in memory, and their quantiles by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Places = NDArray[np.intp]
# how many values each measurement has, shape (measures,), and their quantiles, shape (quantiles, measures)
Quantiles = tuple[NDArray[np.intp], NDArray[np.float64]]


@dataclass(frozen=True)
class Sample:
    """Some rows of a data set as arrays.

    Attributes:
        groups: column -> code of each row, shape (rows,).
        names: column -> what its codes mean.
        measures: the measurements.
        values: what was measured, shape (rows, measures), float32; NaN where nothing was.
    """

    groups: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measures: tuple[str, ...] = ()
    values: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    # looked up once for all measurements
    _places: dict[tuple[str, ...], dict[tuple[str, ...], Places]] = field(default_factory=dict, repr=False)
    _quantiles: dict[tuple[Any, ...], dict[tuple[str, ...], Quantiles]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, tables: Sequence[pa.Table], groups: Sequence[str], measures: Sequence[str]) -> Sample:
        """From tables with the columns ``groups``, of text without nulls, and those of ``measures`` that there are."""
        if not tables:
            return cls()
        # a file of an older run may lack a measurement: its rows have none
        table = pa.concat_tables(tables, promote_options="default")
        there = tuple(name for name in measures if name in table.column_names)
        values = np.full((table.num_rows, len(there)), np.nan, np.float32)
        for place, name in enumerate(there):
            values[:, place] = table[name].cast(pa.float64()).to_numpy()
        values[~np.isfinite(values)] = np.nan
        coded = {name: table[name].combine_chunks().dictionary_encode() for name in groups}
        codes = {name: column.indices.to_numpy().astype(np.int64) for name, column in coded.items()}
        names = {name: tuple(column.dictionary.to_pylist()) for name, column in coded.items()}
        return cls(codes, names, there, values)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, measure: str) -> bool:
        return measure in self.measures

    def __getitem__(self, measure: str) -> NDArray[np.float32]:
        """What was measured, shape (rows,), NaN where nothing was."""
        column: NDArray[np.float32] = self.values[:, self.measures.index(measure)]
        return column

    def places(self, *names: str) -> dict[tuple[str, ...], Places]:
        """The rows of each combination of some of the groups, by name; those without rows are left out."""
        if names not in self._places:
            self._places[names] = self._grouped(names)
        return self._places[names]

    def _grouped(self, names: tuple[str, ...]) -> dict[tuple[str, ...], Places]:
        if not len(self):
            return {}
        codes = np.stack([self.groups[name] for name in names])
        keys, group = np.unique(codes, axis=1, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(group.ravel()))[:-1])
        named = [tuple(self.names[name][code] for name, code in zip(names, key, strict=True)) for key in keys.T]
        return dict(sorted(zip(named, parts, strict=True)))

    def quantiles(self, at: Sequence[float], *names: str) -> dict[tuple[str, ...], Quantiles]:
        """By combination of some of the groups: values per measurement, and their quantiles, see ``quantiles``."""
        wanted = (*at, *names)
        if wanted not in self._quantiles:
            self._quantiles[wanted] = {
                key: quantiles(self.values[places], at) for key, places in self.places(*names).items()
            }
        return self._quantiles[wanted]


def quantiles(values: NDArray[np.floating], at: Sequence[float]) -> Quantiles:
    """Quantiles of every column at once, linear between neighbours, NaN left out (NumPy's are column by column).

    Args:
        values: shape (rows, columns).
        at: from 0 to 1.

    Returns:
        How many values each column has, shape (columns,); the quantiles, shape (len(at), columns), NaN for a column
        without values.
    """
    ordered = np.sort(np.asarray(values, np.float64), axis=0)  # NaN last
    counts = np.count_nonzero(~np.isnan(ordered), axis=0)
    if not len(ordered):
        return counts, np.full((len(at), ordered.shape[1]), np.nan)
    positions = np.asarray(at)[:, None] * np.maximum(counts - 1, 0)
    below = np.floor(positions).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(counts - 1, 0))
    low, high = np.take_along_axis(ordered, below, 0), np.take_along_axis(ordered, above, 0)
    return counts, low + (high - low) * (positions - below)
