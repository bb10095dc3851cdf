"""What a corpus holds, held against what was published of it: a copy that lacks half must not pass in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from annotate.corpora import corpus_rows, label_and_split, splits
from annotate.corpora.data_manifest import Expected, Manifest
from annotate.corpora.labels import Labels

COLUMNS = ("emotion_original", "speaker", "gender_given", "session", "split_given", "drop_corpus")


def differing(expected: Expected, rows: int, counts: Mapping[str, Mapping[str, int]], label_set: str) -> list[str]:
    """Where counts differ from the expected ones, a line each.

    Args:
        expected: what was published; what is None or empty there is not compared.
        rows: rows found, repeats left out.
        counts: ``label``, ``mapped`` (in the label set), ``speaker``, ``gender``, ``session``, ``given`` (the
            corpus's own split) -> value -> rows.
        label_set: its name.
    """
    pairs: list[tuple[str, int, int]] = []
    if expected.rows is not None:
        pairs.append(("rows", expected.rows, rows))
    if expected.speakers is not None:
        pairs.append(("speakers", expected.speakers, len(counts.get("speaker", {}))))
    for what, of, wanted in (
        ("label", "label", expected.emotions),
        (label_set, "mapped", expected.labels.get(label_set, {})),
        ("gender", "gender", expected.genders),
        ("session", "session", expected.sessions),
        ("split", "given", expected.splits),
    ):
        pairs += [(f"{what} {name}", count, counts.get(of, {}).get(name, 0)) for name, count in wanted.items()]
    return [f"{name}: {count} found, {wanted} expected" for name, wanted, count in pairs if wanted != count]


def differences(
    manifest: Manifest, options: Mapping[str, Any], label_set: str, labels: Labels, tables: Iterable[pa.Table]
) -> list[str]:
    """Where the rows of a run differ from what was published of the corpus.

    Args:
        manifest: the corpus.
        options: the recipe's ``corpus.options``.
        label_set: name of the label set.
        labels: the label set.
        tables: the columns ``COLUMNS`` of every row, in pieces.
    """
    chosen = label_and_split.Select(labels, label_set, splits.SplitPlan("id", {}, 1, 1))
    rows = 0
    counts: dict[str, Counter[str]] = {}
    for table in tables:
        for group in table.group_by(list(COLUMNS)).aggregate([([], "count_all")]).to_pylist():
            if group["drop_corpus"] == corpus_rows.REPEATS:
                continue
            count = group["count_all"]
            rows += count
            mapped = chosen.emotion(group["emotion_original"])[0]
            for what, value in (
                ("label", group["emotion_original"]), ("mapped", mapped), ("speaker", group["speaker"]),
                ("gender", group["gender_given"]), ("session", group["session"]), ("given", group["split_given"]),
            ):  # fmt: skip
                if value is not None:
                    counts.setdefault(what, Counter())[value] += count
    return differing(manifest.expected.under({**manifest.options, **options}), rows, counts, label_set)
