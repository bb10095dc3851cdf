"""Joining: whoever has the corpus gets back the rows that were measured, and is told where theirs differs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import yaml

from annotate.cli.annotate import main
from annotate.dataset.hub import join
from annotate.errors import SemoError
from annotate.report.review.session import Session
from hub.server import TOKEN, Hub

REPO = "ada/voices"


def test_the_rows_are_those_that_were_measured(published: Path, finished: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "joined"
    assert main(["join", str(published), f"corpus.root={tiny}", f"output={out}"]) == 0
    from datasets import load_dataset

    here, back = load_dataset(str(finished)), load_dataset(str(out))
    for split in here:
        assert back[split].features == here[split].features
        assert back[split].data.table.equals(here[split].data.table)
    assert len(back["train"][0]["audio"]["array"])
    manifest = yaml.safe_load((out / "manifest.yaml").read_text())
    given = yaml.safe_load((finished / "manifest.yaml").read_text())
    for key in ("audio", "contents", "transcript", "splits", "label"):
        assert manifest[key] == given[key], key
    assert main(["verify", str(out)]) == 0
    assert Session(out).clips.recording(0) is not None
    assert "Joined with recordings of one's own" in (out / "README.md").read_text()


def test_what_is_not_the_same_recording_is_put_aside(
    published: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(tiny, mine)
    first, second, *_ = sorted(mine.rglob("*.wav"))
    first.unlink()
    soundfile.write(second, np.zeros(16000 * 3, np.float32), 16000)
    out = tmp_path / "joined"
    assert main(["join", str(published), f"corpus.root={mine}", f"output={out}"]) == 0
    said = capsys.readouterr().out
    assert f"1 x {join.ABSENT} ({first.stem})" in said
    assert f"1 x {join.ANOTHER} ({second.stem})" in said
    ids = [row for path in (out / "data").iterdir() for row in pq.read_table(path)["id"].to_pylist()]
    assert len(ids) == 58
    assert not {first.stem, second.stem} & set(ids)
    assert sum(yaml.safe_load((out / "manifest.yaml").read_text())["splits"].values()) == 58


def test_another_corpus_is_told_and_leaves_nothing(published: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "Actor_09"
    other.mkdir(parents=True)
    soundfile.write(other / "03-01-05-01-01-01-09.wav", np.zeros(16000, np.float32), 16000)
    with pytest.raises(SemoError, match="none of the 60 rows"):
        join.join(str(published), [f"corpus.root={tmp_path / 'other'}"], tmp_path / "joined")
    assert not (tmp_path / "joined" / "data").exists()


def test_the_corpus_must_be_named_and_nothing_is_overwritten(
    published: Path, tiny: Path, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["join", str(published), f"output={tmp_path / 'joined'}"]) == 2
    assert "corpus.root must be given" in capsys.readouterr().err
    assert main(["join", str(published), f"corpus.root={tiny}", f"output={finished}"]) == 1
    assert "already contains a data set" in capsys.readouterr().err


def test_straight_from_the_hub(published: Path, hub: Hub, tiny: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0",
    }  # fmt: skip
    line = [sys.executable, "-m", "annotate", "join", REPO, f"corpus.root={tiny}", f"output={tmp_path / 'joined'}"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "60 rows with their recordings" in done.stdout
