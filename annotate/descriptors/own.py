"""A clip against its speaker's own usual: the state beside the trait.

The word within the gender says how a voice compares with other women or men; this one says how the speaker compares
with themselves. A low voice for a woman may yet be higher than she usually speaks.

The edges are those of the scale's method over all clips of the speaker, whatever their split: a speaker of the test
split has no others. No label is looked at, of any split.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.descriptors.scale import edges_of, place
from annotate.engine.stage import Part, Row
from annotate.store import fingerprint
from annotate.store.schema import OWN

# descriptor -> speaker -> {"edges": [low, high], "count": clips}
Own = Mapping[str, Mapping[str, Mapping[str, Any]]]


def gather(rows: Iterable[Mapping[str, Any]], scale: Mapping[str, Any]) -> dict[str, dict[str, array[float]]]:
    """The measurements of every speaker: descriptor -> speaker -> values.

    Args:
        rows: ``speaker`` and the measurements of every clip, of all splits; emotions are never read.
        scale: whose measures are used.
    """
    values: dict[str, dict[str, array[float]]] = {name: {} for name in scale["descriptors"]}
    for row in rows:
        if row["speaker"] is None:
            continue
        for name, descriptor in scale["descriptors"].items():
            value = row[descriptor["measure"]]
            if value is not None and math.isfinite(value):
                values[name].setdefault(row["speaker"], array("d")).append(value)
    return values


def fit(
    values: Mapping[str, Mapping[str, array[float]]], scale: Mapping[str, Any], smallest: int
) -> dict[str, dict[str, Any]]:
    """The edges of every speaker with at least ``smallest`` measured clips, by the scale's method."""
    how = scale["descriptors"]
    return {
        name: {
            speaker: {
                "edges": edges_of(found, how[name]["log"], scale["method"], scale["threshold"]),
                "count": len(found),
            }
            for speaker, found in sorted(speakers.items())
            if len(found) >= smallest
        }
        for name, speakers in values.items()
    }


@dataclass(frozen=True)
class OwnWords:
    """``compute`` of the part."""

    scale: Mapping[str, Any]
    own: Own

    def one(self, row: Row) -> Row:
        """The words of a row against its speaker's usual; null for speakers of too few clips."""
        if row["split"] is None or row["drop_audio"]:
            return {}
        found: Row = {}
        for name, descriptor in self.scale["descriptors"].items():
            value, usual = row[descriptor["measure"]], self.own.get(name, {}).get(row["speaker"])
            if usual is not None and value is not None and math.isfinite(value):
                found[f"{name}_own"] = descriptor["words"][place(value, usual["edges"])]
        return found


def part(scale: Mapping[str, Any], own: Own, measures: Sequence[str]) -> Part:
    """The declaration of the part; a digest stands for the edges, since a corpus may have thousands of speakers."""
    return Part(
        name="own",
        version="1",
        reads=("speaker", "split", "drop_audio", *measures),
        writes=tuple(column.name for column in OWN),
        settings={"own": fingerprint.of(own), "words": {k: v["words"] for k, v in scale["descriptors"].items()}},
    )
