"""Drawings as SVG within the page: coloured by the page's own theme, named for screen readers.

A report has dozens of small drawings of bars and curves. Matplotlib took more than half of a whole run to lay them
out, so they are written as SVG directly.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from annotate.report.text import MINUS, visible

# variables of the page's style: one drawing serves light, dark and print
INK, MUTED, LINE = "ink", "muted", "line"
WIDTH = 270.0  # points: the width of a phone, so that text is as large there as it is anywhere
TEXT = 9.0
TICK = 2.5


class Drawing:
    """A drawing under construction; lengths in points, from the upper left corner."""

    def __init__(self, height: float) -> None:
        self.height = height
        self._elements: list[str] = []

    def stroke(
        self, xs: Any, ys: Any, colour: str, width: float, *, dash: str | None = None, opacity: float = 1.0
    ) -> None:
        """A line through points; a NaN interrupts it."""
        style = f"fill: none; stroke: var(--{colour}); stroke-width: {_number(width)}"
        style += f"; stroke-dasharray: {dash}" if dash else ""
        style += f"; stroke-opacity: {_number(opacity)}" if opacity < 1 else ""
        if path := _path(np.atleast_1d(xs), np.atleast_1d(ys)):
            self._elements.append(f'<path d="{path}" style="{style}"/>')

    def area(self, xs: Any, ys: Any, colour: str, *, opacity: float, width: float) -> None:
        """A closed shape, paler inside; a NaN begins a further one, which its last point has to close."""
        style = f"fill: var(--{colour}); fill-opacity: {_number(opacity)}; stroke: var(--{colour})"
        if path := _path(np.asarray(xs), np.asarray(ys)):
            self._elements.append(f'<path d="{path} Z" style="{style}; stroke-width: {_number(width)}"/>')

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "middle", colour: str = MUTED, size: float = TEXT,
        upright: bool = True,
    ) -> None:  # fmt: skip
        """A line of text whose middle is at the height y; not ``upright``: read from below."""
        turned = "" if upright else f' transform="rotate(-90 {_number(x)} {_number(y)})"'
        style = f"fill: var(--{colour}); font-size: {_number(size)}px; text-anchor: {anchor}"
        place = f'x="{_number(x)}" y="{_number(y + 0.35 * size)}"'
        self._elements.append(f'<text {place} style="{style}"{turned}>{escape(visible(text))}</text>')

    def image(self, x: float, y: float, width: float, height: float, png: bytes) -> None:
        """A picture, its pixels stretched to the rectangle without smoothing."""
        place = f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'
        data = base64.b64encode(png).decode("ascii")
        self._elements.append(
            f'<image {place} preserveAspectRatio="none" style="image-rendering: pixelated" '
            f'href="data:image/png;base64,{data}"/>'
        )

    def markup(self, name: str, title: str, about: str) -> Markup:
        """The drawing as one ``<svg role="img">``.

        Args:
            name: unique in the page.
            title: its accessible name.
            about: its description: what a listener needs in place of the picture.
        """
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_number(WIDTH)} {_number(self.height)}" '
            f'class="chart" role="img" aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
            f'<title id="{name}-title">{escape(visible(title))}</title>'
            f'<desc id="{name}-desc">{escape(visible(about))}</desc>'
        )
        return Markup(head + "".join(self._elements) + "</svg>")


@dataclass(frozen=True)
class Panel:
    """A rectangle of a drawing with a horizontal and a vertical axis.

    Attributes:
        drawing: where it is.
        left, top, width, height: its place, in points.
        x, y: values at the left and the right edge; at the upper and the lower edge.
        log: whether the horizontal axis is logarithmic.
    """

    drawing: Drawing
    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    log: bool = False

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def across(self, values: Any) -> NDArray[Any]:
        """Where values of the horizontal axis lie; those beyond its ends at the ends."""
        low, high = (math.log(self.x[0]), math.log(self.x[1])) if self.log else self.x
        placed = np.log(np.maximum(values, 1e-12)) if self.log else np.asarray(values, dtype="float64")
        return self.left + self.width * np.clip((placed - low) / (high - low), 0.0, 1.0)

    def down(self, values: Any) -> NDArray[Any]:
        """Where values of the vertical axis lie; those beyond its ends at the ends."""
        first, last = self.y
        return self.top + self.height * np.clip((np.asarray(values, dtype="float64") - first) / (last - first), 0, 1)

    def within(self, value: float) -> bool:
        """Whether a value lies on the horizontal axis."""
        return self.x[0] <= value <= self.x[1]

    def x_axis(self, ticks: Sequence[float], title: str | None) -> None:
        """The lower edge with its ticks; without a title no numbers beside them."""
        draw, base = self.drawing, self.bottom
        draw.stroke([self.left, self.left + self.width], [base, base], LINE, 0.6)
        places = self.across(ticks).tolist()
        draw.stroke(joined([x, x] for x in places), joined([base, base + TICK] for _ in places), MUTED, 0.6)
        for x, label in zip(places, tick_labels(ticks) if title is not None else (), strict=title is not None):
            draw.text(x, base + TICK + 7, label)
        if title:
            draw.text(self.left + self.width / 2, base + TICK + 18, title)

    def y_axis(self, ticks: Sequence[float], title: str) -> None:
        """The left edge with its ticks and their numbers, and the title beside it."""
        draw = self.drawing
        draw.stroke([self.left, self.left], [self.top, self.bottom], LINE, 0.6)
        places = self.down(ticks).tolist()
        draw.stroke(joined([self.left - TICK, self.left] for _ in places), joined([y, y] for y in places), MUTED, 0.6)
        for y, label in zip(places, tick_labels(ticks), strict=True):
            draw.text(self.left - TICK - 3, y, label, anchor="end", colour=INK)
        draw.text(7, self.top + self.height / 2, title, upright=False)

    def names(self, places: Sequence[float], names: Sequence[str], size: float = TEXT) -> None:
        """Names of rows, left of the panel."""
        for y, name in zip(self.down(places).tolist(), names, strict=True):
            self.drawing.text(self.left - 3.5, y, name, anchor="end", colour=INK, size=size)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most`` steps apart: 1, 2, 2.5 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Numbers with as many decimals as tell them apart, the same for all."""
    for digits in range(7):
        labels = [f"{value:.{digits}f}" for value in values]
        if all(math.isclose(float(label), value, abs_tol=1e-9) for label, value in zip(labels, values, strict=True)):
            break
    return [label.replace("-", MINUS) for label in labels] if values else []


def _number(value: float) -> str:
    """A length as SVG writes it, to a hundredth of a point."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _path(xs: NDArray[Any], ys: NDArray[Any]) -> str:
    """Points as the data of a path, to a hundredth of a point; a NaN lifts the pen."""
    there = ~(np.isnan(xs) | np.isnan(ys))
    points = np.round(np.stack([xs[there], ys[there]], axis=1), 2) + 0.0  # no "-0"
    down = np.concatenate([[False], there[:-1]])[there]
    # all numbers in one go: a curve has a hundred, and a page hundreds of curves
    return " ".join(["L%g %g" if on else "M%g %g" for on in down.tolist()]) % tuple(points.ravel().tolist())


def joined(lines: Iterable[Iterable[float]]) -> NDArray[np.float64]:
    """The coordinates of several lines as those of one path, in which a NaN after each lifts the pen."""
    return np.array([value for line in lines for value in (*line, math.nan)], np.float64)
