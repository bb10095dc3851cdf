"""A line of the accuracy table: a figure, and of which columns of a row it is the error."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import table


@dataclass(frozen=True)
class Line(table.Line):
    """One figure.

    Attributes:
        tells: the columns of a row that the figure is the error of, for ``known_errors.json``.
        estimator: ``slot: name`` of the estimator that fills them.
    """

    tells: tuple[str, ...] = ()
    estimator: str = ""
