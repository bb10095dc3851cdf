"""A clip against its speaker's own usual: the state beside the trait.

The word within the gender says how a voice compares with other women or men; this one says how the speaker compares
with themselves. A low voice for a woman may yet be higher than she usually speaks.

The edges are those of the scale's method over all clips of the speaker, whatever their split: a speaker of the test
split has no others. No label is looked at, of any split.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.attributes import SPEAKER, word_column
from annotate.descriptors.clip_measurements import ClipMeasurements
from annotate.descriptors.scale import Method, edges_of, places
from annotate.descriptors.uncertainty import BLANK, UncertaintyPolicy
from annotate.engine.stage import Part, Row
from annotate.store import fingerprint

# descriptor -> speaker -> {"edges": [...], "count": clips}
UsualBySpeaker = Mapping[str, Mapping[str, Mapping[str, Any]]]


def compared(scale: Mapping[str, Any]) -> dict[str, Any]:
    """The descriptors of a scale that are compared with the speaker's own usual."""
    return {name: descriptor for name, descriptor in scale["descriptors"].items() if descriptor.get("speaker", True)}


def fit(clips: ClipMeasurements, scale: Mapping[str, Any], smallest: int) -> dict[str, dict[str, Any]]:
    """The edges of every speaker with at least ``smallest`` measured clips, by the scale's method.

    Args:
        clips: those of all splits; emotions are never read.
        scale: whose measures and method are used.
        smallest: fewest measured clips of a speaker.
    """
    method = Method.of(scale)
    speakers = sorted(clips.of_speakers().items())
    usual: dict[str, dict[str, Any]] = {}
    for name, descriptor in compared(scale).items():
        values = clips.values[descriptor["measure"]]
        usual[name] = {}
        for speaker, of_speaker in speakers:
            mine = values[of_speaker].astype(np.float64)
            measured = mine[np.isfinite(mine) & (mine > 0)] if descriptor["log"] else mine[np.isfinite(mine)]
            if len(measured) >= smallest:
                edges = edges_of(measured, descriptor["log"], method, len(descriptor["words"]))
                usual[name][speaker] = {"edges": edges, "count": len(measured)}
    return usual


@dataclass(frozen=True)
class Against:
    """One attribute of some rows against their speakers' usual.

    Attributes:
        name, words: the attribute and its words in order.
        made: places of the rows that have a word, shape (words,).
        values: their measurements, shape (words,).
        edges: their speakers' edges, shape (words, levels - 1).
        stabilities: the sureness of each word, in the order of ``made``; None where nothing is known of the estimator.
    """

    name: str
    words: Sequence[str]
    made: NDArray[np.int64]
    values: NDArray[np.float64]
    edges: NDArray[np.float64]
    stabilities: Sequence[float | None] = ()


def against(
    rows: Sequence[Mapping[str, Any]], scale: Mapping[str, Any], usual_of_all: UsualBySpeaker, policy: UncertaintyPolicy
) -> Iterator[Against]:
    """Each attribute of the rows whose speakers have a usual of it."""
    for name, descriptor in compared(scale).items():
        usual, measure = usual_of_all.get(name, {}), descriptor["measure"]
        mine = [place for place, row in enumerate(rows) if _worded(row, measure) and row["speaker"] in usual]
        if mine:
            values = np.array([rows[place][measure] for place in mine], dtype=np.float64)
            edges = np.array([usual[rows[place]["speaker"]]["edges"] for place in mine], dtype=np.float64)
            made = Against(name, descriptor["words"], np.array(mine, dtype=np.int64), values, edges)
            stabilities = policy.stabilities(made, measure, rows)
            yield replace(made, stabilities=[stabilities[place] for place in mine])


@dataclass(frozen=True)
class SpeakerRelativeWords:
    """``compute`` of the part."""

    scale: Mapping[str, Any]
    usual: UsualBySpeaker
    policy: UncertaintyPolicy = field(default_factory=UncertaintyPolicy)

    def all(self, rows: Sequence[Row]) -> list[Row]:
        """The words of rows against their speakers' usual; null for speakers of too few clips, and where blanked."""
        columns: list[Row] = [{} for _ in rows]
        for attribute in against(rows, self.scale, self.usual, self.policy):
            levels = places(attribute.values, attribute.edges).tolist()
            for place, level, stability in zip(attribute.made.tolist(), levels, attribute.stabilities, strict=True):
                blank = self.policy.doubtful == BLANK and self.policy.is_uncertain(stability)
                columns[place][word_column(attribute.name, SPEAKER)] = None if blank else attribute.words[level]
        return columns


def _worded(row: Mapping[str, Any], measure: str) -> bool:
    value = row[measure]
    return row["split"] is not None and not row["drop_audio"] and value is not None and math.isfinite(value)


def part(
    scale: Mapping[str, Any],
    usual: UsualBySpeaker,
    policy: UncertaintyPolicy,
    measures: Sequence[str],
    writes: Sequence[str],
) -> Part:
    """The declaration of the part; a digest stands for the edges, since a corpus may have thousands of speakers."""
    doubted = {"doubt": policy.settings(measures)} if policy.doubtful == BLANK else {}
    return Part(
        name="own",
        version="1",
        reads=("speaker", "split", "drop_audio", *(["rate_source"] if doubted else []), *measures),
        writes=tuple(writes),
        settings={
            "own": fingerprint.of(usual), "words": {k: v["words"] for k, v in scale["descriptors"].items()}, **doubted,
        },
    )  # fmt: skip
