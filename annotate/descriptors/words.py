"""Numbers into words, by a scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.descriptors.scale import groups_of
from annotate.engine.stage import Part, Row, Stage
from annotate.store.schema import WORDS


@dataclass(frozen=True)
class Word:
    """A word, the group whose edges decided it, and what there is to say of it."""

    word: str | None
    group: str | None
    note: str | None = None


def word(value: float | None, name: str, row: Mapping[str, Any], scale: Mapping[str, Any]) -> Word:
    """The word for a measurement.

    Below the first edge the first word, above the second the last; never any other, however far out. No
    word is given for what was not measured, nor where no group has edges.
    """
    descriptor = scale["descriptors"][name]
    if value is None or not math.isfinite(value):
        return Word(None, None, f"{name}: no word, {descriptor['measure']} was not measured")
    chain = [group for group in groups_of(row, scale["by"]) if group in descriptor["groups"]]
    usable = [group for group in chain if descriptor["groups"][group]["edges"] is not None]
    if not usable:
        return Word(None, None, f"{name}: no word, the scale has no edges")
    chosen = descriptor["groups"][usable[0]]
    low, high = chosen["edges"]
    index = 0 if value < low else 2 if value > high else 1
    return Word(descriptor["words"][index], usable[0], _note(value, name, descriptor, chosen, usable[0], row, scale))


def _note(
    value: float,
    name: str,
    descriptor: Mapping[str, Any],
    chosen: Mapping[str, Any],
    group: str,
    row: Mapping[str, Any],
    scale: Mapping[str, Any],
) -> str | None:
    least, most = chosen["range"]
    said = []
    if group != groups_of(row, scale["by"])[0]:
        said.append(f"edges of {group}, too few clips of its own")
    elif scale["by"] != "corpus" and group == "corpus":
        said.append("edges of the whole corpus, no gender is known")
    if not least <= value <= most:
        side = "below" if value < least else "above"
        said.append(f"{value:.4g} {descriptor['unit']} lies {side} all that the scale was fitted on")
    return f"{name}: {'; '.join(said)}" if said else None


@dataclass(frozen=True)
class Words:
    """``compute`` of the stage."""

    scale: Mapping[str, Any]

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {"words": [self.one(row) for row in rows]}

    def one(self, row: Row) -> Row:
        """All words of a row; none for a row that was put aside."""
        if row["split"] is None or row["drop_audio"]:
            return {"notes_words": []}
        found: Row = {"notes_words": []}
        for name, descriptor in self.scale["descriptors"].items():
            made = word(row[descriptor["measure"]], name, row, self.scale)
            found |= {name: made.word, f"{name}_scale": made.group}
            found["notes_words"] += [made.note] if made.note else []
        return found


def stage(scale: Mapping[str, Any]) -> Stage:
    """The wording stage for a scale."""
    measures = tuple(descriptor["measure"] for descriptor in scale["descriptors"].values())
    part = Part(
        name="words",
        version="1",
        reads=("speaker", "gender", "split", "drop_audio", *measures),
        writes=(*(column.name for column in WORDS), "notes_words"),
        settings={"scale": scale},
    )
    return Stage("words", (part,), Words(scale), light=True)
