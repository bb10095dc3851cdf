"""Numbers into words, by a scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.descriptors.doubt import BLANK, HEDGE, Doubt
from annotate.descriptors.margin import margin
from annotate.descriptors.own import Own, OwnWords
from annotate.descriptors.own import part as own_part
from annotate.descriptors.scale import groups_of, place
from annotate.engine.stage import Part, Row, Stage
from annotate.store.schema import MARGINS, SAID, SURE, WORDS


@dataclass(frozen=True)
class Word:
    """A word, the group whose edges decided it, how far from the nearest edge, and what there is to say of it."""

    word: str | None
    group: str | None
    note: str | None = None
    margin: float | None = None
    edges: Sequence[float] | None = None


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
    edges = chosen["edges"]
    return Word(
        descriptor["words"][place(value, edges)],
        usable[0],
        _note(value, name, descriptor, chosen, usable[0], row, scale),
        margin(value, edges, descriptor["log"]),
        edges,
    )


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
    own: Own = field(default_factory=dict)
    doubt: Doubt = field(default_factory=Doubt)

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """For each wanted part one row of its columns per row given."""
        makers = {"words": self.one, "own": OwnWords(self.scale, self.own).one}
        return {part: [makers[part](row) for row in rows] for part in wanted}

    def one(self, row: Row) -> Row:
        """All words of a row; none for a row that was put aside."""
        if row["split"] is None or row["drop_audio"]:
            return {"notes_words": []}
        found: Row = {"notes_words": [], "hedged": []}
        for name, descriptor in self.scale["descriptors"].items():
            value = row[descriptor["measure"]]
            made = word(value, name, row, self.scale)
            sure = self.doubt.sure(value, made.edges, descriptor["measure"], row)
            found |= {name: made.word, f"{name}_scale": made.group, f"{name}_margin": made.margin}
            found |= {f"{name}_sure": sure, f"{name}_word": made.word}
            found["notes_words"] += [made.note] if made.note else []
            if self.doubt.doubts(sure) and self.doubt.doubtful == HEDGE:
                found["hedged"].append(name)
            elif self.doubt.doubts(sure) and self.doubt.doubtful == BLANK:
                found[name] = None
                found["notes_words"].append(
                    f"{name}: left blank, its sureness of {sure:.2f} is below {self.doubt.below:g}"
                )
        return found


def stage(scale: Mapping[str, Any], own: Own, doubt: Doubt) -> Stage:
    """The wording stage for a scale, the usual of each speaker, and what is done with doubtful words."""
    measures = tuple(descriptor["measure"] for descriptor in scale["descriptors"].values())
    part = Part(
        name="words",
        version="3",
        reads=("speaker", "gender", "split", "drop_audio", "notes_rate", *measures),
        writes=(*(column.name for column in (*WORDS, *MARGINS, *SURE, *SAID)), "hedged", "notes_words"),
        settings={"scale": scale, "doubt": doubt.settings()},
    )
    return Stage("words", (part, own_part(scale, own, measures)), Words(scale, own, doubt), light=True)
