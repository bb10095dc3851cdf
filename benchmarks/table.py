"""The table that every bench prints: what was measured, what was reached, the reach, whether it is held."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One line of a table.

    Attributes:
        what: what was measured, on what.
        reached: the figure; None where it could not be measured, and ``data`` says why.
        unit: of the figure and of the reach.
        reach: what it should be; None for a figure that is only reported.
        at_least: whether the reach is the least or the most that is wanted.
        data: how many clips, and what was fitted on what.
        tells: the columns of a row that the figure is the error of, for ``known_errors.json``.
        estimator: ``slot: name`` of the estimator that fills them.
        digits: after the point.
    """

    what: str
    reached: float | None
    unit: str = ""
    reach: float | None = None
    at_least: bool = False
    data: str = ""
    tells: tuple[str, ...] = ()
    estimator: str = ""
    digits: int = 2

    @property
    def held(self) -> bool | None:
        """None where there is no reach; a figure with a reach that could not be measured is not held."""
        if self.reach is None:
            return None
        if self.reached is None:
            return False
        return self.reached >= self.reach if self.at_least else self.reached <= self.reach

    def cells(self) -> tuple[str, str, str, str, str]:
        """The line as text."""
        unit = f" {self.unit}" if self.unit else ""
        reached = "not measured" if self.reached is None else f"{self.reached:.{self.digits}f}{unit}"
        reach = "" if self.reach is None else f"{'>=' if self.at_least else '<='} {self.reach:g}{unit}"
        return self.what, reached, reach, {None: "", True: "held", False: "MISSED"}[self.held], self.data


HEAD = ("what", "reached", "reach", "held", "data")


def show(lines: Sequence[Line]) -> int:
    """Print the table, and on its last line how many reaches hold.

    Returns:
        1 where one is missed, else 0: the exit status of a bench.
    """
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip())
    wanted = [line for line in lines if line.reach is not None]
    held = sum(bool(line.held) for line in wanted)
    print(f"{held} of {len(wanted)} reaches hold")
    return int(held < len(wanted))


def write(path: Path, lines: Sequence[Line], **facts: object) -> None:
    """The table as JSON: ``lines`` with the attributes of ``Line`` and ``held``, beside the facts given."""
    content = {**facts, "lines": [{**asdict(line), "held": line.held} for line in lines]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
