"""Whether the levels of a corpus differ enough to say anything: in a level-normalised corpus they do not.

EBU R 128 (2023) lets a normalised programme lie 1 LU to either side of its target; levels spread evenly over those 2 LU
have an interquartile range of 1 LU. Loudness may be normalised, or the root mean square: the narrower of the two
decides. A corpus normalised by its peaks is not found so, since its loudness differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

COLUMNS = ("loudness_lufs", "level_rms_dbfs")
NARROWEST = 1.0  # interquartile range, LU or dB
FEWEST = 10  # clips, below which a range says little


def narrow_range(values: Mapping[str, Sequence[float | None]]) -> tuple[str, float] | None:
    """The column of levels that hardly differs and its interquartile range in LU or dB, or None.

    Args:
        values: column of ``COLUMNS`` -> its value in each row; None where it was not measured.
    """
    ranges: dict[str, float] = {}
    for name in COLUMNS:
        known = np.array([value for value in values.get(name, ()) if value is not None], np.float64)
        if len(known) >= FEWEST:
            low, high = np.percentile(known, [25, 75])
            ranges[name] = float(high - low)
    narrow = min(ranges, key=lambda name: ranges[name], default=None)
    return None if narrow is None or ranges[narrow] > NARROWEST else (narrow, round(ranges[narrow], 2))


def of_rows(rows: Any) -> dict[str, Any]:
    """The same of rows, as a run keeps it: ``narrow``, the column and its range, or None."""
    values: dict[str, list[float | None]] = {name: [] for name in COLUMNS}
    for row in rows:
        for name in COLUMNS:
            values[name].append(row[name])
    return {"narrow": narrow_range(values)}
