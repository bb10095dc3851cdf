"""``summary.json``: what a run kept, what it put aside and why, and what spoils the corpus."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from annotate.corpora import expected_counts, locator, walk, warnings
from annotate.corpora import labels as label_sets
from annotate.corpora.warnings import CorpusWarning
from annotate.dataset import build, quality
from annotate.features import repeats
from annotate.run_context import RunContext, RunState
from annotate.version import __version__

LIBRARIES = ("numpy", "pyarrow", "praat-parselmouth", "pyloudnorm", "soundfile", "soxr", "datasets", "jinja2")


def summary(context: RunContext, state: RunState, built: build.Built, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The content of ``summary.json``."""
    return {
        "name": context.recipe.name,
        "corpus": context.corpus.name,
        "synthetic": context.corpus.synthetic,
        "rows": {"found": state.index.rows, "kept": sum(built.splits.values()), "dropped": len(built.dropped)},
        "splits": built.splits,
        "reasons": dict(drop_reasons(built, state.repeats).most_common()),
        "dropped": [{"id": row.id, "path": row.path, "reason": row.reason} for row in built.dropped],
        "notes": dict(built.notes.most_common()),
        "words": {name: dict(counts.most_common()) for name, counts in built.words.items()},
        "captions": _captions(built),
        "rate_sources": dict(built.rate_sources.most_common()),
        "review": dict(built.review.most_common()),
        "conflicts": [
            *(f"speaker {name}: the corpus gives two genders" for name in state.index.conflicts),
            *state.doubts,
        ],
        "warnings": [warning.plain() for warning in _warnings(context, state, built.splits)],
        "differences": _differences(context, state),
        "unmeasured": built.unmeasured,
        "seconds": dict(seconds),
        "versions": versions(),
    }


def drop_reasons(built: build.Built, repeated: Mapping[str, Any]) -> Counter[str]:
    """Rows put aside by reason; copies, each of which names its own other row, under one."""
    copies = repeated.get("aside", {})
    return Counter(repeats.KIND if copies.get(row.id) == row.reason else row.reason for row in built.dropped)


def versions() -> dict[str, str]:
    """Versions of what decides the values, for the summary and the card."""
    installed = {"semo-annotate": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            installed[library] = metadata.version(library)
        except metadata.PackageNotFoundError:  # an optional one
            continue
    return installed


def _captions(built: build.Built) -> dict[str, Any]:
    """Rows by who wrote their caption, those without one, and those that the writer of the recipe could not caption."""
    writers: Counter[str] = Counter()
    for (writer, _, _), count in built.captions.items():
        writers[writer] += count
    return {
        "written": dict(writers.most_common()),
        "none": sum(count for (_, has), count in built.unwritten.items() if not has),
        "left_to_template": sum(count for (_, has), count in built.unwritten.items() if has),
        "reasons": dict(Counter({fault: built.unwritten[fault, False] + built.unwritten[fault, True]
                                 for fault, _ in built.unwritten}).most_common()),
    }  # fmt: skip


def _warnings(context: RunContext, state: RunState, placed: Mapping[str, int]) -> list[CorpusWarning]:
    """What spoils the corpus, the gravest first; ``placed`` is how many clips each split has."""
    opened: set[int] = set()
    languages: Counter[str] = Counter()
    counted = quality.Quality.of(context.schema.table)
    columns = list(dict.fromkeys(["path", "audio_bytes", "language", "split", *counted.columns]))
    for shard in range(state.index.shards):
        for row in context.store.read(shard, columns, state.owners).to_pylist():
            if row["audio_bytes"] is not None:
                opened.add(hash(locator.part(row["path"])[0]))
            if row["language"] and row["split"]:
                languages[row["language"]] += 1
            counted.count(row)
    licence, recipe = context.corpus.licence, context.recipe
    untrained = warnings.of_splits(placed, recipe.corpus.split, recipe.corpus.fold)
    return [
        *(untrained if recipe.descriptors.fit == "train" and not recipe.descriptors.scale else ()),
        *warnings.of_licence(licence.name, licence.url),
        *warnings.of_repeats(state.repeats),
        *counted.warnings(state.scale, recipe.features.rate == "transcript"),
        *warnings.of_languages(languages, recipe.descriptors.by),
        *warnings.of_survey(walk.survey(recipe.corpus.root), len(opened)),
    ]


def _differences(context: RunContext, state: RunState) -> list[str]:
    """Where the corpus at hand differs from what was published of it."""
    columns, chosen = expected_counts.COLUMNS, context.recipe.corpus
    rows = (context.store.read(shard, columns, state.owners) for shard in range(state.index.shards))
    return expected_counts.differences(
        context.corpus, chosen.options, label_sets.name_of(chosen.labels), context.labels, rows
    )
