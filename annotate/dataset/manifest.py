"""``manifest.yaml``: all that a trainer needs to know of a data set, and nothing of this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from annotate.corpora.manifest import Manifest
from annotate.store.schema import reply_column

SCHEMA = 1
PROMPT = (
    "Please recognize the emotions contained in the speech based on the description of vocal features "
    "and the content within the audio."
)  # the published figure's prompt


def content(
    corpus: Manifest,
    *,
    name: str,
    folder: Path,
    splits: Mapping[str, int],
    labels: Sequence[str],
    contents: Sequence[str],
    audio: str,
    rate: int,
    split_rule: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of a finished data set in ``folder``."""
    return {
        "schema": SCHEMA,
        "name": name,
        "corpus": corpus.name,
        "dataset": {"folder": ".", "hub": None},
        "splits": dict(splits),
        "split_rule": dict(split_rule),
        "audio": {"column": "audio" if audio != "none" else None, "stored": audio, "rate": rate},
        "label": {"column": "emotion", "names": list(labels)},
        "contents": {one: reply_column(one) for one in contents},
        "prompt": PROMPT,
        "captions": {"column": "caption", "claims": "caption_claims"},
        "transcript": "transcript",
        "attributes": {
            "gender": ["female", "male"],
            "pitch": ["low", "normal", "high"],
            "speed": ["slow", "normal", "fast"],
            "volume": ["quiet", "normal", "loud"],
        },
        "scale": "scale.json",
        "synthetic": corpus.synthetic,
        "licence": corpus.licence.model_dump(),
        "sha256": {
            path.relative_to(folder).as_posix(): digest(path)
            for path in [*sorted((folder / "data").glob("*.parquet")), folder / "scale.json"]
        },
    }


def dump(content: Mapping[str, Any]) -> str:
    """The manifest as YAML."""
    return str(yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=100))


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()
