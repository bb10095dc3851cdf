"""Run a stage over its shards with Ray Data, on this machine or on a cluster (optional extra ``ray``).

The output folder must be one that every node sees under the same path: each shard is written by the node
that computes it, exactly as the local engine writes it, so the rows are the same. ``RAY_ADDRESS`` names a
cluster that is running; without it Ray is started on this machine for the length of the run.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from annotate.engine.job import Work, compute, in_turn
from annotate.engine.plan import Job
from annotate.errors import SemoError
from annotate.store.shards import Store


class RayEngine:
    """Ray Data; a shard whose worker dies is computed again by another."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> RayEngine:
        try:
            import ray
        except ImportError:
            raise SemoError("Ray is not installed; pip install 'semo-annotate[ray]' installs it") from None
        where: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": self.workers}
        try:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR", **where)
        except (ConnectionError, RuntimeError) as error:
            why = " ".join(str(error).split())[:200]
            raise SemoError(f"RAY_ADDRESS={os.environ.get('RAY_ADDRESS', '')}: Ray cannot be reached: {why}") from None
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # after its import, which sets it
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import ray

        ray.shutdown()

    def run(self, work: Work, jobs: Sequence[Job], advance: Callable[[int], None]) -> None:
        """Compute all jobs of a stage; ``advance`` is told the rows of each finished shard."""
        import ray

        machines = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]
        machines = [cores for cores in machines if cores]
        spread = work.stage.spread and len(machines) > 1
        if work.stage.light or (work.stage.alone and not spread):
            in_turn(work, jobs, advance)
            return
        shared = ray.put(pickle.dumps(replace(work, store=Store(work.store.folder.resolve()))))
        waiting = ray.data.from_items([{"job": pickle.dumps(job)} for job in jobs], override_num_blocks=len(jobs))
        options: dict[str, Any] = {"num_cpus": 1}
        if spread:  # an actor on each machine, which has all its cores and keeps its model
            pool = ray.data.ActorPoolStrategy(size=min(len(machines), len(jobs)))
            options = {"num_cpus": min(machines), "compute": pool}

        def compute_shard(item: dict[str, bytes]) -> dict[str, int]:
            return _Shards(shared)(item)

        # a shard that was already written when its worker died is written again, with the same content
        what, given = (_Shards, {"fn_constructor_args": (shared,)}) if spread else (compute_shard, {})
        for done in waiting.map(what, **given, **options).iter_rows():
            advance(done["rows"])


class _Shards:
    """Computes shards where Ray has put it."""

    def __init__(self, shared: Any) -> None:
        import ray

        self.work: Work = pickle.loads(ray.get(shared))

    def __call__(self, item: dict[str, bytes]) -> dict[str, int]:
        """Compute a shard; the rows done."""
        return {"rows": compute(self.work, pickle.loads(item["job"]))}
