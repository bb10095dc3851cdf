"""Runs of the command line, and what they left: used by every part of the bench."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq

from annotate.store import fingerprint, schema
from annotate.store.shards import Store

ROOT = Path(__file__).resolve().parents[2]


def start(
    output: Path, *arguments: str, environment: Mapping[str, Any] | None = None, prefix: Sequence[str] = (),
    workers: int = 2, command: str = "run",
) -> subprocess.Popen[str]:  # fmt: skip
    """Start a run in a process group of its own."""
    line = [*prefix, sys.executable, "-m", "benchmarks.faults.driver", command, *arguments]
    line += ["--output", str(output), "--workers", str(workers), "--quiet"]
    # a shell that was sent to the background hands on that Ctrl-C is ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    added = {name: str(value) for name, value in (environment or {}).items()}
    return subprocess.Popen(
        line, cwd=ROOT, env={**os.environ, **added}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(output: Path, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """A run from its start to its end."""
    process = start(output, *arguments, **how)
    stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def kill(process: subprocess.Popen[str]) -> str:
    """Kill the run itself, if it is not over; its workers have to see for themselves that it is gone.

    Returns:
        What it had said on standard error.
    """
    process.kill()
    return process.communicate()[1]


def group_gone(process: subprocess.Popen[str], seconds: float = 20.0) -> bool:
    """Whether every process of the run ends within a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(_of_group(one, process.pid) for one in psutil.process_iter()):
            return True
        time.sleep(0.02)
    return False


def _of_group(process: psutil.Process, group: int) -> bool:
    """Whether a process is of a group and not dead already, only not yet noticed by its parent."""
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False


def rows(output: Path) -> list[dict[str, Any]]:
    """All rows of the data set, the recordings as their digests."""
    found = []
    for path in sorted((output / "data").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            if isinstance(row.get("audio"), dict):
                row["audio"] = fingerprint.of([row["audio"]["path"], row["audio"]["bytes"].hex()])
            found.append(row)
    return found


def digest(output: Path) -> str:
    """One digest of all rows in their order, their recordings included."""
    return fingerprint.of(rows(output))


def summary(output: Path) -> dict[str, Any]:
    """The run's ``summary.json``."""
    return dict(json.loads((output / "summary.json").read_text(encoding="utf-8")))


def decoded(log: Path) -> Counter[str]:
    """How often each recording was decoded to be measured."""
    return Counter(log.read_text().split()) if log.exists() else Counter()


def false_marks(output: Path, parts: Sequence[str] | None = None) -> list[str]:
    """Shards whose mark is believed, though the file does not hold what it says."""
    store, wrong = Store(output / "work"), []
    for done in sorted((output / "work").glob("*/*.done")):
        part, shard = done.parent.name, int(done.stem)
        if parts is not None and part not in parts:
            continue
        mark = store.mark(part, shard)
        if mark is None:
            continue
        try:
            found = pq.read_table(store.file(part, shard), partitioning=None)
            table = found.cast(schema.arrow(found.column_names))  # Parquet renames what lists hold
            same = {name: fingerprint.of_column(table[name]) for name in table.column_names} == mark.columns
        except Exception:  # whatever is wrong with it, it is no whole file
            same = False
        if not same or table.num_rows != mark.rows:
            wrong.append(f"{part}/{shard}")
    return wrong


def leftovers(output: Path) -> list[str]:
    """Temporary files that nobody has cleared away."""
    return [path.name for path in output.rglob("*.tmp")]
