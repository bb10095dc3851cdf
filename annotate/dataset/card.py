"""The data card: the data set's ``README.md``, with the metadata that the Hub and ``datasets`` read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from annotate import assets
from annotate.captions import templates
from annotate.corpora.manifest import Manifest

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(corpus: Manifest, *, name: str, splits: Mapping[str, int], scale: Mapping[str, Any], **facts: Any) -> str:
    """The card as Markdown with its YAML head.

    Args:
        corpus: the corpus's manifest.
        name: name of the data set.
        splits: rows per split.
        scale: the content of ``scale.json``.
        facts: what else the template names: ``recipe``, ``labels``, ``label_map``, ``dropped``, ``versions``.
    """
    rows = sum(splits.values())
    head = {
        "pretty_name": f"{corpus.title}: explained emotion data",
        "license": "other",
        "license_name": corpus.licence.name,
        "language": [corpus.language] if corpus.language else [],
        "task_categories": ["audio-classification"],
        "tags": ["speech-emotion-recognition", "speech", "emotion", "captions", "prosody"],
        "size_categories": [next((label for limit, label in SIZES if rows < limit), "1M<n<10M")],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*.parquet"} for split in splits],
            }
        ],
    }
    if corpus.licence.url:
        head["license_link"] = corpus.licence.url
    text = (assets.home("templates") / "card.md.jinja2").read_text(encoding="utf-8")
    body = templates.compiled(text).render(
        corpus=corpus, name=name, splits=splits, scale=scale, rows=rows, edges=list(_edges(scale)), **facts
    )
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n\n{body.strip()}\n"


def _edges(scale: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    return [
        {"name": name, "group": group, "measure": one["measure"], "unit": one["unit"], "words": one["words"], **found}
        for name, one in scale["descriptors"].items()
        for group, found in one["groups"].items()
    ]
