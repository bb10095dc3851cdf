"""How wrong each measurement is known to be: the figures of the accuracy bench, for the report and the card.

``known_errors.json`` is written by ``make bench-accuracy KNOWN=1``, never by hand. An estimator without figures there
has a measured error nowhere, and that is what users are told of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".json")
COMMAND = "make bench-accuracy KNOWN=1"


@dataclass(frozen=True)
class KnownError:
    """One figure.

    Attributes:
        estimator: ``slot: name``, as in a recipe.
        columns: the columns of a row that it is the error of.
        what: what was measured, on what.
        reached: the figure with its unit.
        reach: what it should be; empty where nothing was set.
        held: whether it is; None where nothing was set.
        data: how many clips, and what was fitted on what.
    """

    estimator: str
    columns: tuple[str, ...]
    what: str
    reached: str
    reach: str
    held: bool | None
    data: str


@cache
def all_errors() -> tuple[KnownError, ...]:
    """Every figure of the file, in its order."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))["errors"]
    return tuple(KnownError(**{**entry, "columns": tuple(entry["columns"])}) for entry in stored)


def by_column(
    features: Mapping[str, str], rate_sources: Collection[str] | None = None
) -> dict[str, tuple[KnownError, ...]]:
    """The figures of the estimators that a recipe names, by column.

    Args:
        features: slot -> name of the estimator.
        rate_sources: what the rates of the rows came from. Without it both figures are given for ``rate: transcript``,
            which falls back to the signal where a row has no text.
    """
    used = {f"{slot}: {name}" for slot, name in features.items() if slot != "rate" or not rate_sources}
    used |= {f"rate: {source}" for source in rate_sources or ()}
    if "rate: transcript" in used and not rate_sources:
        used.add("rate: signal")
    errors_by_column: dict[str, tuple[KnownError, ...]] = {}
    for error in all_errors():
        for column in error.columns if error.estimator in used else ():
            errors_by_column[column] = (*errors_by_column.get(column, ()), error)
    return errors_by_column


def sentence(error: KnownError) -> str:
    """A figure on one line, as card, report and ``semo-annotate describe`` print it."""
    return f"{error.what}: {error.reached}" + (f" ({error.data})" if error.data else "")


def write(errors: Sequence[KnownError]) -> None:
    """Write the file anew."""
    content = {"command": COMMAND, "errors": [asdict(error) for error in errors]}
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    all_errors.cache_clear()
