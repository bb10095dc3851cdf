"""Doubtful words the whole way: kept, hedged or left blank, and said in the paper's replies all the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from annotate import settings
from annotate.pipeline import Pipeline

REPLY = "reply_e_g_p_s_v_t"


@pytest.fixture(scope="module")
def kept(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tiny, tmp_path_factory.mktemp("doubt") / "keep", "keep")


def run(root: Path, output: Path, doubtful: str) -> Path:
    # below 1 every word is doubtful
    lines = [
        f"corpus.root={root}", "descriptors.smallest_group=5", "features.voice=none", "dataset.audio=none",
        f"descriptors.doubtful={doubtful}", "descriptors.doubt_below=1.0",
    ]  # fmt: skip
    Pipeline(settings.load("ravdess", lines, output)).run()
    return output


def rows(output: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for path in (output / "data").glob("*.parquet") for row in pq.read_table(path).to_pylist()}


@pytest.mark.parametrize("doubtful", ["hedge", "blank"])
def test_the_papers_replies_keep_the_word_and_captions_doubt_it(
    tiny: Path, kept: Path, tmp_path: Path, doubtful: str
) -> None:
    output = Path(shutil.copytree(kept, tmp_path / "out"))
    before, after = rows(kept), rows(run(tiny, output, doubtful))
    for name, row in after.items():
        assert row[REPLY] == before[name][REPLY] is not None
        assert row["pitch_sure"] == before[name]["pitch_sure"] is not None
        for descriptor in ("pitch", "speed", "volume"):
            blank = f"{descriptor}: left blank, its sureness of"
            assert any(note.startswith(blank) for note in row["notes"]) == (doubtful == "blank")
            assert row[descriptor] == (None if doubtful == "blank" else before[name][descriptor])
            usual = f"{descriptor}_own"  # against the speaker's own usual: as doubtful, by edges of its own
            noted = any(note.startswith(f"{usual}: left blank, its sureness of") for note in row["notes"])
            assert noted == (doubtful == "blank" and before[name][usual] is not None)
            assert row[usual] == (None if doubtful == "blank" else before[name][usual])
    hedged = sum("fairly" in row["caption"] for row in after.values())
    assert hedged == 0 if doubtful == "blank" else hedged > 0.8 * len(after)
    assert not any("fairly" in row["caption"] for row in before.values())
    # a comparison takes no "fairly", and is not made
    assert any("than usual" in row["caption"] for row in before.values())
    assert not any("usual" in row["caption"] for row in after.values())
    # a doubtful word is no reason
    assert not any("suggest" in row["caption"] or "typical" in row["caption"] for row in after.values())


def test_sureness_agrees_with_the_margin(kept: Path) -> None:
    """Of two clips of one word and one group the one farther from its edge is not less sure."""
    high = [row for row in rows(kept).values() if row["pitch"] == "high" and row["pitch_scale"] == "male"]
    high.sort(key=lambda row: row["pitch_median_hz"])
    assert len(high) > 5
    assert [row["pitch_sure"] for row in high] == sorted(row["pitch_sure"] for row in high)
    assert all(row["pitch_margin"] > 0 for row in high)
