"""A full disk, a read-only folder, a clock set back, two runs at once, Ctrl-C: on some clips of RAVDESS."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults import runs
from benchmarks.table import Line

DISKS_KB = (200, 1000, 2000, 4000, 6000)  # small enough for the run to fill them, each at another stage
STOPS = 12
STOP_S = 2.0
# a run in a name space of its own may mount a small disk for its output
APART = ("unshare", "--mount", "--map-root-user")


def few(data: Path, folder: Path, every: int = 3, actors: int = 4) -> list[str]:
    """Copy a few clips of RAVDESS; the recipe and overrides of a run on them."""
    for number in range(1, actors + 1):
        there = folder / f"Actor_{number:02d}"
        there.mkdir(parents=True)
        for path in sorted((data / "ravdess" / there.name).iterdir())[::every]:
            shutil.copyfile(path, there / path.name)
    return ["ravdess", f"corpus.root={folder}", "run.shard_rows=8", "descriptors.smallest_group=10"]


class Trouble:
    """Runs on a few clips under trouble, held against an unbroken one."""

    def __init__(self, work: Path, arguments: Sequence[str]) -> None:
        self.work, self.arguments = work, list(arguments)
        self.unbroken = work / "unbroken"
        done = runs.run(self.unbroken, *arguments)
        if done.returncode:
            raise SystemExit(f"the unbroken run failed: {done.stderr}")
        self.wanted = runs.digest(self.unbroken)

    def lines(self) -> list[Line]:
        """All lines of the table."""
        return [*self.disk(), self.read_only(), *self.clock(), *self.two(), *self.stops()]

    def _continued(self, output: Path) -> bool:
        """Whether the same line once more ends with the rows of the unbroken run, and no rubbish beside them."""
        done = runs.run(output, *self.arguments)
        whole = done.returncode == 0 and runs.digest(output) == self.wanted
        return whole and not runs.false_marks(output) and not runs.leftovers(output)

    def _line(self, output: Path) -> str:
        line = [sys.executable, "-m", "benchmarks.faults.driver", "run", *self.arguments]
        return shlex.join([*line, "--output", str(output), "--workers", "2", "--quiet"])

    def disk(self) -> list[Line]:
        """A disk that fills, then has room again."""
        if not _apart():
            why = "no name space of its own could be had to mount a small disk in"
            return [Line("full disk: told in one line, then continued", None, len(DISKS_KB), note=why)]
        told = whole = 0
        where: list[str] = []
        for size in DISKS_KB:
            disk, kept = self.work / f"disk-{size}", self.work / f"kept-{size}"
            disk.mkdir()
            script = [
                f"mount -t tmpfs -o size={size}k tmpfs {disk}",
                f"{self._line(disk / 'out')} 2>{disk}.first; echo $? >{disk}.code",
                f"ls {disk}/out/work >{disk}.parts; mount -o remount,size=500m {disk}",
                f"{self._line(disk / 'out')} && cp -r {disk}/out {kept}",
            ]
            subprocess.run([*APART, "sh", "-c", "; ".join(script)], cwd=runs.ROOT, capture_output=True, check=False)
            said = Path(f"{disk}.first").read_text().strip()
            told += Path(f"{disk}.code").read_text().strip() == "1" and _one_line(said, "the disk is full")
            whole += kept.exists() and runs.digest(kept) == self.wanted and not runs.leftovers(kept)
            where.append(f"{size} kB: {len(Path(f'{disk}.parts').read_text().split())} entries in work/")
        return [
            Line("full disk: told in one line", told, len(DISKS_KB), note="; ".join(where)),
            Line("full disk: continued to the same rows once there was room", whole, len(DISKS_KB)),
        ]

    def read_only(self) -> Line:
        """A folder that cannot be written."""
        what = "read-only folder: told in one line"
        if not _apart():
            return Line(what, None, 1, note="no name space of its own could be had to mount it in")
        disk = self.work / "read-only"
        disk.mkdir()
        script = f"mount -t tmpfs tmpfs {disk}; mount -o remount,ro {disk}; {self._line(disk / 'out')}"
        done = subprocess.run([*APART, "sh", "-c", script], cwd=runs.ROOT, capture_output=True, text=True, check=False)
        return Line(what, int(done.returncode == 1 and _one_line(done.stderr, "cannot be written")), 1)

    def clock(self) -> list[Line]:
        """A clock that jumps back by a day while a run measures, and files that are then of tomorrow."""
        output = self.work / "clock"
        process = runs.start(output, *self.arguments, environment={"FAULTS_CLOCK": -86400})
        _wait(output / "work" / "pitch", 8)
        runs.kill(process)
        runs.group_gone(process)
        marks = set((output / "work" / "audio").glob("*.done"))
        tomorrow = time.time() + 86400
        for path in output.rglob("*"):
            subprocess.run(["touch", "-d", f"@{tomorrow:.0f}", str(path)], check=True)
        before = {path: path.stat().st_mtime_ns for path in marks}
        same = self._continued(output)
        again = sum(path.stat().st_mtime_ns != before[path] for path in marks)
        return [
            Line("clock set back by a day: the same rows", int(same), 1),
            Line("clock set back by a day: shards measured again", again, 0, at_most=True, note=f"of {len(marks)}"),
        ]

    def two(self) -> list[Line]:
        """Two runs on one output."""
        output = self.work / "two"
        first = runs.start(output, *self.arguments)
        _wait(output / "work" / "pitch", 1)
        second = runs.run(output, *self.arguments)
        _, _ = first.communicate()
        told = second.returncode == 1 and _one_line(second.stderr, "another run is using this output")
        same = first.returncode == 0 and runs.digest(output) == self.wanted
        return [
            Line("two runs at once: the second says so and stops", int(told), 1),
            Line("two runs at once: the first is not disturbed", int(same), 1),
        ]

    def stops(self) -> list[Line]:
        """Ctrl-C at random moments, as a terminal sends it: to every process of the run."""
        dice, took, clean, odd = random.Random(0), [], 0, []
        length = sum(runs.summary(self.unbroken)["seconds"].values())
        output = self.work / "stops"
        for number in range(STOPS):
            if number % 4 == 0:
                shutil.rmtree(output, ignore_errors=True)
            process = runs.start(output, *self.arguments)
            _wait(output / "work", 1)
            time.sleep(dice.random() * length / 2)
            if process.poll() is not None:
                shutil.rmtree(output, ignore_errors=True)
                continue
            began = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate()
            took.append(time.monotonic() - began)
            gone = runs.group_gone(process, 2.0)
            ended = process.returncode == 130 and "Traceback" not in said
            if ended and gone and "continue with: semo-annotate run" in said:
                clean += 1
            else:
                odd.append(f"code {process.returncode}, {'all gone' if gone else 'workers left'}: {said.strip()[:300]}")
        return [
            Line(
                "Ctrl-C: longest time to a stop", max(took), STOP_S, at_most=True, unit="s", note=f"{len(took)} stops"
            ),
            Line("Ctrl-C: clean stops with the line that continues", clean, len(took), note=" | ".join(odd[:3])),
            Line("Ctrl-C: continued to the same rows", int(self._continued(output)), 1),
        ]


def _apart() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0


def _one_line(said: str, what: str) -> bool:
    return len(said.strip().splitlines()) == 1 and re.search(what, said) is not None


def _wait(folder: Path, entries: int, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not (folder.is_dir() and len(list(folder.iterdir())) >= entries):
        if time.monotonic() > end:
            raise SystemExit(f"{folder}: nothing came in {seconds:.0f} s")
        time.sleep(0.01)
