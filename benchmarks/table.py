"""The one form of every benchmark's result: what, reached, reach, held; how many hold; JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One figure.

    Attributes:
        what: what was measured, on what.
        reached: the figure; None where it could not be measured (``note`` says why): it counts as missed.
        reach: what it is to reach; None where it is only reported.
        at_most: whether less is better.
        unit: of both figures.
        note: sizes, limits, why there is no figure.
        nested: the same figure with every setting and coefficient taken from speakers and corpora that are not
            scored; None where there is no such figure. Where there is one, it is what is judged and shown to users.
    """

    what: str
    reached: float | None
    reach: float | None = None
    at_most: bool = False
    unit: str = ""
    note: str = ""
    nested: float | None = field(default=None, kw_only=True)

    @property
    def shown(self) -> float | None:
        """The figure that is judged and that users are shown."""
        return self.reached if self.nested is None else self.nested

    @property
    def held(self) -> bool | None:
        """Whether the reach holds; None where there is none."""
        if self.reach is None:
            return None
        if self.shown is None:
            return False
        return self.shown <= self.reach if self.at_most else self.shown >= self.reach


def show(lines: Sequence[Line], json_file: Path | None = None) -> int:
    """Print the table, write it as JSON where asked; the exit code: 1 where a reach is missed.

    Where a line has a nested figure, both are printed, and which of the two is shown to users.
    """
    width = max((len(line.what) for line in lines), default=0)
    two = any(line.nested is not None for line in lines)
    heads = f"{'in-sample':>12}  {'nested':>12}  shown  " if two else f"{'reached':>12}"
    print(f"{'what':<{width}}  {heads}  {'reach':>12}  held")
    for line in lines:
        held = {True: "yes", False: "NO", None: "-"}[line.held]
        note = f"   {line.note}" if line.note else ""
        which = "in-sample" if line.nested is None else "nested"
        nested = f"{_figure(line.nested, line.unit):>12}  {which:<7}  " if two else ""
        print(
            f"{line.what:<{width}}  {_figure(line.reached, line.unit):>12}  {nested}{_reach(line):>12}  {held:<4}{note}"
        )
    judged = [line.held for line in lines if line.held is not None]
    if json_file is not None:
        content = [{**line.__dict__, "shown": line.shown, "held": line.held} for line in lines]
        json_file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{sum(judged)} of {len(judged)} reaches hold")
    return int(not all(judged))


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "none"
    if abs(value) >= 100 or (value == int(value) and abs(value) >= 10):
        return f"{value:.0f} {unit}".rstrip()
    return f"{value:.3g} {unit}".rstrip()


def _reach(line: Line) -> str:
    return "" if line.reach is None else f"{'<=' if line.at_most else '>='} {_figure(line.reach, line.unit)}"
