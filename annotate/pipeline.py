"""A run of a recipe: the stages of ``annotate.stages`` in order, and the data set made of their rows."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate import console, documents, stages
from annotate.corpora import corpus_rows, warnings
from annotate.engine import plan
from annotate.engine.job import Engine, Work
from annotate.engine.local import LocalEngine
from annotate.engine.stage import Stage
from annotate.errors import SemoError
from annotate.products import Products
from annotate.progress import Progress
from annotate.run_context import RunContext, RunState
from annotate.settings import Recipe
from annotate.store import files
from annotate.store.shards import Store, cut

if TYPE_CHECKING:
    from annotate.dry_run import Planned

__all__ = ["ENGINES", "Outcome", "Pipeline"]
SECONDS = "seconds.json"


def _ray(workers: int) -> Engine:
    from annotate.engine.ray import RayEngine

    return RayEngine(workers)


ENGINES: dict[str, Callable[[int], Engine]] = {"local": LocalEngine, "ray": _ray}
WHOLE = (1, 1)


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        folder: the output folder.
        summary: the content of ``summary.json``.
        computed: rows computed per part in this run; empty where nothing had to be done.
        published: where the recipe's ``hub`` has brought it.
        state: what is known of all rows: the scale, the evidence, which part owns which column.
    """

    folder: Path
    summary: dict[str, Any]
    computed: Mapping[str, int]
    published: str | None
    state: RunState


@dataclass(frozen=True)
class Pipeline:
    """A recipe bound to its corpus and its output folder; it remembers nothing from one call to the next."""

    recipe: Recipe
    workers: int = field(default=1, kw_only=True)
    engine: str = field(default="local", kw_only=True)
    quiet: bool = field(default=True, kw_only=True)
    context: RunContext = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "context", RunContext.of(self.recipe))

    def run(self) -> Outcome:
        """Compute what is lacking, in order, and make the data set and its companions from it."""
        context, hub = self.context, self.recipe.hub
        if hub is not None:
            from annotate.dataset.hub import push

            push.require_token()
        for warning in warnings.of_output(self.recipe.output):
            console.show(f"warning: {warning.sentence()}", error=True)
        with self._at_work() as work:
            state = RunState(work.read_corpus())
            for round_ in stages.rounds(context):
                state, declared = round_.declare(context, state)
                for stage in declared:
                    state = work.compute(stage, state)
            summary = work.products(state, self.workers)
            published = work.push() if hub is not None else None
        return Outcome(self.recipe.output, summary, work.computed, published, state)

    def run_share(self, number: int, of: int) -> dict[str, int]:
        """Measure one share of the shards, for a job array; ``merge`` makes the data set of all shares.

        Args:
            number: which share, from 1.
            of: how many there are; share k has the shards k, k + of, k + 2 of, ...

        Returns:
            Rows computed per part in this run.
        """
        context = self.context
        with self._at_work() as work:
            files.write_text(context.store.folder / "recipe.yaml", self.recipe.dump())
            state, declared = stages.measuring(context, RunState(work.read_corpus()))
            for stage in declared:
                state = work.compute(stage, state, (number, of))
        return work.computed

    def dry_run(self) -> list[Planned]:
        """What ``run`` would compute and why; nothing is written."""
        from annotate.dry_run import dry_run

        return dry_run(self.context)

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[_Execution]:
        with (
            _locked(self.recipe.output),
            Progress(self.quiet) as progress,
            ENGINES[self.engine](self.workers) as engine,
        ):
            yield _Execution(self.context, engine, progress, _spent(self.context.store))


@dataclass(frozen=True)
class _Execution:
    """One call of a pipeline at work; gone when the call is.

    Attributes:
        seconds: spent on each stage, those of runs that were broken off among them.
        computed: rows computed per part.
    """

    context: RunContext
    engine: Engine
    progress: Progress
    seconds: dict[str, float]
    computed: dict[str, int] = field(default_factory=dict)

    def read_corpus(self) -> corpus_rows.Index:
        context, corpus = self.context, self.context.corpus
        reader, request = context.request()
        wanted = context.corpus_fingerprint(reader, request)
        index = corpus_rows.known(context.store, wanted)
        self._report_damaged()
        if index is not None:
            return index
        with self._timed("corpus"):
            self.progress.start("corpus", corpus.expected.rows or 0)
            index = corpus_rows.read(context.store, corpus, reader, request, context.recipe.run.shard_rows, wanted)
        if not index.rows:
            raise SemoError(f"corpus.root={context.recipe.corpus.root}: the corpus has no rows")
        self.computed["corpus"] = index.rows
        return index

    def compute(self, stage: Stage, state: RunState, share: tuple[int, int] = WHOLE) -> RunState:
        """Compute what a stage lacks of a share of the shards; returns the state with its columns."""
        context, (number, of) = self.context, share
        shards = range(number - 1, state.index.shards, of)
        jobs = plan.jobs(stage, context.store, state.owners, shards)
        self._report_damaged()
        if jobs:
            sizes = cut(state.index.rows, context.recipe.run.shard_rows)
            with self._timed(stage.name, afresh=len(jobs) == len(shards)):
                self.progress.start(stage.name, sum(sizes[job.shard] for job in jobs))
                work = Work(stage, context.store, state.owners, context.schema)
                self.engine.run(work, jobs, self.progress.advance)
            for part in stage.parts:
                lacked = sum(sizes[job.shard] for job in jobs if part.name in job.depends)
                if lacked:
                    self.computed[part.name] = lacked
        return state.after(stage)

    def products(self, state: RunState, workers: int) -> dict[str, Any]:
        """The summary of the data set, which is made where an earlier one is not what this run would make."""
        products = Products(self.context, state)
        if (known := products.known()) is not None:
            return known
        self.progress.start("dataset", state.index.rows)
        self.computed["dataset"] = state.index.rows
        return products.make(workers, self.seconds)

    def push(self) -> str:
        from annotate.dataset.hub import push

        recipe = self.context.recipe
        assert recipe.hub is not None
        self.progress.start("push", 0)
        hub = recipe.hub
        return push.push(
            recipe.output, hub.repo, private=hub.private, revision=hub.revision, despite=hub.despite_licence
        ).url

    def _report_damaged(self) -> None:
        """Say which shards are not what was written; their marks are not believed, so they are computed again."""
        damaged = self.context.store.damaged
        for line in damaged.values():
            console.show(line, error=True)
        damaged.clear()

    @contextlib.contextmanager
    def _timed(self, name: str, afresh: bool = True) -> Iterator[None]:
        """Count the seconds of a stage; those of a run that was broken off are kept and added to."""
        began = time.perf_counter()
        before = 0.0 if afresh else self.seconds.get(name, 0.0)
        try:
            yield
        finally:
            self.seconds[name] = round(before + time.perf_counter() - began, 2)
            with contextlib.suppress(SemoError):  # a full disk is reported by what failed, not by this
                files.write_json(self.context.store.folder / SECONDS, self.seconds)


def _spent(store: Store) -> dict[str, float]:
    try:
        return dict(documents.read_json(store.folder / SECONDS))
    except (OSError, ValueError, TypeError):
        return {}


@contextlib.contextmanager
def _locked(output: Path) -> Iterator[None]:
    """One run at a time on one output; the lock goes with the process, however it ends."""
    from filelock import FileLock, Timeout

    with files.user_errors(output):
        (output / "work").mkdir(parents=True, exist_ok=True)
        if not os.access(output, os.W_OK):
            raise PermissionError(13, "Permission denied")
        lock = FileLock(output / "work" / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SemoError(
                f"{output}: another run is using this output; wait until it ends, or choose another with output=DIR"
            ) from None
    try:
        files.sweep(output)
        yield
    finally:
        lock.release()
