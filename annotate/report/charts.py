"""Distributions of a measurement: a curve per emotion and sex, a bar per speaker, the scale's edges on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from annotate.attributes import ABSOLUTE
from annotate.report import svg
from annotate.report.numbers import GROUPS, UNKNOWN, Numbers
from annotate.report.text import figure, natural, short, unit, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_SPEAKERS = 30
BINS = 96
CONSTANT_FROM = 0.8  # of the clips have the same value
# fewer values than this are drawn one by one: a curve would promise more than is known
FEWEST_FOR_CURVE = 8


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
    made = next((one for one in scale["descriptors"].values() if one["measure"] == measure), None)
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


def quantiles(sample: pd.DataFrame, measure: str, groups: Sequence[str]) -> list[dict[str, Any]]:
    """For each group with values: its keys, ``clips``, and the quantiles 5, 25, 50, 75, 95 %."""
    rows = []
    for keys, values in sample.groupby(list(groups), observed=True)[measure]:
        there = values.dropna().to_numpy()
        if len(there):
            found = [float(value) for value in np.quantile(there, QUANTILES)]
            rows.append({**dict(zip(groups, keys, strict=True)), "clips": len(there), "quantiles": found})
    return rows


def by_emotion(numbers: Numbers, shown: Axis, rows: Sequence[Mapping[str, Any]], name: str, title: str) -> Markup:
    """Curves of one measurement, a row per emotion, a lane per sex; ``rows`` are its ``quantiles`` by both."""
    emotions, sexes = numbers.emotions, numbers.sexes
    with svg.styled():
        drawing, axes = _drawing(0.5 + 0.2 * len(emotions) * max(len(sexes), 2), shown)
        lanes = _lanes(numbers, shown)
        height, edges = 0.86 / max(len(sexes), 1), []
        for row, emotion in enumerate(emotions):
            for lane, sex in enumerate(sexes):
                base = row + 0.93 - (len(sexes) - 1 - lane) * height
                _lane(axes, shown, *lanes[emotion, sex], base, height, sex)
                if pair := shown.edges_for(sex):
                    edges.append((pair, base - 0.98 * height, base))
        axes.hlines(
            [row + 0.93 for row in range(len(emotions))],
            0,
            1,
            transform=axes.get_yaxis_transform(),
            color=svg.LINE,
            linewidth=0.5,
            zorder=0,
        )
        _edges(axes, edges)
        axes.set_ylim(len(emotions), 0)
        axes.set_yticks([row + 0.55 for row in range(len(emotions))], [short(emotion) for emotion in emotions])
        return svg.inline(drawing, name, title, _told(rows, shown))


def _lanes(numbers: Numbers, shown: Axis) -> dict[tuple[str, str], tuple[NDArray[Any], NDArray[Any]]]:
    frame = numbers.sample
    found = {}
    for emotion in numbers.emotions:
        for sex in numbers.sexes:
            values = frame.loc[(frame["emotion"] == emotion) & (frame["gender"] == sex), shown.measure]
            there = values.dropna().to_numpy(dtype="float64")
            found[emotion, sex] = there, _curve(there, shown)
    return found


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


def _grid(shown: Axis) -> NDArray[Any]:
    middles = (np.arange(BINS) + 0.5) / BINS
    if shown.log:
        return np.asarray(shown.low * (shown.high / shown.low) ** middles)
    return np.asarray(shown.low + (shown.high - shown.low) * middles)


def _lane(
    axes: Axes, shown: Axis, values: NDArray[Any], curve: NDArray[Any], base: float, height: float, sex: str
) -> None:
    colour = svg.SEX[sex]
    if len(values) and not curve.any():
        axes.plot(
            values, np.full(len(values), base - 0.2 * height), "|", color=colour, markersize=7, markeredgewidth=1.2
        )
    elif len(values):
        top = base - 0.95 * curve * height
        axes.fill_between(_grid(shown), base, top, facecolor=(colour, 0.4), edgecolor=colour, linewidth=0.8)
        axes.vlines(np.median(values), base - 0.9 * height, base, color=colour, linewidth=1.8)


def _edges(axes: Axes, lines: Sequence[tuple[tuple[float, ...], float, float]]) -> None:
    """The scale's edges, dashed: values, each with the ends of its line."""
    values = [value for edges, _, _ in lines for value in edges]
    begins = [begin for edges, begin, _ in lines for _ in edges]
    ends = [end for edges, _, end in lines for _ in edges]
    if values:
        axes.vlines(values, begins, ends, color=svg.INK, linewidth=0.9, linestyles=(0, (2, 1.5)))


def by_speaker(numbers: Numbers, shown: Axis, name: str, title: str) -> tuple[Markup, int] | None:
    """Bars of one measurement by speaker, and how many speakers are shown; None with fewer than two speakers."""
    clips = numbers.by("speaker")
    most = sorted((key[0] for key in clips if key[0] != UNKNOWN), key=lambda speaker: -clips[(speaker,)])
    mine = numbers.sample[numbers.sample["speaker"].isin(most[:MOST_SPEAKERS])]
    chosen = quantiles(mine, shown.measure, ["speaker", "gender"])
    if len({row["speaker"] for row in chosen}) < 2:
        return None
    chosen.sort(key=lambda row: (numbers.sexes.index(row["gender"]), natural(str(row["speaker"]))))
    with svg.styled():
        drawing, axes = _drawing(0.5 + 0.155 * len(chosen), shown)
        places = np.arange(len(chosen))
        colours = [svg.SEX[row["gender"]] for row in chosen]
        low, first, middle, third, high = np.array([row["quantiles"] for row in chosen]).T
        axes.hlines(places, low, high, colors=colours, linewidth=0.9)
        axes.hlines(places, first, third, colors=colours, linewidth=4.2, alpha=0.6, capstyle="butt")
        axes.vlines(middle, places - 0.3, places + 0.3, colors=svg.INK, linewidth=1.4)
        edges = [shown.edges_for(f"speaker {row['speaker']}", str(row["gender"])) for row in chosen]
        _edges(axes, [(pair, place - 0.5, place + 0.5) for place, pair in enumerate(edges) if pair])
        axes.set_ylim(len(chosen) - 0.4, -0.6)
        axes.set_yticks(range(len(chosen)), [short(str(row["speaker"])) for row in chosen], fontsize=8)
        return svg.inline(drawing, name, title, _told(chosen, shown)), min(len(most), MOST_SPEAKERS)


def _drawing(height: float, shown: Axis) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator, ScalarFormatter

    drawing = Figure(figsize=(svg.WIDTH_IN, height))
    bottom = 0.38 / height
    axes = drawing.add_axes((0.235, bottom, 0.725, 1 - bottom - 0.06 / height))
    if shown.log:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xticks(_log_ticks(shown.low, shown.high))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlim(shown.low, shown.high)
    axes.set_xlabel(unit(shown.measure) or "ratio", labelpad=2)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", length=2.5)
    axes.spines["left"].set_visible(False)
    return drawing, axes


def _log_ticks(low: float, high: float) -> list[float]:
    """Round numbers, few enough to stand beside each other."""
    steps = [m * 10.0**e for e in range(-3, 6) for m in (1, 1.5, 2, 3, 4, 5, 7)]
    inside = [step for step in steps if low <= step <= high]
    return inside if len(inside) <= 6 else inside[:: math.ceil(len(inside) / 6)]


def _told(rows: Sequence[Mapping[str, Any]], shown: Axis) -> str:
    """The medians in words, for those who do not see the picture; the table beside it has the rest."""
    names = [", ".join(visible(row[name]) for name in GROUPS if name in row) for row in rows]
    said = [f"{name}: {figure(row['quantiles'][2])}" for name, row in zip(names, rows, strict=True)]
    return f"Medians in {unit(shown.measure) or 'ratio'}. {'; '.join(said)}."
