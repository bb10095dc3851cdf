"""Measurements that a table brings along: taken as they are, without opening a recording."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from test_pipeline import rows

from annotate import settings
from annotate.pipeline import Outcome, Pipeline

GIVEN = dict.fromkeys(("pitch", "energy", "rate", "voice"), "given")
HEAD = (
    "path", "speaker", "gender", "emotion", "text",
    "duration", "pitch_median_hz", "rate_syllables_s", "loudness_lufs",
)  # fmt: skip


def table(root: Path, count: int = 60) -> None:
    root.mkdir()
    (root / "one.wav").write_bytes(b"no sound at all, and nobody listens")
    with open(root / "metadata.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", *HEAD))
        for number in range(count):
            pitch = "" if number == 7 else 100 + number
            about = ("one.wav", f"s{number % 6}", "fm"[number % 2], "happy", "Hello", 1.5, pitch, 4.0, "loud")
            writer.writerow((f"u{number}", *about))


def run(root: Path, output: Path, *more: str) -> Outcome:
    lines = [f"corpus.root={root}", "dataset.audio=path", "descriptors.smallest_group=5", "run.shard_rows=20"]
    lines += [*(f"features.{slot}={name}" for slot, name in GIVEN.items()), *more]
    return Pipeline(settings.load("table", lines, output)).run()


def test_what_the_table_gives_is_worded_as_if_it_had_been_measured(tmp_path: Path) -> None:
    table(tmp_path / "corpus")
    outcome = run(tmp_path / "corpus", tmp_path / "out")
    assert outcome.summary["rows"] == {"found": 60, "kept": 60, "dropped": 0}
    found = {row["id"]: row for row in rows(tmp_path / "out")}
    assert found["u30"]["pitch_median_hz"] == 130
    assert found["u30"]["duration"] == pytest.approx(1.5)
    assert {row["pitch"] for row in found.values()} == {"low", "normal", "high", None}
    assert found["u7"]["pitch"] is None
    assert any(note.startswith("pitch: ") for note in found["u7"]["notes"])
    assert found["u30"]["volume"] is None, "'loud' is no number"
    assert any("loudness_lufs: 'loud' is not a number" in note for note in found["u30"]["notes"])
    assert run(tmp_path / "corpus", tmp_path / "out").computed == {}
    assert set(run(tmp_path / "corpus", tmp_path / "out", "features.rate=none").computed) >= {"rate", "words"}
