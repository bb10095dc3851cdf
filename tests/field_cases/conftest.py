"""Small corpora with one thing wrong in them, run the whole way."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from conftest import voice
from hub.conftest import client, finished, hub  # noqa: F401  fixtures of a Hub on loopback

from annotate import settings
from annotate.pipeline import Pipeline

RATE = 16000


class Finished:
    """A finished run: its rows by id, its summary, its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        self.rows: dict[str, dict[str, Any]] = {
            row["id"]: row
            for path in sorted((folder / "data").glob("*.parquet"))
            for row in pq.read_table(path).to_pylist()
        }

    def aside(self) -> dict[str, str]:
        return {one["id"]: one["reason"] for one in self.summary["dropped"]}

    def require_all(self, names: set[str], refused: int = 0) -> None:
        """Each of these rows is there, or put aside as a copy of one that is there, in the split that it names.

        ``refused``: so many further rows are put aside for another reason.
        """
        aside = {name: why for name, why in self.aside().items() if name in names}
        assert self.rows.keys() | aside.keys() == names
        assert not self.rows.keys() & aside.keys()
        counts = {"found": len(names) + refused, "kept": len(self.rows), "dropped": len(aside) + refused}
        assert self.summary["rows"] == counts
        for why in aside.values():
            copied = re.fullmatch(r"the same recording as '(.+)', which is in the split (\w+)", why)
            assert copied, why
            assert self.rows[copied[1]]["split"] == copied[2]
        reason = "another split has the same recording"
        assert self.summary["reasons"].get(reason, 0) == len(aside)
        card = (self.folder / "README.md").read_text(encoding="utf-8")
        assert (f"| {len(aside)} | {reason} |" in card) == bool(aside)


def clip(number: int, f0: float = 120.0) -> np.ndarray:
    """A voice that differs from clip to clip in pitch, level and rhythm."""
    return voice(0.9 + 0.02 * number, f0 + 3 * number, level=0.1 + 0.02 * number, syllables=3 + 0.2 * number)


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A corpus as a table: ``table(rows)``; each row has ``samples`` or the bytes of its file in ``raw``."""

    def make(rows: Sequence[Mapping[str, Any]], root: Path | None = None) -> Path:
        folder = root or tmp_path / "corpus"
        folder.mkdir(parents=True, exist_ok=True)
        names = dict.fromkeys(name for row in rows for name in row if name not in ("samples", "raw"))
        with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["path", *names])
            writer.writeheader()
            for number, row in enumerate(rows):
                path = f"{row.get('id', number)}.wav"
                if "raw" in row:
                    (folder / path).write_bytes(row["raw"])
                elif row.get("samples") is not None:
                    soundfile.write(folder / path, row["samples"], RATE)
                writer.writerow({"path": path, **{name: row.get(name, "") for name in names}})
        return folder

    return make


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Finished]:
    """The whole way: ``run("table", root, "key=value")``."""

    def go(recipe: str, root: Path, *overrides: str, output: Path | None = None) -> Finished:
        lines = [
            f"corpus.root={root}",
            "corpus.split=random",
            "descriptors.smallest_group=3",
            "features.voice=none",
            *overrides,
        ]
        folder = output or tmp_path / "out"
        Pipeline(settings.load(recipe, lines, folder)).run()
        return Finished(folder)

    return go
