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
            raise SemoError("Ray is not installed; pip install 'semo-annotate[ray]' brings it") from None
        where: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": self.workers}
        try:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR", **where)
        except (ConnectionError, RuntimeError) as error:
            said = " ".join(str(error).split())[:200]
            raise SemoError(
                f"RAY_ADDRESS={os.environ.get('RAY_ADDRESS', '')}: no Ray could be reached: {said}"
            ) from None
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import ray

        ray.shutdown()

    def run(self, work: Work, jobs: Sequence[Job], advance: Callable[[int], None]) -> None:
        """Compute all jobs of a stage; ``advance`` is told the rows of each finished shard."""
        import ray

        if work.stage.alone or work.stage.light:
            in_turn(work, jobs, advance)
            return
        shared = ray.put(pickle.dumps(replace(work, store=Store(work.store.folder.resolve()))))

        def one(item: dict[str, bytes]) -> dict[str, int]:
            return {"rows": compute(pickle.loads(ray.get(shared)), pickle.loads(item["job"]))}

        waiting = ray.data.from_items([{"job": pickle.dumps(job)} for job in jobs], override_num_blocks=len(jobs))
        # a shard that was already written when its worker died is written again, with the same content
        for done in waiting.map(one, num_cpus=1).iter_rows():
            advance(done["rows"])
