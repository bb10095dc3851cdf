"""The paper's table: a row a content or a baseline, in Markdown, LaTeX, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from annotate.semollm.evaluation.published_results import COLUMNS, TABLE_II

Form = Literal["md", "latex", "csv", "json"]
HEAD = ("who", "content", "LoRA", *COLUMNS, "F1", "ECE", "faithful", "unnamed", "clips")


@dataclass(frozen=True)
class Line:
    """A row, in per cent; ``spread`` is the standard deviation over folds, None where there is one set.

    Attributes:
        who: ours, the paper, or a baseline.
        content: of the replies; empty for a baseline.
        lora: whether adapters were trained; None where it makes no sense.
        values: column -> its mean.
        spread: column -> its deviation over folds.
        intervals: column -> 95 % by bootstrap over speakers.
        clips: how many were judged; 0 for the paper's.
    """

    who: str
    content: str
    lora: bool | None
    values: Mapping[str, float]
    spread: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    clips: int


def published(corpus: str, contents: Sequence[str]) -> list[Line]:
    """The paper's rows for a corpus: of the contents given, and its average."""
    lines = []
    for content, sides in TABLE_II.get(corpus, {}).items():
        if content in contents or content == "average":
            for lora, cells in zip((False, True), sides, strict=True):
                values = {name: value for name, value in zip(COLUMNS, cells, strict=True) if value is not None}
                lines.append(Line("paper", content, lora, values, {}, {}, 0))
    return lines


def rendered(lines: Sequence[Line], form: Form, notes: Sequence[str] = ()) -> str:
    """The table in one of four forms; ``notes`` follow it, except in CSV."""
    if form == "json":
        return json.dumps({"rows": [_plain(line) for line in lines], "notes": list(notes)}, indent=2)
    rows = [_cells(line, form) for line in lines]
    if form == "csv":
        held = io.StringIO()
        csv.writer(held, lineterminator="\n").writerows([HEAD, *rows])
        return held.getvalue().rstrip("\n")
    shown = [at for at, name in enumerate(HEAD) if at < 2 or any(row[at] for row in rows)]
    table = [[row[at] for at in shown] for row in (HEAD, *rows)]
    if form == "latex":
        return "\n".join([*_latex(table), *(f"% {note}" for note in notes)])
    markdown = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([markdown[0], "|" + "---|" * len(shown), *markdown[1:], *(f"\n{note}" for note in notes)])


def _latex(table: Sequence[Sequence[str]]) -> list[str]:
    rows = [" & ".join(_escaped(cell) for cell in row) + r" \\" for row in table]
    columns = "ll" + "r" * (len(table[0]) - 2)
    return [rf"\begin{{tabular}}{{{columns}}}", r"\hline", rows[0], r"\hline", *rows[1:], r"\hline", r"\end{tabular}"]


def _escaped(cell: str) -> str:
    return cell.replace("%", r"\%").replace("_", r"\_").replace("±", r"$\pm$").replace("&", r"\&")


def _cells(line: Line, form: Form) -> list[str]:
    lora = "" if line.lora is None else "yes" if line.lora else "no"
    named = [*COLUMNS, "F1", "ECE", "faithful", "unnamed"]
    return [line.who, line.content, lora, *(_cell(line, name, form) for name in named), str(line.clips or "")]


def _cell(line: Line, name: str, form: Form) -> str:
    if name not in line.values:
        return ""
    if form == "csv":
        return f"{line.values[name]:.2f}"
    text = f"{line.values[name]:.2f}" if not line.clips else f"{line.values[name]:.1f}"
    if name in line.spread:
        text += f" ± {line.spread[name]:.1f}"
    if name in line.intervals:
        low, high = line.intervals[name]
        text += f" ({low:.1f}-{high:.1f})"
    return text


def _plain(line: Line) -> dict[str, Any]:
    return {
        "who": line.who,
        "content": line.content,
        "lora": line.lora,
        "values": dict(line.values),
        "spread": dict(line.spread),
        "intervals": {name: list(pair) for name, pair in line.intervals.items()},
        "clips": line.clips,
    }
