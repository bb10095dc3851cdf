"""What a few recordings tell of a corpus before a run: levels, rates, clipping and silence, measured on a sample.

Transcripts are those of the corpus: nothing is recognised, since that takes longer than a check may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate import registry
from annotate.attributes import GROUP, AttributeTable
from annotate.corpora.check import Found
from annotate.corpora.warnings import CorpusWarning
from annotate.dataset.quality import COLUMNS, Quality
from annotate.features import measure
from annotate.settings import Recipe

SLOTS = ("energy", "rate")


def add_warnings(found: Found, recipe: Recipe) -> None:
    """Measure the recordings that a check has sampled, and add what they and the counts warn of to its warnings."""
    chosen = recipe.descriptors
    if chosen.by == "gender" and chosen.scale is None and recipe.features.gender == "corpus":
        found.warnings += small_groups(found.counts["gender"], chosen.smallest_group, chosen.table())
    rows = measured(found.sample, recipe.corpus.root, recipe.features.model_dump())
    counted = Quality(())
    for row in rows:
        counted.count(row)
    found.sampled = counted.rows
    found.sample_warnings = list(counted.warnings({"by": "corpus"}, recipe.features.rate == "transcript"))


def measured(rows: Sequence[Mapping[str, Any]], root: Path, features: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows with the columns of level, rate and flaws."""
    wanted = {
        "transcript": "corpus",
        **{slot: name for slot, name in registry.slots(features).items() if slot in SLOTS},
    }
    stage = measure.stage(root, wanted)
    parts = [part.name for part in stage.parts]
    held = [dict(row) for row in rows]
    whole = [dict.fromkeys(COLUMNS) | row for row in held]
    for columns in stage.compute(held, parts).values():
        for row, values in zip(whole, columns, strict=True):
            row |= values
    return [{**row, "split": "sample", "drop_audio": row.get("drop_decoded")} for row in whole]


def small_groups(sexes: Mapping[str, int], smallest: int, table: AttributeTable) -> list[CorpusWarning]:
    """Sexes with fewer clips in the whole corpus than edges need; a run, which fits on one split, may find more."""
    names = ", ".join(name for name, one in table.items() if GROUP in one.against)
    return [
        CorpusWarning("small_group", {"gender": gender, "count": count, "smallest": smallest, "attributes": names})
        for gender, count in sorted(sexes.items())
        if count < smallest
    ]
