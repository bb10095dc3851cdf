"""Distributions of a measurement: a curve per emotion and sex, a bar per speaker, the scale's edges on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from annotate.attributes import ABSOLUTE
from annotate.report import svg
from annotate.report.numbers import GROUPS, UNKNOWN, Numbers
from annotate.report.sample import Sample
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


def axis(measure: str, sample: Sample, scale: Mapping[str, Any]) -> Axis | None:
    """The axis of a measurement, from its 0.5 to its 99.5 %; None where nothing was measured."""
    values = measured(sample[measure]) if measure in sample else np.empty(0)
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


def constant(sample: Sample, measure: str) -> tuple[float, int, int] | None:
    """The value that nearly all clips have, and how many of how many have it; None where values differ.

    A distribution of such values is a single spike: it is told in words and not drawn.
    """
    values = measured(sample[measure])
    if not len(values):
        return None
    different, counts = np.unique(values, return_counts=True)
    value, count = float(different[counts.argmax()]), int(counts.max())
    return (value, count, len(values)) if count >= CONSTANT_FROM * len(values) and len(values) > 1 else None


def measured(values: NDArray[Any]) -> NDArray[Any]:
    """The values that are not NaN, shape (measured,)."""
    return np.asarray(values[~np.isnan(values)])


def quantiles(numbers: Numbers, measure: str, groups: Sequence[str]) -> list[dict[str, Any]]:
    """For each group with values: its keys, ``clips``, and the quantiles 5, 25, 50, 75, 95 %."""
    column = numbers.sample.measures.index(measure)
    return [
        {**dict(zip(groups, keys, strict=True)), "clips": int(counts[column]), "quantiles": values[:, column].tolist()}
        for keys, (counts, values) in numbers.sample.quantiles(QUANTILES, *groups).items()
        if counts[column]
    ]


def by_emotion(numbers: Numbers, shown: Axis, rows: Sequence[Mapping[str, Any]], name: str, title: str) -> Markup:
    """Curves of one measurement, a row per emotion, a lane per sex; ``rows`` are its ``quantiles`` by both."""
    emotions, sexes = numbers.emotions, numbers.sexes
    panel = _panel(14.4 * len(emotions) * max(len(sexes), 2), shown, (0.0, float(len(emotions))))
    floors = panel.down(np.arange(len(emotions)) + FLOOR).tolist()
    ends = [panel.left, panel.left + panel.width]
    panel.drawing.stroke(svg.joined(ends for _ in floors), svg.joined([y, y] for y in floors), svg.LINE, 0.5)
    height = 0.86 / max(len(sexes), 1)
    edges: list[tuple[float, float, float]] = []
    for lane, sex in enumerate(sexes):
        bases = np.arange(len(emotions)) + FLOOR - (len(sexes) - 1 - lane) * height
        groups = [_values(numbers, shown.measure, emotion, sex) for emotion in emotions]
        _lanes(panel, groups, shown, bases, height, sex)
        edges += [(edge, base - 0.98 * height, base) for edge in shown.edges_for(sex) or () for base in bases]
    _edges(panel, edges)
    panel.names([row + 0.55 for row in range(len(emotions))], [short(emotion) for emotion in emotions])
    return panel.drawing.markup(name, title, _medians(rows, shown))


def _values(numbers: Numbers, measure: str, emotion: str, sex: str) -> NDArray[Any]:
    """What was measured in the clips of an emotion and sex, shape (measured,)."""
    places = numbers.sample.places("emotion", "gender").get((emotion, sex))
    return np.empty(0) if places is None else measured(numbers.sample[measure][places]).astype(np.float64)


def _lanes(
    panel: svg.Panel, groups: Sequence[NDArray[Any]], shown: Axis, bases: NDArray[Any], height: float, sex: str
) -> None:
    """The values of one sex, a lane an emotion: a curve with its median, or a stroke for each where they are few."""
    draw = panel.drawing
    few = [(base, x) for values, base in zip(groups, bases, strict=True) if 0 < len(values) < FEWEST_FOR_CURVE
           for x in panel.across(values).tolist()]  # fmt: skip
    lanes = [(base, values) for values, base in zip(groups, bases, strict=True) if len(values) >= FEWEST_FOR_CURVE]
    if few:
        ends = [panel.down([base - 0.45 * height, base]) for base, _ in few]
        draw.stroke(svg.joined([x, x] for _, x in few), svg.joined(ends), sex, 1.2)
    if lanes:
        across = panel.left + panel.width * (np.arange(BINS) + 0.5) / BINS
        # from the lane's floor up, along the curve, down, and back to where it began
        outline = np.concatenate([across[:1], across, across[-1:], across[:1]])
        tops = [np.concatenate([[0], curve(_along(values, shown)), [0, 0]]) for _, values in lanes]
        shapes = [panel.down(base - 0.95 * height * top) for (base, _), top in zip(lanes, tops, strict=True)]
        draw.area(svg.joined([outline] * len(lanes)), svg.joined(shapes), sex, opacity=0.4, width=0.8)
        medians = panel.across([np.median(values) for _, values in lanes]).tolist()
        ends = [panel.down([base - 0.9 * height, base]) for base, _ in lanes]
        draw.stroke(svg.joined([x, x] for x in medians), svg.joined(ends), sex, 1.8)


def curve(along: NDArray[Any]) -> NDArray[Any]:
    """A smoothed histogram of values between 0 and 1, shape (BINS,), its peak at 1."""
    inside = along[(along >= 0) & (along <= 1)]
    counts = np.bincount(np.minimum((inside * BINS).astype(np.intp), BINS - 1), minlength=BINS).astype(np.float64)
    # narrower with more clips, as Scott's rule has it, but never below one bin
    width = max(1.0, 0.55 * BINS * float(np.std(np.clip(along, 0, 1))) * len(along) ** -0.2)
    reach = np.arange(-round(4 * width), round(4 * width) + 1)
    smooth = np.convolve(counts, np.exp(-0.5 * np.square(reach / width)))[len(reach) // 2 :][:BINS]
    return np.asarray(smooth / max(smooth.max(), 1e-12))


def _along(values: Any, shown: Axis) -> NDArray[Any]:
    """Where values lie along the axis: 0 at its beginning, 1 at its end."""
    low, high = (math.log(shown.low), math.log(shown.high)) if shown.log else (shown.low, shown.high)
    placed = np.log(np.maximum(values, 1e-9)) if shown.log else np.asarray(values, dtype="float64")
    return np.asarray((placed - low) / (high - low))


def _edges(panel: svg.Panel, edges: Sequence[tuple[float, float, float]]) -> None:
    """Edges of the scale, dashed: the value of each, and where it begins and ends on the vertical axis."""
    inside = [edge for edge in edges if panel.within(edge[0])]
    across = panel.across([value for value, _, _ in inside]).tolist()
    down = panel.down([ends for _, *ends in inside])
    panel.drawing.stroke(svg.joined([x, x] for x in across), svg.joined(down), svg.INK, 0.9, dash="1.8 1.35")


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
    edges = []
    for sex in numbers.sexes:
        mine = [(place, row["quantiles"]) for place, row in enumerate(chosen) if row["gender"] == sex]
        _bars(panel, mine, sex)
    for place, row in enumerate(chosen):
        for edge in shown.edges_for(f"speaker {row['speaker']}", str(row["gender"])) or ():
            edges.append((edge, place - 0.5, place + 0.5))
    _edges(panel, edges)
    panel.names(range(len(chosen)), [short(str(row["speaker"])) for row in chosen], size=8.0)
    return panel.drawing.markup(name, title, _medians(chosen, shown)), min(len(most), MOST_SPEAKERS)


def _bars(panel: svg.Panel, rows: Sequence[tuple[int, Sequence[float]]], sex: str) -> None:
    """Place and quantiles of some rows: a line from 5 to 95 %, a bar from 25 to 75 %, a tick at the median."""
    if not rows:
        return
    places = panel.down([place for place, _ in rows])
    across = panel.across([quantiles for _, quantiles in rows])
    level = svg.joined(np.stack([places, places], axis=1))
    panel.drawing.stroke(svg.joined(across[:, [0, 4]]), level, sex, 0.9)
    panel.drawing.stroke(svg.joined(across[:, [1, 3]]), level, sex, 4.2, opacity=0.6)
    ticks = panel.down([[place - 0.3, place + 0.3] for place, _ in rows])
    panel.drawing.stroke(svg.joined(across[:, [2, 2]]), svg.joined(ticks), svg.INK, 1.4)


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
