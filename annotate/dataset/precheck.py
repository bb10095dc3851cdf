"""What spoils a corpus, as far as it can be seen before a run: copies of recordings, and what a sample measures.

Transcripts are those of the corpus: nothing is recognised, since that takes longer than a check may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate import registry
from annotate.attributes import GROUP, AttributeTable
from annotate.audio.decode import Refused, decode
from annotate.corpora import corpus_rows, warnings
from annotate.corpora import data_manifest as manifests
from annotate.corpora.check import CorpusCheck
from annotate.corpora.warnings import CorpusWarning
from annotate.dataset.quality import COLUMNS, Quality
from annotate.features import measure, repeats
from annotate.settings import Recipe

SLOTS = ("energy", "rate")


def add_warnings(checked: CorpusCheck, recipe: Recipe) -> None:
    """Look closer at what a check has read, and add what that warns of to its warnings."""
    checked.warnings += warnings.of_repeats(copies(checked, recipe))
    chosen = recipe.descriptors
    if chosen.by == "gender" and chosen.scale is None and recipe.features.gender == "corpus":
        checked.warnings += small_groups(checked.counts["gender"], chosen.smallest_group, chosen.table())
    rows = measured(checked.sample, recipe.corpus.root, recipe.features.model_dump())
    counted = Quality(())
    for row in rows:
        counted.count(row)
    checked.sampled = counted.rows
    checked.sample_warnings = list(counted.warnings({"by": "corpus"}, recipe.features.rate == "transcript"))


def copies(checked: CorpusCheck, recipe: Recipe) -> dict[str, Any]:
    """Rows whose recordings are equal byte for byte, as ``annotate.features.repeats`` judges them."""
    if checked.candidates is None or checked.placing is None or not checked.candidates.repeated:
        return {}
    manifest = manifests.load(recipe.corpus.manifest)
    reader, request = corpus_rows.request_of(manifest, recipe.corpus.root, recipe.corpus.options)
    named = ("drop_corpus", "path", *(name for name in repeats.COLUMNS if not name.startswith("audio_")))
    placing, silent = checked.placing, {}
    held: list[dict[str, Any]] = []
    for row, digest in checked.candidates.digests(corpus_rows.checked(manifest, reader, request)):
        placed = placing.compute_row(dict(row))
        if placed["split"] is None:
            continue
        if digest not in silent:
            silent[digest] = _silent(request.root / row["path"])
        flaw = "silent" if silent[digest] else None
        kept = {name: row.get(name) for name in named}
        held.append({**kept, "split": placed["split"], "audio_digest": digest, "audio_flaw": flaw})
    return repeats.find(lambda: iter(held))


def _silent(path: Path) -> bool:
    try:
        return decode(path).recording.silent
    except Refused:
        return False


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
    names = ", ".join(name for name, attribute in table.items() if GROUP in attribute.against)
    return [
        CorpusWarning("small_group", {"gender": gender, "count": count, "smallest": smallest, "attributes": names})
        for gender, count in sorted(sexes.items())
        if count < smallest
    ]
