"""The scale: for each descriptor and each group of speakers the edges between its three words.

Fitted on the training split only, so that nothing of the test speakers decides what "high" means.
Definitions, also in docs/words.md:

- ``tertile``: the edges are the 1/3 and 2/3 quantiles (linear between order statistics, Hyndman and Fan
  type 7). ``zscore``: mean minus and plus ``threshold`` standard deviations. Pitch is taken on its
  logarithm, since the ear hears ratios.
- A value on an edge, and every value of a constant feature, is ``normal``.
- A group with fewer measured clips than ``smallest_group`` has no edges of its own: the next wider group's
  serve (speaker, then gender, then corpus), and the scale says so.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotate import documents
from annotate.errors import SemoError
from annotate.store.schema import COLUMNS

SCHEMA = 1
WIDEST = "corpus"


@dataclass(frozen=True)
class Descriptor:
    """A word and the measurement it is made from."""

    name: str
    measure: str
    unit: str
    words: tuple[str, str, str]
    log: bool = False


def descriptors(volume_from: str = "loudness_lufs") -> tuple[Descriptor, ...]:
    """The three descriptors; volume is made from the loudness or, where only that is measured, the level."""
    unit = "LUFS" if volume_from == "loudness_lufs" else "dBFS"
    return (
        Descriptor("pitch", "pitch_median_hz", "Hz", ("low", "normal", "high"), log=True),
        Descriptor("speed", "rate_syllables_s", "syllables/s", ("slow", "normal", "fast")),
        Descriptor("volume", volume_from, unit, ("quiet", "normal", "loud")),
    )


def groups_of(row: Mapping[str, Any], by: str) -> list[str]:
    """The groups whose edges may serve a row, from the narrowest to the whole corpus."""
    chain = []
    if by == "speaker" and row["speaker"] is not None:
        chain.append(f"speaker {row['speaker']}")
    if by in ("speaker", "gender") and row["gender"] is not None:
        chain.append(str(row["gender"]))
    return [*chain, WIDEST]


def fit(
    rows: Iterable[Mapping[str, Any]],
    *,
    method: str,
    by: str,
    threshold: float,
    smallest_group: int,
    volume_from: str,
    fitted_on: Mapping[str, Any],
) -> dict[str, Any]:
    """Fit the edges on the rows given, which must be those of the training split.

    Args:
        rows: each with ``speaker``, ``gender`` and the measurements; a null is left out here as it is when
            words are made.
        method: ``tertile`` or ``zscore``.
        by: ``gender``, ``speaker`` or ``corpus``.
        threshold: standard deviations on either side of the mean, for ``zscore``.
        smallest_group: fewest measured clips for edges of one's own.
        volume_from: the measurement that volume words are made from.
        fitted_on: what the scale says of its origin.

    Returns:
        The content of ``scale.json``.
    """
    known = descriptors(volume_from)
    # arrays, not lists: a million rows are 50 MB instead of 200
    values: dict[str, dict[str, array[float]]] = {one.name: {} for one in known}
    for row in rows:
        for one in known:
            value = row[one.measure]
            if value is None or not math.isfinite(value):
                continue
            for group in groups_of(row, by):
                values[one.name].setdefault(group, array("d")).append(value)
    return {
        "schema": SCHEMA,
        "method": method,
        "by": by,
        "threshold": threshold if method == "zscore" else None,
        "smallest_group": smallest_group,
        "fitted_on": dict(fitted_on),
        "descriptors": {
            one.name: {
                "measure": one.measure,
                "unit": one.unit,
                "log": one.log,
                "words": list(one.words),
                "groups": {
                    group: _group(found, one.log, method, threshold, smallest_group, group)
                    for group, found in sorted(values[one.name].items())
                },
            }
            for one in known
        },
    }


def _group(found: array[float], log: bool, method: str, threshold: float, smallest: int, group: str) -> dict[str, Any]:
    described: dict[str, Any] = {"count": len(found), "range": [min(found), max(found)]}
    if len(found) < smallest and group != WIDEST:
        return {**described, "edges": None, "note": f"fewer than {smallest} clips: the next wider group serves"}
    if len(found) < smallest:
        described["note"] = f"only {len(found)} clips were there to fit on"
    if described["range"][0] == described["range"][1]:
        described["note"] = "constant: every clip has the same value and is normal"
    return {**described, "edges": edges_of(found, log, method, threshold)}


def edges_of(found: Sequence[float], log: bool, method: str, threshold: float | None) -> list[float]:
    """The two edges of some measurements.

    Args:
        found: finite values, at least one.
        log: taken on their logarithm.
        method: ``tertile`` or ``zscore``.
        threshold: standard deviations, for ``zscore``.
    """
    values = np.log(found) if log else np.asarray(found, dtype=np.float64)
    if method == "tertile":
        low, high = np.quantile(values, [1 / 3, 2 / 3])
    else:
        half = (threshold or 0.0) * values.std()
        low, high = values.mean() - half, values.mean() + half
    return [_snapped(math.exp(edge) if log else float(edge), found) for edge in (low, high)]


def place(value: float, edges: Sequence[float]) -> int:
    """Which of the three words a value has: 0 below the first edge, 2 above the second, else 1, however far out."""
    low, high = edges
    return 0 if value < low else 2 if value > high else 1


def _snapped(edge: float, found: Sequence[float]) -> float:
    """An edge that is a clip's own value but for rounding is that value, so that the clip lies on it."""
    closest = found[int(np.abs(np.asarray(found) - edge).argmin())]
    return closest if math.isclose(closest, edge, rel_tol=1e-9) else edge


def _check_group(path: Path, where: str, group: Mapping[str, Any], log: bool) -> None:
    """Refuse edges that no fit can give: NaN would make every word "normal" without a sound."""
    for of in ("edges", "range"):
        pair = group[of] if of == "range" or group[of] is not None else (1.0, 1.0)
        low, high = (float(value) for value in pair)
        if not (math.isfinite(low) and math.isfinite(high)):
            raise SemoError(f"descriptors.scale={path}: {where}: {of} that are not numbers")
        if low > high or (log and low <= 0):
            raise SemoError(f"descriptors.scale={path}: {where}: {of} out of order, or of no frequency")


def load(path: Path) -> dict[str, Any]:
    """A scale fitted elsewhere, for ``descriptors.scale=FILE``; anything else is refused in one line."""
    try:
        scale = documents.read_json(path)
        if scale["by"] not in ("gender", "speaker", "corpus") or scale["method"] not in ("tertile", "zscore"):
            raise ValueError
        if scale["schema"] != SCHEMA:
            raise SemoError(f"descriptors.scale={path}: schema {scale['schema']}, expected {SCHEMA}")
        for one in descriptors():
            described = scale["descriptors"][one.name]
            if described["measure"] not in COLUMNS or len(described["words"]) != 3:
                raise SemoError(f"descriptors.scale={path}: {one.name}: expected a measurement and three words")
            for name, group in described["groups"].items():
                _check_group(path, f"{one.name}: {name}", group, bool(described["log"]))
    except OSError as error:
        raise SemoError(f"descriptors.scale={path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(f"descriptors.scale={path}: is not a scale; expected a scale.json of an earlier run") from None
    return dict(scale)
