"""Small data sets as a run leaves them, put together by hand so that a test can spoil any part of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
import yaml

from annotate.dataset import build
from annotate.dataset import manifest as manifests

LABELS = ["anger", "neutral"]


def sound(seconds: float = 0.3, pitch: float = 150.0) -> bytes:
    held = io.BytesIO()
    time = np.arange(round(16000 * seconds)) / 16000
    soundfile.write(held, 0.3 * np.sin(2 * np.pi * pitch * time), 16000, format="WAV")
    return held.getvalue()


def rows(count: int = 4, split: str = "train") -> list[dict[str, Any]]:
    return [
        {
            "id": f"{split}-{number}", "corpus": "made", "speaker": f"s{number % 2}", "duration": 0.3,
            "emotion": number % 2, "gender": "female", "pitch": "high", "speed": "slow", "volume": "loud",
            "transcript": "Kids are talking", "reply_e": f"The Emotion may be {LABELS[number % 2]}.",
            "audio": {"bytes": sound(pitch=120 + 20 * number), "path": f"{number}.wav"},
        }
        for number in range(count)
    ]  # fmt: skip


def write(
    folder: Path, rows_by_split: dict[str, list[dict[str, Any]]] | None = None, stored: str = "embed", **changes: Any
) -> Path:
    """A data set in ``folder``; its manifest, changed at its top level, says what its files are."""
    by_split = rows_by_split or {"train": rows(), "test": rows(2, "test")}
    schema = build.features(LABELS, stored, 16000).arrow_schema
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for split, content in by_split.items():
        pq.write_table(pa.Table.from_pylist(content, schema), folder / "data" / f"{split}-00000-of-00001.parquet")
    (folder / "scale.json").write_text("{}")
    content = {
        "schema": manifests.SCHEMA, "name": "made", "corpus": "made", "dataset": {"folder": ".", "hub": None},
        "splits": {split: len(content) for split, content in by_split.items()},
        "audio": {"column": "audio", "stored": stored, "rate": 16000},
        "label": {"column": "emotion", "names": LABELS}, "contents": {"E": "reply_e"}, "prompt": "Which emotion?",
        "transcript": "transcript", "scale": "scale.json", "licence": {"name": "CC0", "note": "", "publish": "audio"},
        "attributes": {"gender": ["female", "male"], "pitch": ["low", "normal", "high"]},
        "sha256": {
            path.relative_to(folder).as_posix(): manifests.digest(path)
            for path in [*sorted((folder / "data").glob("*.parquet")), folder / "scale.json"]
        },
    }  # fmt: skip
    (folder / "manifest.yaml").write_text(yaml.safe_dump({**content, **changes}, sort_keys=False))
    return folder / "manifest.yaml"
