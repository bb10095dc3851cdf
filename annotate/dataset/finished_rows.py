"""Finished rows: the columns of all stages put together in the contract's order, what was put aside left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotate.engine.stage import Row
from annotate.store.columns import DROPS, published_column
from annotate.store.schema import SHIPPED, Schema
from annotate.store.shards import Store

NOTES = "notes"  # put together here; all other columns are read as the stages wrote them


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
    schema: Schema = SHIPPED,
) -> Iterator[Row | Dropped]:
    """Every row of the corpus in its order: finished, or put aside with its reason; streaming by shard.

    Args:
        store: the work folder.
        owners: which part wrote each column.
        shards: number of shards.
        extra: further columns of the work folder that the caller wants with each finished row.
        schema: the columns of the rows.
    """
    names = tuple(column.name for column in schema.row if column.name != NOTES)
    wanted = tuple(dict.fromkeys((*names, "path", *extra)))
    source = {name: published_column(name, owners) for name in wanted}
    columns = tuple(dict.fromkeys((*source.values(), *DROPS, *schema.note_parts)))
    for shard in range(shards):
        for row in store.read(shard, columns, owners).to_pylist():
            reason = next((row[drop] for drop in DROPS if row[drop]), None)
            if reason:
                yield Dropped(row["id"], row["path"], reason)
                continue
            notes = [note for part in schema.note_parts for note in row[part] or []]
            yield {**{name: row[source[name]] for name in wanted}, NOTES: notes}
