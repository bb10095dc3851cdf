"""Confusion matrices and reliability, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from annotate.semollm.evaluation.metrics import NONE, Figures
from annotate.store import files


def confusion(figures: Figures, labels: Sequence[str], title: str, path: Path) -> None:
    """True emotions down, named ones across, as shares of each row, to a PNG."""
    import numpy as np
    from matplotlib.figure import Figure

    rows = [label for label in labels if label in figures.confusion]
    columns = [*labels, *([NONE] if any(NONE in named for named in figures.confusion.values()) else [])]
    counts = np.array([[figures.confusion[true].get(named, 0) for named in columns] for true in rows], float)
    shares = counts / counts.sum(1, keepdims=True).clip(min=1)
    figure = Figure(figsize=(1.2 + 0.8 * len(columns), 1.4 + 0.6 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, line in enumerate(shares):
        for column, share in enumerate(line):
            if counts[row, column]:
                colour = "white" if share > 0.5 else "black"
                axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)
    axes.set_xticks(range(len(columns)), columns, rotation=40, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="named", ylabel="true", title=f"{title}: per cent of the true emotion's clips")
    files.write(path, lambda temporary: figure.savefig(temporary, format="png", dpi=120))


def reliability(figures: Figures, title: str, path: Path) -> None:
    """The chance given to the likeliest emotion against the share that is right, to a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", lw=1)
    most = max((count for *_, count in figures.reliability), default=1)
    for chance, right, count in figures.reliability:
        axes.scatter([chance], [right], s=20 + 200 * count / most, color="C0")
    axes.set(xlabel="chance given", ylabel="share right", xlim=(0, 1), ylim=(0, 1), title=title)
    files.write(path, lambda temporary: figure.savefig(temporary, format="png", dpi=120))
