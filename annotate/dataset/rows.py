"""Finished rows: the columns of all stages put together in the contract's order, what was put aside left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from annotate.engine.stage import Row
from annotate.store.schema import DROPS, NOTE_PARTS, ROW
from annotate.store.shards import Store

# "notes" is put together here; all others are read as the stages wrote them
READ = tuple(column.name for column in ROW if column.name != "notes")


@dataclass(frozen=True)
class Dropped:
    """A row that was put aside, and why."""

    id: str
    path: str
    reason: str


def finished(
    store: Store,
    owners: Mapping[str, str],
    shards: int,
    extra: tuple[str, ...] = (),
    revise: Callable[[Row], None] | None = None,
) -> Iterator[Row | Dropped]:
    """Every row of the corpus in its order: finished, or put aside with its reason; streaming by shard.

    Args:
        store: the work folder.
        owners: which part wrote each column.
        shards: number of shards.
        extra: further columns of the work folder that the caller wants with each finished row.
        revise: changes the caption of a finished row in place: what reviewers said of it.
    """
    columns = tuple(dict.fromkeys((*READ, "path", "hedged", *extra, *DROPS, *NOTE_PARTS)))
    for shard in range(shards):
        for row in store.read(shard, columns, owners).to_pylist():
            reason = next((row[drop] for drop in DROPS if row[drop]), None)
            if reason:
                yield Dropped(row["id"], row["path"], reason)
                continue
            notes = [note for part in NOTE_PARTS for note in row[part] or []]
            wanted = {name: row[name] for name in READ}
            whole = {**wanted, "notes": notes, **{name: row[name] for name in ("path", *extra)}}
            if revise is not None:
                whole["hedged"] = row["hedged"]  # what takes the caption's place is worded as carefully
                revise(whole)
                del whole["hedged"]
            yield whole
