"""Distributions of a measurement: a curve per emotion and sex, a bar per speaker, the scale's edges on them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from annotate.attributes import ABSOLUTE
from annotate.report import svg
from annotate.report.numbers import GROUPS, UNKNOWN, Numbers
from annotate.report.text import figure, natural, short, unit, visible

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_SPEAKERS = 30
BINS = 96
CONSTANT_FROM = 0.8  # of the clips have the same value
# fewer values than this are drawn one by one: a curve would promise more than is known
FEWEST_FOR_CURVE = 8
TOP, BELOW = 4.0, 27.0  # points above the panel, and below it for the axis of values
FLOOR = 0.93  # of a row's height: where its lowest lane stands


@dataclass(frozen=True)
class Axis:
    """What a chart's horizontal axis shows.

    Attributes:
        measure: the column.
        edges: the scale's edges by group (``female``, ``corpus``, ``speaker 03``); empty where the
            measurement makes no words.
        log: whether the axis is logarithmic.
        low, high: its ends, in the measurement's unit.
    """

    measure: str
    edges: Mapping[str, tuple[float, ...]]
    log: bool
    low: float
    high: float

    def edges_for(self, *groups: str) -> tuple[float, ...] | None:
        """The edges of the first of these groups that has any, at last the whole corpus's or the absolute ones."""
        return next((self.edges[group] for group in (*groups, "corpus", ABSOLUTE) if group in self.edges), None)

    def drawn(self, sexes: Sequence[str]) -> list[tuple[str, tuple[float, ...]]]:
        """The edges that a chart by sex shows, each once, with the group that they were fitted on."""
        used = {sex if sex in self.edges else "corpus" for sex in sexes} | {ABSOLUTE}
        return [(group, edges) for group, edges in self.edges.items() if group in used]


def axis(measure: str, sample: pd.DataFrame, scale: Mapping[str, Any]) -> Axis | None:
    """The axis of a measurement, from its 0.5 to its 99.5 %; None where nothing was measured."""
    values = sample[measure].dropna().to_numpy() if measure in sample else np.empty(0)
    if not len(values):
        return None
    made = next((descriptor for descriptor in scale["descriptors"].values() if descriptor["measure"] == measure), None)
    groups = made["groups"] if made else {}
    edges = {name: tuple(map(float, group["edges"])) for name, group in groups.items() if group["edges"]}
    low, high = (float(end) for end in np.quantile(values, [0.005, 0.995]))
    wide = [edge for name, pair in edges.items() if not name.startswith("speaker ") for edge in pair]
    low, high = min([low, *wide]), max([high, *wide])
    log = bool(made and made["log"]) and low > 0
    room = 0.03 * (high - low) or 0.1 * abs(high) or 0.5
    return Axis(measure, edges, log, low / 1.03 if log else low - room, high * 1.03 if log else high + room)


def constant(sample: pd.DataFrame, measure: str) -> tuple[float, int, int] | None:
    """The value that nearly all clips have, and how many of how many have it; None where values differ.

    A distribution of such values is a single spike: it is told in words and not drawn.
    """
    values = sample[measure].dropna()
    if not len(values):
        return None
    counts = values.value_counts()
    value, count = float(counts.index[0]), int(counts.iloc[0])
    return (value, count, len(values)) if count >= CONSTANT_FROM * len(values) and len(values) > 1 else None


def quantiles(numbers: Numbers, measure: str, groups: Sequence[str]) -> list[dict[str, Any]]:
    """For each group with values: its keys, ``clips``, and the quantiles 5, 25, 50, 75, 95 %."""
    rows = []
    for keys, places in numbers.rows_by_group(*groups).items():
        there = numbers.values(measure, places)
        if len(there):
            at_quantiles = [float(value) for value in np.quantile(there, QUANTILES)]
            rows.append({**dict(zip(groups, keys, strict=True)), "clips": len(there), "quantiles": at_quantiles})
    return rows


def by_emotion(numbers: Numbers, shown: Axis, rows: Sequence[Mapping[str, Any]], name: str, title: str) -> Markup:
    """Curves of one measurement, a row per emotion, a lane per sex; ``rows`` are its ``quantiles`` by both."""
    emotions, sexes = numbers.emotions, numbers.sexes
    panel = _panel(14.4 * len(emotions) * max(len(sexes), 2), shown, (0.0, float(len(emotions))))
    lanes = _lanes(numbers, shown)
    height = 0.86 / max(len(sexes), 1)
    for row, emotion in enumerate(emotions):
        floor = panel.down(row + FLOOR)
        panel.drawing.stroke([panel.left, panel.left + panel.width], [floor, floor], svg.LINE, 0.5)
        for lane, sex in enumerate(sexes):
            base = row + FLOOR - (len(sexes) - 1 - lane) * height
            _lane(panel, *lanes[emotion, sex], base, height, sex)
            _edges(panel, shown.edges_for(sex) or (), base - 0.98 * height, base)
    panel.names([row + 0.55 for row in range(len(emotions))], [short(emotion) for emotion in emotions])
    return panel.drawing.markup(name, title, _medians(rows, shown))


def _lanes(numbers: Numbers, shown: Axis) -> dict[tuple[str, str], tuple[NDArray[Any], NDArray[Any]]]:
    """Emotion and sex -> the values, and their curve."""
    groups = numbers.rows_by_group("emotion", "gender")
    lanes = {}
    for key in itertools.product(numbers.emotions, numbers.sexes):
        values = numbers.values(shown.measure, groups[key]).astype("float64") if key in groups else np.empty(0)
        lanes[key] = values, _curve(values, shown)
    return lanes


def _curve(values: NDArray[Any], shown: Axis) -> NDArray[Any]:
    """A smoothed histogram over the axis, shape (BINS,), its peak at 1; all 0 where there are too few values."""
    from scipy.ndimage import gaussian_filter1d

    if len(values) < FEWEST_FOR_CURVE:
        return np.zeros(BINS)
    counts, _ = np.histogram(_along(values, shown), BINS, (0.0, 1.0))
    # narrower with more clips, as Scott's rule has it, but never below one bin
    width = max(1.0, 0.55 * BINS * float(np.std(np.clip(_along(values, shown), 0, 1))) * len(values) ** -0.2)
    smooth = np.asarray(gaussian_filter1d(counts.astype("float64"), width, mode="constant"))
    return np.asarray(smooth / max(smooth.max(), 1e-12))


def _along(values: Any, shown: Axis) -> NDArray[Any]:
    """Where values lie along the axis: 0 at its beginning, 1 at its end."""
    low, high = (math.log(shown.low), math.log(shown.high)) if shown.log else (shown.low, shown.high)
    placed = np.log(np.maximum(values, 1e-9)) if shown.log else np.asarray(values, dtype="float64")
    return np.asarray((placed - low) / (high - low))


def _lane(panel: svg.Panel, values: NDArray[Any], curve: NDArray[Any], base: float, height: float, sex: str) -> None:
    """The values of one emotion and sex: a curve with its median, or a stroke for each where they are few."""
    draw = panel.drawing
    if len(values) and not curve.any():
        ends = panel.down([base - 0.45 * height, base])
        for x in panel.across(values):
            draw.stroke([x, x], ends, sex, 1.2)
    elif len(values):
        across = panel.left + panel.width * (np.arange(BINS) + 0.5) / BINS
        top, floor = panel.down(base - 0.95 * curve * height), float(panel.down(base))
        outline = np.concatenate([[across[0]], across, [across[-1]]]), np.concatenate([[floor], top, [floor]])
        draw.area(*outline, sex, opacity=0.4, width=0.8)
        median = float(panel.across(np.median(values)))
        draw.stroke([median, median], panel.down([base - 0.9 * height, base]), sex, 1.8)


def _edges(panel: svg.Panel, edges: Sequence[float], begin: float, end: float) -> None:
    """The scale's edges, dashed, from ``begin`` to ``end`` of the vertical axis."""
    for edge in edges:
        if panel.within(edge):
            x = float(panel.across(edge))
            panel.drawing.stroke([x, x], panel.down([begin, end]), svg.INK, 0.9, dash="1.8 1.35")


def by_speaker(numbers: Numbers, shown: Axis, name: str, title: str) -> tuple[Markup, int] | None:
    """Bars of one measurement by speaker, and how many speakers are shown; None with fewer than two speakers."""
    clips = numbers.by("speaker")
    most = sorted((key[0] for key in clips if key[0] != UNKNOWN), key=lambda speaker: -clips[(speaker,)])
    drawn = set(most[:MOST_SPEAKERS])
    chosen = [row for row in quantiles(numbers, shown.measure, ["speaker", "gender"]) if row["speaker"] in drawn]
    if len({row["speaker"] for row in chosen}) < 2:
        return None
    chosen.sort(key=lambda row: (numbers.sexes.index(row["gender"]), natural(str(row["speaker"]))))
    panel = _panel(11.16 * len(chosen), shown, (-0.6, len(chosen) - 0.4))
    for place, row in enumerate(chosen):
        low, first, middle, third, high = panel.across(row["quantiles"])
        y, sex = float(panel.down(place)), str(row["gender"])
        panel.drawing.stroke([low, high], [y, y], sex, 0.9)
        panel.drawing.stroke([first, third], [y, y], sex, 4.2, opacity=0.6)
        panel.drawing.stroke([middle, middle], panel.down([place - 0.3, place + 0.3]), svg.INK, 1.4)
        _edges(panel, shown.edges_for(f"speaker {row['speaker']}", sex) or (), place - 0.5, place + 0.5)
    panel.names(range(len(chosen)), [short(str(row["speaker"])) for row in chosen], size=8.0)
    return panel.drawing.markup(name, title, _medians(chosen, shown)), min(len(most), MOST_SPEAKERS)


def _panel(height: float, shown: Axis, rows: tuple[float, float]) -> svg.Panel:
    """A drawing with one panel of this height in points, its axis of values below it."""
    drawing = svg.Drawing(TOP + height + BELOW)
    panel = svg.Panel(
        drawing, 0.235 * svg.WIDTH, TOP, 0.725 * svg.WIDTH, height, (shown.low, shown.high), rows, shown.log
    )
    marks = _log_ticks(shown.low, shown.high) if shown.log else svg.ticks(shown.low, shown.high)
    panel.x_axis(marks, unit(shown.measure) or "ratio")
    return panel


def _log_ticks(low: float, high: float) -> list[float]:
    """Round numbers, few enough to stand beside each other."""
    steps = [m * 10.0**e for e in range(-3, 6) for m in (1, 1.5, 2, 3, 4, 5, 7)]
    inside = [step for step in steps if low <= step <= high]
    return inside if len(inside) <= 6 else inside[:: math.ceil(len(inside) / 6)]


def _medians(rows: Sequence[Mapping[str, Any]], shown: Axis) -> str:
    """The medians in words, for those who do not see the picture; the table beside it has the rest."""
    names = [", ".join(visible(row[name]) for name in GROUPS if name in row) for row in rows]
    medians = [f"{name}: {figure(row['quantiles'][2])}" for name, row in zip(names, rows, strict=True)]
    return f"Medians in {unit(shown.measure) or 'ratio'}. {'; '.join(medians)}."
