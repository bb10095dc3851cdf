"""What a stage is: a pure function from rows to rows, and the declaration of what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
# (rows, names of the parts wanted) -> for each part, one row of its own columns per row given
Compute = Callable[[list[Row], Sequence[str]], Mapping[str, list[Row]]]


@dataclass(frozen=True)
class Part:
    """What is fingerprinted and stored as one: some columns and all that they depend on.

    Attributes:
        name: folder of its shards.
        version: goes up when the same settings would give other values.
        reads: columns of earlier stages, or of earlier parts of the same stage.
        writes: columns it adds.
        settings: what of the recipe changes its values.
    """

    name: str
    version: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One or more parts that are computed in one go over the same rows.

    Features are parts of one stage, so that a recording is decoded once for all of them while each
    is stored, and recomputed, on its own. ``compute`` is picklable and knows no shard and no disk.

    Attributes:
        name: of the stage, as the progress bar shows it.
        parts: in the order in which one may read what another writes.
        compute: what computes them.
        light: its rows cost less than handing them to another process.
        alone: it uses all cores by itself, or waits for a server: its shards run one after the other.
        spread: though alone, one may run on each machine of a cluster at once.
    """

    name: str
    parts: tuple[Part, ...]
    compute: Compute
    light: bool = False
    alone: bool = False
    spread: bool = False

    def reads(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Columns of earlier stages that the wanted parts read."""
        written = {name for part in self.parts for name in part.writes if part.name in wanted}
        names = [name for part in self.parts if part.name in wanted for name in part.reads]
        return tuple(dict.fromkeys(name for name in names if name not in written))
