# ruff: noqa: F811  (a fixture of another file)
"""Field case 16: 20 steps, or 10 and then 10 more: the same losses, the same batches, or a refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from semollm.conftest import house, line  # noqa: F401  a fixture

from annotate.cli import train as train_cli


def history(output: Path) -> list[dict[str, float]]:
    content = json.loads((output / "stage3" / "done.json").read_text(encoding="utf-8"))
    return [row for row in content["history"] if "loss" in row]


def test_case_16_ten_and_ten_more_are_twenty_or_it_refuses_to_go_on(
    house: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def steps(count: int, output: Path) -> int:
        return train_cli.main(line(house, output, "--stages", "3", f"stages.stage3.steps={count}", "--quiet"))

    assert steps(20, tmp_path / "whole") == 0
    assert steps(10, tmp_path / "halves") == 0
    ended = steps(20, tmp_path / "halves")
    if ended != 0:
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
        return
    whole, halves = history(tmp_path / "whole"), history(tmp_path / "halves")
    assert [row["step"] for row in halves] == [row["step"] for row in whole] == list(range(1, 21))
    assert [row["loss"] for row in halves] == [row["loss"] for row in whole]
