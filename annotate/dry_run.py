"""What a run would compute and why; nothing is written, fetched or spoken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from annotate import stages
from annotate.corpora import corpus_rows
from annotate.engine import plan
from annotate.engine.stage import Stage
from annotate.products import Products
from annotate.run_context import RunContext, RunState


@dataclass(frozen=True)
class Planned:
    """One line of a dry run: a part, how many of its shards would be computed, and why."""

    part: str
    shards: int
    of: int
    why: str


def dry_run(context: RunContext) -> list[Planned]:
    """The lines of a dry run, in the order in which a run computes its parts."""
    context = replace(context, writes=False)
    index = corpus_rows.known(context.store, context.corpus_fingerprint(*context.request()))
    if index is None:
        return [
            Planned(corpus_rows.PART, 0, 0, "the corpus is not read yet, or has changed; all that follows is computed")
        ]
    state, shards = RunState(index), index.shards
    lines: list[Planned] = []
    rounds = stages.rounds(context)
    for number, round_ in enumerate(rounds):
        if any(line.shards for line in lines):
            after = ", ".join([*(later.name for later in rounds[number:]), "dataset"])
            return [*lines, Planned(after, shards, shards, "what they read may change")]
        state, declared = round_.declare(context, state)
        for stage in declared:
            lines += _planned(stage, context, state, {line.part for line in lines if line.shards})
            state = state.after(stage)
    if any(line.shards for line in lines):
        return [*lines, Planned("dataset", shards, shards, "its rows may change")]
    made = Products(context, state).known() is not None
    why = "done" if made else "not made yet, or from other settings"
    return [*lines, Planned("dataset", 0 if made else shards, shards, why)]


def _planned(stage: Stage, context: RunContext, state: RunState, due: set[str]) -> Iterator[Planned]:
    shards, owners = state.index.shards, state.owners
    jobs = plan.jobs(stage, context.store, owners, range(shards))
    for part in stage.parts:
        lacking = [job for job in jobs if part.name in job.depends]
        why = "; ".join(dict.fromkeys(job.why[part.name] for job in lacking))
        before = sorted({owners[name] for name in part.reads if name in owners} & due)
        if before and len(lacking) < shards:
            yield Planned(part.name, shards, shards, f"may follow from: {', '.join(before)}")
        else:
            yield Planned(part.name, len(lacking), shards, why or "done")
