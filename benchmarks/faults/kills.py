"""``kill -9`` at random moments in every stage: each continued run ends with the rows of an unbroken one.

A pass begins where a run stands that has measured three quarters of its clips and has still to do all the rest
(the first one begins with nothing). It is killed once in every stage, continued each time, and the last one
runs to the end. So N passes are N random moments in every stage.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotate.features.feature import SLOT_COLUMNS
from annotate.store.shards import Store
from benchmarks.faults import runs
from benchmarks.faults.model import PARALLEL, Model, serving
from benchmarks.table import Line

WORKERS = 2
SHARD_ROWS = 16
MEASURED = ("audio", *SLOT_COLUMNS)
# stage -> the parts that it writes below work/
STAGES: dict[str, tuple[str, ...]] = {
    "corpus": ("corpus",),
    "select": ("select",),
    "measure": MEASURED,
    "repeats": ("repeats",),
    "speakers": ("speakers",),
    "words": ("words", "own"),
    "replies": ("replies",),
    "captions": ("captions",),
    "dataset": (),
    "report": (),
}
TRIES = 6  # at hitting a stage that is over before the kill comes


@dataclass
class Found:
    """What the passes showed."""

    kills: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)
    false_marks: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    outlived: int = 0
    shards_again: list[int] = field(default_factory=list)
    in_measure: list[int] = field(default_factory=list)


class Passes:
    """The unbroken run, and passes that are held against it.

    Args:
        work: scratch folder; a run without a model is in ``unbroken`` already.
        arguments: recipe and overrides.
        model: who writes the captions.
    """

    def __init__(self, work: Path, arguments: Sequence[str], model: Model) -> None:
        self.work, self.model = work, model
        self.arguments = [*arguments, *model.settings()]
        self.unbroken = work / "unbroken"
        _finish(self.unbroken, self.arguments)
        self.wanted = runs.digest(self.unbroken)
        self.seconds = runs.summary(self.unbroken)["seconds"]
        self.shard_of = {
            Path(row["path"]).name: shard
            for shard in self._shards()
            for row in Store(self.unbroken / "work").read(shard, ["path"], {"path": "corpus"}).to_pylist()
        }
        self.found = Found()
        self.questions = model.asked  # that an unbroken run asks
        self.asked_again: list[int] = []

    def _shards(self) -> list[int]:
        return sorted(int(path.stem) for path in (self.unbroken / "work" / "corpus").glob("*.done"))

    def one(self, number: int) -> None:
        """One pass: a kill in every stage, then the end."""
        dice, output, log = random.Random(number), self.work / f"pass-{number}", self.work / f"pass-{number}.log"
        expected: Counter[int] = Counter()  # how often each shard may be measured
        if number:
            expected += self._unfinished(output, dice)
        else:
            expected.update(self._shards())
        environment = {"FAULTS_LOG": str(log)}
        self.model.kept, asked = set(), self.model.asked
        self.found.in_measure.append(0)
        for stage in STAGES:
            expected += self._killed(stage, output, environment, dice)
        done = runs.run(output, *self.arguments, environment=environment, workers=WORKERS)
        self.asked_again.append(self.model.asked - asked - self.questions)
        if done.returncode or runs.digest(output) != self.wanted:
            self.found.different.append(f"pass {number}: {done.stderr.strip() or 'other rows'}")
        self.found.false_marks += runs.false_marks(output)
        self.found.leftovers += runs.leftovers(output)
        again: Counter[int] = Counter()
        for name, times in runs.decoded(log).items():
            shard = self.shard_of[name]
            again[shard] = max(again[shard], times - expected[shard])
        self.found.shards_again.append(sum(again.values()))
        shutil.rmtree(output, ignore_errors=True)

    def _unfinished(self, output: Path, dice: random.Random) -> Counter[int]:
        """The unbroken run as it was when a quarter of the shards was not measured and nothing after was done."""
        shutil.copytree(self.unbroken, output)
        shards = self._shards()
        lacking = dice.sample(shards, len(shards) // 4)
        for part in ("corpus", "select", "repeats", "speakers", "words", "own", "replies", "captions", "journal"):
            shutil.rmtree(output / "work" / part, ignore_errors=True)
        for part in MEASURED:
            for shard in lacking:
                (output / "work" / part / f"{shard:05d}.done").unlink()
        for path in output.iterdir():
            if path.name != "work":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        (output / "work" / "products.done").unlink()
        return Counter(lacking)

    def _killed(self, stage: str, output: Path, environment: Mapping[str, str], dice: random.Random) -> Counter[int]:
        """Kill a run at a random moment of a stage; the shards that had to be measured again for a second try."""
        again: Counter[int] = Counter()
        length = self.seconds.get(stage, 1.0)
        log = Path(environment["FAULTS_LOG"])
        for _ in range(TRIES):
            process = runs.start(output, *self.arguments, environment=environment, workers=WORKERS)
            begun, heard = _begun(stage, output), sum(runs.decoded(log).values())
            while not begun() and process.poll() is None:
                time.sleep(0.001)
            self._wait(stage, output, length, dice, process)
            said = runs.kill(process)
            if sum(runs.decoded(log).values()) > heard and not self._over("measure", output):
                self.found.in_measure[-1] += 1  # also one that was meant for the stage before and came late
            self.model.note(output)
            if process.returncode not in (0, -signal.SIGKILL):
                self.found.different.append(f"{stage}: {said.strip()}")
            self.found.outlived += not runs.group_gone(process)
            self.found.false_marks += runs.false_marks(output, STAGES[stage])
            if not self._over(stage, output):
                self.found.kills[stage] += 1
                return again
            again += self._undone(stage, output, dice)
            length *= 0.6  # the machine is faster now than when the unbroken run was timed
        self.found.missed[stage] += 1
        return again

    def _wait(
        self, stage: str, output: Path, length: float, dice: random.Random, process: subprocess.Popen[str]
    ) -> None:
        """Wait for a random moment of a stage that has begun: after so many of its shards, and part of one."""
        parts, shards = STAGES[stage], len(self._shards())
        if not parts:
            time.sleep(dice.random() * length)
            return
        folder = output / "work" / parts[0]
        done = sum(name.endswith(".done") for name in _entries(folder))
        wanted = done + int(dice.random() * (shards - done))
        while process.poll() is None and sum(name.endswith(".done") for name in _entries(folder)) < wanted:
            time.sleep(0.001)
        time.sleep(dice.random() * length / shards)

    def _over(self, stage: str, output: Path) -> bool:
        """Whether the stage had ended before the kill came."""
        if stage == "corpus":
            return (output / "work" / "corpus" / "index.json").exists()
        if stage == "dataset":
            return (output / "data").exists()
        if stage == "report":
            return (output / "work" / "products.done").exists()
        store = Store(output / "work")
        return all(store.mark(part, shard) for part in STAGES[stage] for shard in self._shards())

    def _undone(self, stage: str, output: Path, dice: random.Random) -> Counter[int]:
        """Take back half of a stage, so that it can be killed in once more."""
        taken = dice.sample(self._shards(), len(self._shards()) // 2)
        for part in STAGES[stage]:
            for shard in taken:
                (output / "work" / part / f"{shard:05d}.done").unlink(missing_ok=True)
        (output / "work" / "products.done").unlink(missing_ok=True)
        if stage == "corpus":
            (output / "work" / "corpus" / "index.json").unlink(missing_ok=True)
        if stage == "dataset":
            shutil.rmtree(output / "data", ignore_errors=True)
        return Counter(taken if stage == "measure" else ())


def _begun(stage: str, output: Path) -> Callable[[], bool]:
    """Tells whether a run that starts now has come to a stage."""
    if stage == "report":
        seen = _changed(output / "README.md")
        return lambda: _changed(output / "README.md") != seen
    folder = output if stage == "dataset" else output / "work" / STAGES[stage][0]
    before = _entries(folder)
    if stage == "dataset":
        return lambda: any(name.startswith("data.") for name in _entries(folder) - before)
    return lambda: _entries(folder) != before


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _entries(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def lines(work: Path, arguments: Sequence[str], moments: int, what: str) -> list[Line]:
    """The lines of the table for kills.

    Args:
        work: scratch folder.
        arguments: recipe and overrides.
        moments: random moments in every stage.
        what: which run, for the notes.
    """
    arguments = [*arguments, f"run.shard_rows={SHARD_ROWS}"]
    _finish(work / "unbroken", arguments)
    captions = {row["id"]: row["caption"] for row in runs.rows(work / "unbroken") if row["caption"]}
    with serving(captions) as model:
        return _lines(Passes(work, arguments, model), moments, what)


def _finish(output: Path, arguments: Sequence[str]) -> None:
    done = runs.run(output, *arguments, workers=WORKERS)
    if done.returncode:
        raise SystemExit(f"the unbroken run failed: {done.stderr}")


def _lines(passes: Passes, moments: int, what: str) -> list[Line]:
    for number in range(moments):
        began = time.monotonic()
        passes.one(number)
        spent, found = time.monotonic() - began, passes.found
        print(
            f"pass {number + 1} of {moments}: {spent:.0f} s; {dict(found.kills)}; shards again {found.shards_again}, "
            f"questions again {passes.asked_again}, others {found.different or found.false_marks or 'none'}",
            flush=True,
        )
    found = passes.found
    again = [shards / max(1, kills) for shards, kills in zip(found.shards_again, found.in_measure, strict=True)]
    least = min(found.kills[stage] for stage in STAGES)
    kills = sum(found.kills.values())
    note = f"{what}; {kills} kills in {len(STAGES)} stages, {WORKERS} workers"
    return [
        Line("kill -9: moments in the stage with the fewest", least, moments, note=note),
        Line("kill -9: continued runs with other rows", len(found.different), 0, at_most=True,
             note=f"{moments} runs to the end" + "; ".join(["", *found.different[:3]])),
        Line("kill -9: files taken for whole that are not", len(found.false_marks), 0, at_most=True,
             note=" ".join(found.false_marks[:5])),
        Line("kill -9: shards measured again for a kill, at most", max(again), WORKERS, at_most=True,
             note="reach: the one that each worker was at"),
        Line("kill -9: kept answers of the model asked for again", passes.model.kept_asked, 0, at_most=True,
             note=f"{passes.questions} questions in an unbroken run"),
        Line("kill -9: questions asked again in a pass, at most", max(passes.asked_again), PARALLEL, at_most=True,
             note="reach: those that were under way when the kill came"),
        Line("kill -9: workers that outlived their run", found.outlived, 0, at_most=True),
        Line("kill -9: temporary files left at the end", len(found.leftovers), 0, at_most=True),
    ]  # fmt: skip


def ravdess(data: Path) -> list[str]:
    """The recipe and overrides of the RAVDESS run."""
    return ["ravdess", f"corpus.root={data / 'ravdess'}"]
