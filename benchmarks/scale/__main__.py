"""What size costs: ``python -m benchmarks.scale DATA [--rows N] [--clips N] [--json FILE]``.

Two runs of the whole pipeline. One of rows whose measurements are given (1,000,000 unless ``--rows`` says
otherwise): descriptors, replies, captions, data set, report. One of real clips of ``DATA/ravdess``, repeated under
new ids (100,000 unless ``--clips`` says otherwise: an hour of two cores and more), measured with the default
features. Prints memory of all processes together, the cost per row early and late, the time to resume, and what
10,000 hours of speech would take.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale import corpora
from benchmarks.scale.memory import Watch
from benchmarks.table import Line, show

ROOT = Path(__file__).resolve().parents[2]
MEMORY_MB, GROWTH, RESUME_S = 1500.0, 1.10, 5.0
LONG_S, LEFT = 60.0, 20.0
HOURS, MACHINES = 10_000, (1, 16)
MEASURED = ("audio", "transcript", "pitch", "energy", "rate", "gender", "voice")
WORDED = ("select", "repeats", "speakers", "words", "replies", "captions")


@dataclass
class Run:
    """A run of the command line: how it ended, its seconds by the clock, the most memory it held, when it said what."""

    code: int
    seconds: float
    peak_mb: float
    lines: list[tuple[float, str]]

    @property
    def said(self) -> str:
        """All lines."""
        return "\n".join(line for _, line in self.lines)


def run(output: Path, arguments: Sequence[str], workers: int) -> Run:
    line = [sys.executable, "-m", "annotate", "run", *arguments, "--output", str(output), "--workers", str(workers)]
    began = time.monotonic()
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    with Watch(process.pid) as watch:
        lines = [(time.monotonic() - began, line.rstrip()) for line in process.stdout]
    return Run(process.wait(), time.monotonic() - began, watch.peak_mb, lines)


def time_left(done: Run, seconds: dict[str, float]) -> Line:
    """What was said of the time left against what it was, over the stages that took a minute or more.

    Args:
        done: the run.
        seconds: of each of its stages, in order: a stage ends as long before the run's end as those after it take.
    """
    off = []
    ends = {name: done.seconds - sum(list(seconds.values())[at + 1 :]) for at, name in enumerate(seconds)}
    for at, line in done.lines:
        if not (found := re.fullmatch(r"(\w+): (\d+) of (\d+) rows, (\d+) s left", line)):
            continue
        name, share = found[1], int(found[2]) / int(found[3])
        if seconds.get(name, 0.0) >= LONG_S and 0.2 <= share <= 0.8:
            off.append(100 * abs(int(found[4]) - (ends[name] - at)) / seconds[name])
    what = "time left as told between a fifth and four fifths of a stage: off by, at most"
    note = f"of the stage's length, {len(off)} reports"
    if not off:
        return Line(what, None, unit="%", note="no stage took a minute")
    return Line(what, max(off), LEFT, True, "%", note=note)


def per_row(output: Path, parts: Sequence[str]) -> tuple[float, float]:
    """The processor's seconds per row in the first and the last quarter of the rows, by the shards' own marks."""
    rows: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for part in parts:
        for path in (output / "work" / part).glob("*.done"):
            mark = json.loads(path.read_text(encoding="utf-8"))
            rows[int(path.stem)] = mark["rows"]
            seconds[int(path.stem)] = seconds.get(int(path.stem), 0.0) + mark["worked"]
    total, before = sum(rows.values()), 0
    first: list[int] = []
    last: list[int] = []
    for shard in sorted(rows):
        if before < total / 4:
            first.append(shard)
        if before >= total * 3 / 4:
            last.append(shard)
        before += rows[shard]
    return _mean(first, rows, seconds), _mean(last, rows, seconds)


def _mean(shards: Sequence[int], rows: dict[int, int], seconds: dict[int, float]) -> float:
    return sum(seconds[shard] for shard in shards) / max(1, sum(rows[shard] for shard in shards))


def rows_lines(work: Path, count: int, workers: int, cut: str) -> list[Line]:
    """The lines of the table for rows whose measurements are given."""
    arguments, output = [*corpora.table(work / "table", count), cut], work / "rows-out"
    what = f"{count:,} rows"
    done = run(output, arguments, workers)
    if done.code:
        return [Line(f"{what}: the run ends well", 0, 1, note=done.said.strip()[-300:])]
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    early, late = per_row(output, WORDED)
    again = run(output, arguments, workers)
    resumed = again.seconds if "nothing to do" in again.said else None
    spent = ", ".join(f"{name} {seconds:.0f}" for name, seconds in summary["seconds"].items())
    marks = sum(1 for _ in (output / "work").glob("*/*.done"))
    return [
        Line(f"{what}: kept", summary["rows"]["kept"], count, note=f"{workers} workers, {done.seconds:.0f} s: {spent}"),
        Line(f"{what}: memory of all processes together", done.peak_mb, MEMORY_MB, True, "MB"),
        Line(f"{what}: cost of the last quarter over the first", late / early, GROWTH, True,
             note=f"{1e6 * early:.0f} and {1e6 * late:.0f} us per row in {', '.join(WORDED)}"),
        Line(f"{what}: the whole way, per row", 1e6 * done.seconds / count, unit="us"),
        Line(f"{what}: a finished run says so", resumed, RESUME_S, True, "s", note=f"{marks} marks"),
        Line(f"{what}: memory of saying so", again.peak_mb, MEMORY_MB, True, "MB"),
        time_left(done, summary["seconds"]),
    ]  # fmt: skip


def clips_lines(work: Path, ravdess: Path, count: int, workers: int) -> list[Line]:
    """The lines of the table for clips that are measured."""
    (arguments, hours), output = corpora.clips(work / "clips", ravdess, count), work / "clips-out"
    what = f"{count:,} clips"
    done = run(output, arguments, workers)
    if done.code:
        return [Line(f"{what}: the run ends well", 0, 1, note=done.said.strip()[-300:])]
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    early, late = per_row(output, MEASURED)
    cores = os.cpu_count() or 1
    faster = done.seconds / hours * HOURS / 3600  # hours that this machine takes for HOURS
    lines = [
        Line(f"{what}: kept", summary["rows"]["kept"], count,
             note=f"{hours:.1f} h of speech, {workers} workers, {done.seconds:.0f} s"),
        Line(f"{what}: memory of all processes together", done.peak_mb, MEMORY_MB, True, "MB"),
        Line(f"{what}: cost of the last quarter over the first", late / early, GROWTH, True,
             note=f"{1e3 * early:.1f} and {1e3 * late:.1f} ms per clip and worker"),
        Line(f"{what}: speech per second, all workers", 3600 * hours / done.seconds, unit="s/s"),
        time_left(done, summary["seconds"]),
    ]  # fmt: skip
    for machines in MACHINES:
        name = f"{HOURS:,} h of speech on {machines} machine{'s' * (machines > 1)} like this one"
        lines.append(Line(name, faster / machines, unit="h", note=f"from {hours:.1f} h, {cores} cores a machine"))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows whose measurements are given; 0 for none")
    parser.add_argument("--clips", type=int, default=100_000, help="clips to measure; 0 for none")
    parser.add_argument("--shard-rows", type=int, default=128, help="of the first shards; 3 cuts 20,000 rows like 10^6")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the table as JSON")
    parser.add_argument("--work", type=Path, help="folder for corpora and outputs; by default one that goes at the end")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.work) as folder:
        cut = f"run.shard_rows={chosen.shard_rows}"
        lines = rows_lines(Path(folder), chosen.rows, chosen.workers, cut) if chosen.rows else []
        if chosen.clips:
            lines += clips_lines(Path(folder), chosen.data / "ravdess", chosen.clips, chosen.workers)
    return show(lines, chosen.json)


if __name__ == "__main__":
    raise SystemExit(main())
