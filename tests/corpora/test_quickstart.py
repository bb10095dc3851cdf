"""The quickstart corpus: spoken by eSpeak NG with known settings, and the measurements follow them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import annotate
from annotate import settings
from annotate.cli import run_summary
from annotate.pipeline import Outcome, Pipeline

pytest.importorskip("espeakng_loader", reason="the optional extra 'espeak' is not installed")


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("quickstart")
    recipe = settings.load("quickstart", [f"corpus.root={folder / 'corpus'}", "features.voice=none"], folder / "out")
    return folder, Pipeline(recipe).run()


def test_it_has_48_clips_and_says_that_it_is_synthetic(quickstart: tuple[Path, Outcome]) -> None:
    folder, outcome = quickstart
    assert outcome.summary["rows"] == {"found": 48, "kept": 48, "dropped": 0}
    assert outcome.summary["synthetic"]
    assert "This data is synthetic" in (folder / "out" / "README.md").read_text()


def test_it_says_that_its_clips_are_too_few_to_give_reasons(quickstart: tuple[Path, Outcome]) -> None:
    """Four training clips an emotion, ten needed: not tested is not the same as tested and not consistent."""
    out = quickstart[0] / "out"
    assert "Every emotion has too few training clips" in (out / "README.md").read_text(encoding="utf-8")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Too few training clips to give reasons (10 needed for each emotion): anger 4, " in page
    assert "No word goes consistently" not in page
    assert "relative to the speaker</caption>" not in page  # six clips a speaker: no such word, and no empty table
    lines = " ".join(run_summary.reasons(annotate.Output(out)))
    assert "too few training clips to give reasons (10 needed for each emotion): anger 4, " in lines
    assert "no word goes consistently" not in lines


def test_no_pitch_that_falls_is_called_rising(quickstart: tuple[Path, Outcome]) -> None:
    rows = [row for path in (quickstart[0] / "out" / "data").iterdir() for row in pq.read_table(path).to_pylist()]
    assert {row["contour"] for row in rows} - {None}
    for row in rows:
        assert row["contour"] != "rising" or row["pitch_rise_st"] > 0
        assert row["contour"] != "falling" or row["pitch_rise_st"] < 0
        assert row["dynamics"] != "swelling" or row["level_change_db"] > 0
        assert row["dynamics"] != "fading" or row["level_change_db"] < 0


def test_measurements_follow_the_settings(quickstart: tuple[Path, Outcome]) -> None:
    folder, _ = quickstart
    with open(folder / "corpus" / "truth.csv") as file:
        truth = {row["id"]: row for row in csv.DictReader(file)}
    rows = [row for path in (folder / "out" / "data").iterdir() for row in pq.read_table(path).to_pylist()]
    assert len(truth) == 48
    for voice in {one["voice"] for one in truth.values()}:
        mine = [row for row in rows if truth[row["id"]]["voice"] == voice]
        by_pitch = sorted(mine, key=lambda row: int(truth[row["id"]]["pitch"]))
        assert by_pitch[-1]["pitch_median_hz"] > 1.2 * by_pitch[0]["pitch_median_hz"]
        by_level = sorted(mine, key=lambda row: int(truth[row["id"]]["volume"]))
        assert by_level[-1]["loudness_lufs"] > by_level[0]["loudness_lufs"] + 4
    for text in {one["text"] for one in truth.values()}:  # sentences differ in syllables a word, so each by itself
        same = [row for row in rows if truth[row["id"]]["text"] == text]
        asked = [int(truth[row["id"]]["words_per_minute"]) for row in same]
        assert np.corrcoef(asked, [row["rate_syllables_s"] for row in same])[0, 1] > 0.9


def test_a_second_run_speaks_nothing_again(quickstart: tuple[Path, Outcome]) -> None:
    folder, _ = quickstart
    before = {path: path.stat().st_mtime_ns for path in (folder / "corpus").iterdir()}
    recipe = settings.load("quickstart", [f"corpus.root={folder / 'corpus'}", "features.voice=none"], folder / "out")
    assert Pipeline(recipe).run().computed == {}
    assert before == {path: path.stat().st_mtime_ns for path in (folder / "corpus").iterdir()}
