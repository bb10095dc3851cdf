"""Numbers into words, by a scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.attributes import ABSOLUTE, SPEAKER, word_column
from annotate.descriptors.edge_distance import edge_distances
from annotate.descriptors.scale import WIDEST, groups_of, places
from annotate.descriptors.speaker_relative import SpeakerRelativeWords, UsualBySpeaker, against
from annotate.descriptors.speaker_relative import part as own_part
from annotate.descriptors.uncertainty import KEEP, UncertaintyPolicy
from annotate.engine.stage import Part, Row, Stage
from annotate.store import fingerprint

Floats = NDArray[np.float64]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Word:
    """A word, the group whose edges decided it, how far from the nearest edge, and what there is to say of it."""

    word: str | None
    group: str | None
    note: str | None = None
    margin: float | None = None
    edges: Sequence[float] | None = None


@dataclass(frozen=True)
class Worded:
    """The words of one attribute for some rows.

    Attributes:
        words, groups, notes: of each row, None where there is none.
        made: places of the rows that have a word, shape (words,).
        values, margins: of those rows, shape (words,).
        edges: those that decided, shape (words, levels - 1).
    """

    words: list[str | None]
    groups: list[str | None]
    notes: list[str | None]
    made: NDArray[np.int64]
    values: Floats
    margins: Floats
    edges: Floats

    def column(self, values: Floats) -> list[float | None]:
        """Numbers of the rows that have a word as a column of all rows, None elsewhere."""
        whole: list[float | None] = [None] * len(self.words)
        for place, value in zip(self.made.tolist(), values.tolist(), strict=True):
            whole[place] = value
        return whole


def word(value: float | None, name: str, row: Mapping[str, Any], scale: Mapping[str, Any]) -> Word:
    """The word for a measurement.

    Below the first edge the first word, above the last the last; never any other, however far out. No
    word is given for what was not measured, nor where no group has edges.
    """
    descriptor = scale["descriptors"][name]
    made = worded([{**row, descriptor["measure"]: value}], name, descriptor, scale["by"])
    if not len(made.made):
        return Word(None, None, made.notes[0])
    return Word(made.words[0], made.groups[0], made.notes[0], float(made.margins[0]), made.edges[0].tolist())


def worded(rows: Rows, name: str, descriptor: Mapping[str, Any], by: str) -> Worded:
    """The words of many rows.

    Args:
        rows: each with ``speaker``, ``gender`` and the descriptor's measure.
        name: the attribute.
        descriptor: its entry in a scale.
        by: the scale's grouping.
    """
    measure, groups = descriptor["measure"], descriptor["groups"]
    values = np.array([math.nan if row[measure] is None else row[measure] for row in rows], dtype=np.float64)
    measured = np.isfinite(values)
    served = list(_served(rows, groups, by))
    notes: list[str | None] = [None] * len(rows)
    for place in np.flatnonzero(~measured).tolist():
        notes[place] = f"{name}: no word, {measure} was not measured"
    for place, group in enumerate(served):
        if group is None and notes[place] is None:
            notes[place] = f"{name}: no word, the scale has no edges"
    made = np.array([at for at, group in enumerate(served) if group is not None and measured[at]], dtype=np.int64)
    count = len(descriptor["words"]) - 1
    edges = np.array([groups[served[at]]["edges"] for at in made], dtype=np.float64).reshape(len(made), count)
    there = values[made]
    words: list[str | None] = [None] * len(rows)
    chosen: list[str | None] = [None] * len(rows)
    for at, level, value in zip(made.tolist(), places(there, edges).tolist(), there.tolist(), strict=True):
        words[at], chosen[at] = descriptor["words"][level], served[at]
        notes[at] = _note(value, name, descriptor, str(served[at]), rows[at], by)
    return Worded(words, chosen, notes, made, there, edge_distances(there, edges, descriptor["log"]), edges)


def _served(rows: Rows, groups: Mapping[str, Any], by: str) -> Iterator[str | None]:
    """The group whose edges serve each row; None where none has any."""
    known: dict[tuple[Any, Any], str | None] = {}
    for row in rows:
        key = (row["speaker"] if by == "speaker" else None, row["gender"])
        if key not in known:
            chain = [ABSOLUTE] if ABSOLUTE in groups else groups_of(row, by)
            usable = (group for group in chain if group in groups and groups[group]["edges"] is not None)
            known[key] = next(usable, None)
        yield known[key]


def _note(
    value: float, name: str, descriptor: Mapping[str, Any], group: str, row: Mapping[str, Any], by: str
) -> str | None:
    if group == ABSOLUTE:
        return None
    least, most = descriptor["groups"][group]["range"]
    remarks = []
    if group != groups_of(row, by)[0]:
        remarks.append(f"edges of {group}, too few clips of its own")
    elif by != "corpus" and group == WIDEST:
        remarks.append("edges of the whole corpus, no gender is known")
    if not least <= value <= most:
        side = "below" if value < least else "above"
        remarks.append(f"{value:.4g} {descriptor['unit']} is {side} the range that the scale was fitted on")
    return f"{name}: {'; '.join(remarks)}" if remarks else None


@dataclass(frozen=True)
class Wording:
    """``compute`` of the stage."""

    scale: Mapping[str, Any]
    usual: UsualBySpeaker = field(default_factory=dict)
    policy: UncertaintyPolicy = field(default_factory=UncertaintyPolicy)

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """For each wanted part one row of its columns per row given."""
        makers = {"words": self.all, "own": SpeakerRelativeWords(self.scale, self.usual, self.policy).all}
        return {part: makers[part](rows) for part in wanted}

    def compute_row(self, row: Row) -> Row:
        """All words of a row; none for a row that was put aside."""
        return self.all([row])[0]

    def all(self, rows: Sequence[Row]) -> list[Row]:
        """All words of some rows; none for those that were put aside."""
        kept = [row for row in rows if row["split"] is not None and not row["drop_audio"]]
        worded_rows: list[Row] = [{"notes_words": [], "hedged": []} for _ in kept]
        for name, descriptor in self.scale["descriptors"].items():
            self._attribute(name, descriptor, kept, worded_rows)
        self._mark_uncertain_speaker_words(kept, worded_rows)
        for name, few in self.scale.get("replies", {}).items():
            for row, reply_word in zip(worded_rows, worded(kept, name, few, self.scale["by"]).words, strict=True):
                row[f"{name}_word"] = reply_word
        made = iter(worded_rows)
        return [
            next(made) if row["split"] is not None and not row["drop_audio"] else {"notes_words": []} for row in rows
        ]

    def _attribute(self, name: str, descriptor: Mapping[str, Any], rows: Rows, columns_of_rows: Sequence[Row]) -> None:
        made = worded(rows, name, descriptor, self.scale["by"])
        stabilities = self.policy.stabilities(made, descriptor["measure"], rows)
        columns = (made.words, made.groups, made.column(made.margins), stabilities, made.notes)
        for row, written, group, margin, stability, note in zip(columns_of_rows, *columns, strict=True):
            row[name] = row[f"{name}_word"] = written
            row[f"{name}_scale"], row[f"{name}_margin"], row[f"{name}_sure"] = group, margin, stability
            row["notes_words"] += [note] if note else []
            if self.policy.mark(row, name, stability):
                row[name] = None

    def _mark_uncertain_speaker_words(self, rows: Rows, columns_of_rows: Sequence[Row]) -> None:
        """Mark the words against the speaker's usual, which have edges and so a sureness of their own."""
        if self.policy.doubtful == KEEP:
            return
        for attribute in against(rows, self.scale, self.usual, self.policy):
            for place, stability in zip(attribute.made.tolist(), attribute.stabilities, strict=True):
                self.policy.mark(columns_of_rows[place], word_column(attribute.name, SPEAKER), stability)


def stage(
    scale: Mapping[str, Any], usual: UsualBySpeaker, policy: UncertaintyPolicy, columns: Mapping[str, Sequence[str]]
) -> Stage:
    """The wording stage.

    Args:
        scale: the edges.
        usual: of each speaker.
        policy: what is done with doubtful words.
        columns: part (``words``, ``own``) -> the columns that it writes.
    """
    measures = tuple(dict.fromkeys(descriptor["measure"] for descriptor in scale["descriptors"].values()))
    doubted = (
        {} if policy.doubtful == KEEP else {"own": fingerprint.of(usual)}
    )  # whose words are hedged, and noted blank
    part = Part(
        name="words",
        version="4",
        reads=("speaker", "gender", "split", "drop_audio", "rate_source", *measures),
        writes=tuple(columns["words"]),
        settings={"scale": scale, "doubt": policy.settings(measures), **doubted},
    )
    return Stage(
        "words",
        (part, own_part(scale, usual, policy, measures, columns["own"])),
        Wording(scale, usual, policy),
        light=True,
    )
