"""A clip against its speaker's own usual: the state beside the trait.

The word within the gender says how a voice compares with other women or men; this one says how the speaker compares
with themselves. A low voice for a woman may yet be higher than she usually speaks.

The edges are those of the scale's method over all clips of the speaker, whatever their split: a speaker of the test
split has no others. No label is looked at, of any split.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotate.descriptors.clips import Clips
from annotate.descriptors.scale import Method, edges_of, places
from annotate.engine.stage import Part, Row
from annotate.store import fingerprint

# descriptor -> speaker -> {"edges": [...], "count": clips}
Own = Mapping[str, Mapping[str, Mapping[str, Any]]]


def compared(scale: Mapping[str, Any]) -> dict[str, Any]:
    """The descriptors of a scale that are compared with the speaker's own usual."""
    return {name: one for name, one in scale["descriptors"].items() if one.get("speaker", True)}


def fit(clips: Clips, scale: Mapping[str, Any], smallest: int) -> dict[str, dict[str, Any]]:
    """The edges of every speaker with at least ``smallest`` measured clips, by the scale's method.

    Args:
        clips: those of all splits; emotions are never read.
        scale: whose measures and method are used.
        smallest: fewest measured clips of a speaker.
    """
    how = Method.of(scale)
    speakers = sorted(clips.of_speakers().items())
    found: dict[str, dict[str, Any]] = {}
    for name, descriptor in compared(scale).items():
        values = clips.values[descriptor["measure"]]
        found[name] = {}
        for speaker, of_speaker in speakers:
            mine = values[of_speaker].astype(np.float64)
            measured = mine[np.isfinite(mine) & (mine > 0)] if descriptor["log"] else mine[np.isfinite(mine)]
            if len(measured) >= smallest:
                edges = edges_of(measured, descriptor["log"], how, len(descriptor["words"]))
                found[name][speaker] = {"edges": edges, "count": len(measured)}
    return found


@dataclass(frozen=True)
class OwnWords:
    """``compute`` of the part."""

    scale: Mapping[str, Any]
    own: Own

    def all(self, rows: Sequence[Row]) -> list[Row]:
        """The words of rows against their speakers' usual; null for speakers of too few clips."""
        found: list[Row] = [{} for _ in rows]
        for name, descriptor in compared(self.scale).items():
            usual, measure = self.own.get(name, {}), descriptor["measure"]
            mine = [place for place, row in enumerate(rows) if _worded(row, measure) and row["speaker"] in usual]
            if not mine:
                continue
            values = np.array([rows[place][measure] for place in mine], dtype=np.float64)
            edges = np.array([usual[rows[place]["speaker"]]["edges"] for place in mine], dtype=np.float64)
            for place, level in zip(mine, places(values, edges).tolist(), strict=True):
                found[place][f"{name}_own"] = descriptor["words"][level]
        return found


def _worded(row: Row, measure: str) -> bool:
    value = row[measure]
    return row["split"] is not None and not row["drop_audio"] and value is not None and math.isfinite(value)


def part(scale: Mapping[str, Any], own: Own, measures: Sequence[str], writes: Sequence[str]) -> Part:
    """The declaration of the part; a digest stands for the edges, since a corpus may have thousands of speakers."""
    return Part(
        name="own",
        version="1",
        reads=("speaker", "split", "drop_audio", *measures),
        writes=tuple(writes),
        settings={"own": fingerprint.of(own), "words": {k: v["words"] for k, v in scale["descriptors"].items()}},
    )
