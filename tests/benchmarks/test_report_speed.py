"""The report's benchmark makes a report anew in a process of its own, and names a commit that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from report.test_report import LABELS, clips, finish

from benchmarks import report_speed


def test_the_report_of_an_output_is_timed_and_the_output_stays_as_it_is(tmp_path: Path) -> None:
    summary, scale = finish(tmp_path, clips(12), audio=False)
    content = {"summary": summary | {"rate_sources": {}}, "scale": scale, "evidence": {"emotions": {}}}
    for name, value in content.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    features = {"pitch": "praat", "energy": "lufs", "rate": "transcript", "gender": "corpus", "voice": "praat"}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump({"features": features}), encoding="utf-8")
    (tmp_path / "manifest.yaml").write_text(yaml.safe_dump({"label": {"names": list(LABELS)}}), encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    (line,) = report_speed.lines(tmp_path, [], 1)
    assert line.reached is not None
    assert line.reached > 0
    assert sorted(tmp_path.rglob("*")) == before


def test_a_commit_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="0123abc: no such commit here"), report_speed.version("0123abc"):
        pass


def test_a_version_that_cannot_make_the_report_says_why(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"summary\.json"):
        report_speed.seconds(report_speed.ROOT, tmp_path)
