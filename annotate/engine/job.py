"""One shard of one stage: read its inputs, compute, write. What every engine runs, wherever it runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import pyarrow as pa

from annotate.engine.plan import Job
from annotate.engine.stage import Stage
from annotate.store.schema import SHIPPED, Schema
from annotate.store.shards import Store


@dataclass(frozen=True)
class Work:
    """A stage and where its shards lie: what an engine is given besides the jobs.

    Attributes:
        stage: what to compute.
        store: where inputs are read and results written.
        owners: which part wrote each column of the stages before.
        schema: the types of the columns.
    """

    stage: Stage
    store: Store
    owners: Mapping[str, str]
    schema: Schema = SHIPPED


class Engine(Protocol):
    """Runs the jobs of a stage somewhere; used as a context manager."""

    def __enter__(self) -> Engine: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def run(self, work: Work, jobs: Sequence[Job], advance: Callable[[int], None]) -> None:
        """Compute all jobs of a stage; ``advance`` is told the rows of each finished shard."""


def in_turn(work: Work, jobs: Sequence[Job], advance: Callable[[int], None]) -> None:
    """All jobs in this process, one after the other: where handing them to others gains nothing."""
    for job in jobs:
        advance(compute(work, job))


def compute(work: Work, job: Job) -> int:
    """Read one shard's inputs, compute the parts it lacks, write them; returns the rows done."""
    stage, store = work.stage, work.store
    wanted = [part.name for part in stage.parts if part.name in job.depends]
    began, worked = time.perf_counter(), time.process_time()
    # a part that is done already may be an input of one that is not
    mine = {name: part.name for part in stage.parts for name in part.writes}
    rows = store.read(job.shard, stage.reads(wanted), {**work.owners, **mine}).to_pylist()
    results = stage.compute(rows, wanted)
    share = 1 / len(wanted)
    seconds, worked = (time.perf_counter() - began) * share, (time.process_time() - worked) * share
    for part in stage.parts:
        if part.name in wanted:
            table = pa.Table.from_pylist(results[part.name], work.schema.arrow(part.writes))
            store.write(part.name, job.shard, table, job.depends[part.name], seconds, worked)
    return len(rows)
