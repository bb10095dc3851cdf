"""Stages that a recipe adds: a Python file of the user's, or a plug-in of another package, that computes columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from annotate import registry
from annotate.engine.stage import Part, Row, Stage
from annotate.errors import SemoError, UsageError, unknown_name
from annotate.store.columns import REAL, TEXT, Column, published_column
from annotate.store.schema import Schema

KIND = "stage"
TYPES = {"number": REAL, "text": TEXT}


@dataclass(frozen=True)
class UserStage:
    """A stage plug-in: new columns from the columns of a row.

    Attributes:
        version: goes up when the same row would give other values.
        reads: columns of the row that it looks at.
        writes: column of its own -> what it means, with the unit.
        compute: a pure function from a row, with the columns in ``reads``, to its columns; one left out is null.
        types: column -> ``number`` (unless said otherwise) or ``text``.
    """

    version: str
    reads: Sequence[str]
    writes: Mapping[str, str]
    compute: Callable[[Row], Mapping[str, Any]]
    types: Mapping[str, Literal["number", "text"]] = field(default_factory=dict)


@dataclass(frozen=True)
class ComputeUserStage:
    """``compute`` of the stage; holds a name only, so that it travels to workers cheaply."""

    name: str
    part: str
    sources: Mapping[str, str]

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of the stage's columns per row given; none for a row that is put aside."""
        plugin: UserStage = registry.load(KIND, self.name)
        return {self.part: [self.compute_row(plugin, row) for row in rows]}

    def compute_row(self, plugin: UserStage, row: Row) -> Row:
        """The columns of one row."""
        if row["split"] is None or row["drop_audio"]:
            return {}
        where = f"stage {self.name}: row '{row['id']}'"
        try:
            columns = dict(plugin.compute({name: row[self.sources[name]] for name in plugin.reads}))
        except Exception as error:  # whatever code of the user's raises
            raise SemoError(f"{where}: {type(error).__name__}: {error}") from error
        for name, value in columns.items():
            if name not in plugin.writes:
                raise SemoError(f"{where}: returned the column '{name}'; expected {', '.join(plugin.writes)}")
            kind = plugin.types.get(name, "number")
            expected = str if kind == "text" else (int, float)
            if value is not None and (isinstance(value, bool) or not isinstance(value, expected)):
                raise SemoError(f"{where}: {name} is {value!r}; expected {kind}")
        return columns


def columns(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns that the stages of a recipe add to its rows.

    Raises:
        UsageError: a plug-in is none, names a type that there is not, or has the name of another.
    """
    parts = [part_name(name) for name in names]
    if len(set(parts)) < len(parts):
        raise UsageError(f"stages: {', '.join(names)}: two files have the same name; give each its own name")
    return tuple(
        Column(column, TYPES[plugin.types.get(column, "number")], about)
        for name in names
        for plugin in [_load(name)]
        for column, about in plugin.writes.items()
    )


def stages(names: Sequence[str], schema: Schema, owners: Mapping[str, str]) -> list[Stage]:
    """The stages that a recipe names, in its order; captions are given to them as the review left them.

    Args:
        names: files, or names that packages bring.
        schema: the columns of the rows.
        owners: column -> the part that wrote it, of the stages before.

    Raises:
        UsageError: one reads a column that is not there, or that only a later one writes.
    """
    known = set(schema.columns) - {column.name for column in columns(names)}
    made = []
    for name in names:
        plugin, part = _load(name), part_name(name)
        for column in plugin.reads:
            if column not in known:
                raise unknown_name(f"stage {name}: reads", column, known)
        known |= set(plugin.writes)
        sources = {column: published_column(column, owners) for column in plugin.reads}
        reads = tuple(dict.fromkeys(("id", "split", "drop_audio", *sources.values())))
        file = registry.digest(name)
        settings = {"stage": Path(name).name, **({"file": file} if file else {})}
        declared = Part(part, plugin.version, reads, tuple(plugin.writes), settings)
        made.append(Stage(part, (declared,), ComputeUserStage(name, part, sources)))
    return made


def part_name(name: str) -> str:
    """The folder of a stage's shards in ``work/``; no shipped part has a hyphen after ``stage``."""
    return f"stage-{Path(name).stem if registry.is_file(name) else name}"


def _load(name: str) -> UserStage:
    plugin = registry.load(KIND, name)
    if not isinstance(plugin, UserStage):
        raise UsageError(f"stage {name}: 'plugin' is a {type(plugin).__name__}; expected a UserStage")
    for column, kind in plugin.types.items():
        if kind not in TYPES:
            raise unknown_name(f"stage {name}: type of {column}:", kind, TYPES)
    return plugin
