"""What a change recomputes: exactly what follows from it; and what a dry run says of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults import runs
from benchmarks.table import Line


@dataclass(frozen=True)
class Change:
    """A change of a finished run, and what it may compute.

    Attributes:
        what: the change.
        overrides: settings that differ.
        parts: what is computed and nothing else; the data set follows wherever a row differs.
        said: a word that the dry run must say.
        listened: whether recordings are decoded for it.
        workers, moved, environment: how it differs where no setting does.
    """

    what: str
    parts: frozenset[str]
    said: str
    overrides: tuple[str, ...] = ()
    listened: bool = False
    workers: int = 2
    moved: bool = False
    upgrade: str = ""


NOTHING: frozenset[str] = frozenset()
WORDED = frozenset({"words", "own", "replies", "captions"})
CHANGES = (
    Change("--workers changed", NOTHING, "done", workers=1),
    Change("folder moved", NOTHING, "done", moved=True),
    Change("other captions", frozenset({"captions"}), "changed: style", ("captions.style=description",)),
    Change(
        "another scale", WORDED, "changed: scale", ("descriptors.method=zscore",)
    ),
    Change("a feature upgraded to the same values", frozenset({"energy"}), "version", listened=True, upgrade="energy"),
    Change(
        "another estimator of pitch", WORDED | {"pitch"}, "changed: estimator",
        ("features.pitch=none",), listened=True,
    ),
    Change("other replies", frozenset({"replies"}), "changed: contents", ("replies.contents=[E]",)),
    Change("recordings left out", NOTHING, "from other settings", ("dataset.audio=none",)),
)  # fmt: skip


def lines(work: Path, arguments: Sequence[str], unbroken: Path) -> list[Line]:
    """A line of the table for each change."""
    return [_line(work / f"change-{number}", arguments, unbroken, one) for number, one in enumerate(CHANGES)]


def _line(output: Path, arguments: Sequence[str], unbroken: Path, change: Change) -> Line:
    log = output.with_suffix(".log")
    shutil.copytree(unbroken, output)
    if change.moved:
        output = output.rename(output.with_name(f"{output.name}-moved"))
    environment = {"FAULTS_LOG": log, **({"FAULTS_UPGRADE": change.upgrade} if change.upgrade else {})}
    how = {"environment": environment, "workers": change.workers}
    plan = runs.run(output, *arguments, *change.overrides, "--dry-run", **how)
    before = _marks(output)
    done = runs.run(output, *arguments, *change.overrides, **how)
    computed = {part for part, mark in _marks(output).items() if mark != before.get(part)}
    listened = bool(runs.decoded(log))
    right = done.returncode == 0 and computed == set(change.parts) and listened <= change.listened
    told = plan.returncode == 0 and change.said in plan.stdout
    note = f"computed: {', '.join(sorted(computed)) or 'nothing'}; {'decoded' if listened else 'no recording decoded'}"
    return Line(f"{change.what}: recomputes exactly what follows, dry run says why", int(right and told), 1, note=note)


def _marks(output: Path) -> dict[str, tuple[int, ...]]:
    parts = [path for path in (output / "work").iterdir() if path.is_dir()]
    return {part.name: tuple(path.stat().st_mtime_ns for path in sorted(part.glob("*.done"))) for part in parts}
