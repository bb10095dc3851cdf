"""Case 18, odd names of files and outputs; what is said of a scale without clips, and of one for several languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate import settings
from annotate.cli.annotate import main
from annotate.corpora import warnings
from annotate.pipeline import Pipeline
from field_cases.cases import make
from field_cases.conftest import Finished, clip

MANIFEST = """
name: mine
title: Mine
reader: table
obtain: here
licence: {name: none, publish: nothing}
splits: {theirs: {rule: given, names: {training: train, eval: test}}}
"""


def test_case_18_recordings_with_odd_names_are_read(tmp_path: Path, run: Callable[..., Finished]) -> None:
    root = make(18, tmp_path / "corpus")
    found = run("audiofolder", root)
    assert len(found.rows) == found.summary["rows"]["found"] == len(list(root.rglob("*.wav")))
    assert not found.summary["unmeasured"]


@pytest.mark.parametrize("name", ["[2024] rec", "take*1", "really?", "a::b", "in/[x]/out"])
def test_an_output_that_cannot_be_loaded_is_warned_of_before_the_run(
    name: str, table: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, output = table([{"emotion": "joy"}]), tmp_path / name  # no recording: the run ends before it measures
    main(["run", "table", f"corpus.root={root}", "corpus.split=random", "--output", str(output)])
    assert "datasets.load_dataset cannot load a folder whose path has" in capsys.readouterr().err
    main(["check", "table", f"corpus.root={root}", "corpus.split=random", f"output={json.dumps(str(output))}"])
    assert "warning: output=" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["plain", ".hidden", "{x}", "a,b #1", "50%", "(x)!", "é", "a:b"])
def test_an_output_that_can_be_loaded_is_not_warned_of(name: str, tmp_path: Path) -> None:
    assert not list(warnings.of_output(tmp_path / name))


def split_rows(*splits: str) -> list[dict[str, Any]]:
    rows = [{"split": split, "emotion": ["joy", "anger"][number % 2]} for number, split in enumerate(splits)]
    return [{**row, "samples": clip(number)} for number, row in enumerate(rows)]


def test_a_training_split_without_a_clip_is_said_and_why(
    table: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = table(split_rows("eval", "eval", "eval"))
    manifest = tmp_path / "m.yaml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    lines = [f"corpus.root={root}", f"corpus.manifest={manifest}", "corpus.split=theirs", "features.voice=none"]
    line = "no clip is in the training split (corpus.split=theirs, fold 1; test 3)"
    main(["check", "table", *lines, f"output={tmp_path}/x"])
    assert line in capsys.readouterr().out
    summary = Pipeline(settings.load("table", lines, tmp_path / "out")).run().summary
    assert line in summary["warnings"][0]["sentence"]
    assert not summary["unmeasured"], "each clip was measured"


@pytest.mark.parametrize(
    ("languages", "overrides", "said"),
    [
        (("en", "zh-CN", "cmn"), (), "2 languages (zh 2, en 1) share one scale"),
        (("en", "en_us", "English"), (), None),
        (("en", "de", "zh"), ("descriptors.by=speaker",), None),
    ],
)
def test_languages_that_share_a_scale_are_said(
    languages: tuple[str, ...],
    overrides: tuple[str, ...],
    said: str | None,
    table: Callable[..., Path],
    run: Callable[..., Finished],
) -> None:
    rows = [{"language": name, "emotion": "joy", "samples": clip(at)} for at, name in enumerate(languages)]
    found = run("table", table(rows), "descriptors.fit=all", *overrides)
    sentences = [one["sentence"] for one in found.summary["warnings"] if one["kind"] == "one_scale"]
    assert bool(sentences) == bool(said)
    assert not said or said in sentences[0]


def test_recordings_without_a_row_are_said_by_run(table: Callable[..., Path], run: Callable[..., Finished]) -> None:
    root = table([{"emotion": "joy", "samples": clip(at)} for at in range(2)])
    (root / "left.wav").write_bytes((root / "0.wav").read_bytes())
    found = run("table", root, "descriptors.fit=all")
    assert "1 recordings below the root have no row" in [one["sentence"] for one in found.summary["warnings"]]
