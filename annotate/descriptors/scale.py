"""The scale: for each attribute and each group of speakers the edges between its words.

Fitted on the training split only, so that nothing of the test speakers decides what "high" means.
Definitions, also in docs/words.md:

- ``tertile``: edges at equal shares, the 1/3 and 2/3 quantiles for three levels, the fifths for five (linear between
  order statistics, Hyndman and Fan type 7). ``zscore``: bands of 2 ``threshold`` standard deviations around the mean.
  Attributes with ``scale: log`` are taken on their logarithm, since the ear hears ratios.
- A value on an edge belongs to the level that is nearer to the middle, so every value of a constant feature has the
  middle word.
- A group with fewer measured clips than ``smallest_group`` has no edges of its own: the next wider group's
  serve (speaker, then gender, then corpus), and the scale says so.
- An attribute with absolute edges has one group, ``absolute``, whatever was measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.attributes import ABSOLUTE, Attribute, AttributeTable, reply_attributes
from annotate.descriptors.clip_measurements import ClipMeasurements

SCHEMA = 2
READABLE = (1, SCHEMA)  # schema 1 had three levels of three attributes
WIDEST = "corpus"
METHODS, GROUPINGS = ("tertile", "zscore"), ("gender", "speaker", "corpus")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """How edges are fitted.

    Attributes:
        method: ``tertile`` or ``zscore``.
        by: ``gender``, ``speaker`` or ``corpus``.
        threshold: half the width of a band in standard deviations, for ``zscore``.
        smallest_group: fewest measured clips for edges of one's own.
    """

    method: str = "tertile"
    by: str = "gender"
    threshold: float = 0.5
    smallest_group: int = 30

    @classmethod
    def of(cls, scale: Mapping[str, Any]) -> Method:
        """The method that a scale was fitted by."""
        return cls(scale["method"], scale["by"], scale["threshold"] or 0.5, scale["smallest_group"])


@dataclass(frozen=True)
class Descriptor:
    """The words of an attribute and the measurement that they are made from.

    Attributes:
        name: of the attribute.
        measure: the column.
        unit: of the column.
        words: from least to most.
        log: whether edges are fitted on the logarithm.
        edges: absolute edges; empty where they are fitted.
        speaker: whether it is compared with the speaker's own usual.
    """

    name: str
    measure: str
    unit: str
    words: tuple[str, ...]
    log: bool = False
    edges: tuple[float, ...] = ()
    speaker: bool = True

    @classmethod
    def of(cls, attribute: Attribute, levels: int, measured: Iterable[str] | None = None) -> Descriptor:
        """The descriptor of an attribute at so many levels.

        Args:
            attribute: from the table.
            levels: 3 or 5.
            measured: the columns that the recipe fills; of those that the attribute can be made from the first one
                among them is taken, or its preferred one where none is.
        """
        known = None if measured is None else set(measured)
        measure = next((name for name in attribute.measures if known is None or name in known), attribute.measure)
        count = attribute.levels_of(levels)
        return cls(
            attribute.name, measure, attribute.measures[measure], attribute.levels[count], attribute.log,
            tuple(attribute.edges.get(count, ())), "speaker" in attribute.against,
        )  # fmt: skip

    @classmethod
    def stored(cls, name: str, content: Mapping[str, Any]) -> Descriptor:
        """From what ``scale.json`` holds of it."""
        edges = content["groups"].get(ABSOLUTE, {}).get("edges", ())
        return cls(
            name,
            content["measure"],
            content["unit"],
            tuple(content["words"]),
            content["log"],
            tuple(edges),
            content.get("speaker", True),
        )

    def plain(self) -> dict[str, Any]:
        """As ``scale.json`` holds it, without its groups."""
        content = {"measure": self.measure, "unit": self.unit, "log": self.log, "words": list(self.words)}
        return content if self.speaker else {**content, "speaker": False}


def descriptors(table: AttributeTable, measured: Iterable[str] | None = None) -> tuple[Descriptor, ...]:
    """The descriptors of a table; those of the paper's replies come first and are always there."""
    known = None if measured is None else list(measured)
    return tuple(Descriptor.of(attribute, table.levels, known) for attribute in table.with_replies().values())


def reply_descriptors(table: AttributeTable, measured: Iterable[str] | None = None) -> tuple[Descriptor, ...]:
    """The descriptors of the words that replies have, where they are other words than the table's."""
    known = None if measured is None else list(measured)
    replies = reply_attributes()
    made = [Descriptor.of(attribute, replies.levels, known) for attribute in replies.values()]
    same = {descriptor.name: descriptor for descriptor in descriptors(table, known)}
    return tuple(descriptor for descriptor in made if descriptor.words != same[descriptor.name].words)


def groups_of(row: Mapping[str, Any], by: str) -> list[str]:
    """The groups whose edges may serve a row, from the narrowest to the whole corpus."""
    chain = []
    if by == "speaker" and row["speaker"] is not None:
        chain.append(f"speaker {row['speaker']}")
    if by in ("speaker", "gender") and row["gender"] is not None:
        chain.append(str(row["gender"]))
    return [*chain, WIDEST]


def fit(
    clips: ClipMeasurements | Iterable[Mapping[str, Any]],
    made: Sequence[Descriptor],
    method: Method,
    fitted_on: Mapping[str, Any],
    replies: Sequence[Descriptor] = (),
) -> dict[str, Any]:
    """Fit the edges on the clips given, which must be those of the training split.

    Args:
        clips: with ``speaker``, ``gender`` and the measurements; a null is left out here as it is when words are made.
        made: what to fit.
        method: how edges are set.
        fitted_on: what the scale says of its origin.
        replies: descriptors of the words that replies have, where they are not those of ``made``.

    Returns:
        The content of ``scale.json``.
    """
    known = (
        clips
        if isinstance(clips, ClipMeasurements)
        else ClipMeasurements.of(clips, [descriptor.measure for descriptor in made])
    )
    scale = {
        "schema": SCHEMA,
        "method": method.method,
        "by": method.by,
        "threshold": method.threshold if method.method == "zscore" else None,
        "smallest_group": method.smallest_group,
        "fitted_on": dict(fitted_on),
        "descriptors": {
            descriptor.name: {**descriptor.plain(), "groups": _groups(known, descriptor, method)} for descriptor in made
        },
    }
    if replies:
        scale["replies"] = {
            descriptor.name: {**descriptor.plain(), "groups": _groups(known, descriptor, method)}
            for descriptor in replies
        }
    return scale


def refitted(
    scale: Mapping[str, Any], clips: Iterable[Mapping[str, Any]], fitted_on: Mapping[str, Any]
) -> dict[str, Any]:
    """A scale of the same words by the same method, fitted on other clips."""
    made = [Descriptor.stored(name, content) for name, content in scale["descriptors"].items()]
    replies = [Descriptor.stored(name, content) for name, content in scale.get("replies", {}).items()]
    return fit(clips, made, Method.of(scale), fitted_on, replies)


def _groups(clips: ClipMeasurements, made: Descriptor, method: Method) -> dict[str, Any]:
    values = clips.values[made.measure]
    there = np.isfinite(values)
    if made.edges:
        # without any clip the edges themselves are the range
        measured = values[there] if there.any() else np.array(made.edges)
        return {ABSOLUTE: {**_described(measured), "count": int(there.sum()), "edges": list(made.edges)}}
    if made.log:
        there &= values > 0
    groups = {}
    for group, places in sorted(clips.groups(method.by).items()):
        measured = values[places][there[places]].astype(np.float64)
        if len(measured):
            groups[group] = _group(measured, made, method, group)
    return groups


def _described(measured: Any) -> dict[str, Any]:
    return {"count": len(measured), "range": [float(measured.min()), float(measured.max())]}


def _group(measured: Floats, made: Descriptor, method: Method, group: str) -> dict[str, Any]:
    described = _described(measured)
    smallest = method.smallest_group
    if len(measured) < smallest and group != WIDEST:
        return {**described, "edges": None, "note": f"fewer than {smallest} clips: the next wider group is used"}
    if len(measured) < smallest:
        described["note"] = f"only {len(measured)} clips to fit on"
    if described["range"][0] == described["range"][1]:
        described["note"] = "constant: every clip has the same value and is normal"
    return {**described, "edges": edges_of(measured, made.log, method, len(made.words))}


def edges_of(measured: Floats, log: bool, method: Method, levels: int = 3) -> list[float]:
    """The edges of some measurements, one fewer than levels.

    Args:
        measured: finite values, at least one, shape (n,).
        log: taken on their logarithm.
        method: how edges are set.
        levels: 3 or 5.
    """
    values = np.log(measured) if log else np.asarray(measured, dtype=np.float64)
    if method.method == "tertile":
        edges = np.quantile(values, [step / levels for step in range(1, levels)])
    else:
        half = method.threshold * values.std()
        edges = np.array([values.mean() + (2 * step - levels) * half for step in range(1, levels)])
    return [_snapped(math.exp(edge) if log else float(edge), measured) for edge in edges]


def place(value: float, edges: Sequence[float]) -> int:
    """Which of the words a value has, however far out; on an edge that which is nearer to the middle."""
    half = len(edges) // 2
    return sum(value >= edge for edge in edges[:half]) + sum(value > edge for edge in edges[half:])


def places(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """``place`` of many values, shape (n,), each by its own edges, shape (n, levels - 1)."""
    half = edges.shape[1] // 2
    above = (values[:, None] >= edges[:, :half]).sum(axis=1) + (values[:, None] > edges[:, half:]).sum(axis=1)
    return np.asarray(above)


def _snapped(edge: float, measured: Floats) -> float:
    """An edge that is a clip's own value but for rounding is that value, so that the clip lies on it."""
    closest = float(measured[int(np.abs(measured - edge).argmin())])
    return closest if math.isclose(closest, edge, rel_tol=1e-9) else edge
