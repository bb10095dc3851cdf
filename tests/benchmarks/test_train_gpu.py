"""The training benchmark runs all stages at tiny size, and its figures are what they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.errors import UsageError  # noqa: E402
from benchmarks import train_gpu  # noqa: E402


def test_all_stages_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    train_gpu.main(["--tiny", "--updates", "2", "--json", str(report), "compute.device=cpu"])
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed] == ["stage 1", "stage 2", "stage 3", "peak"]
    measured = json.loads(report.read_text())
    assert measured["peak_flop_s"] > 0
    for row in measured["rows"]:
        assert row["clips_s"] == pytest.approx(4 * row["updates_s"])
        assert 0 <= row["waiting_for_clips"] < 1
        assert row["flop_s"] > 0
        assert 0 < row["counted_gib"] < row["memory_gib"]


def test_memory_is_counted_by_what_trains() -> None:
    model = torch.nn.Linear(10, 20, bias=False)
    assert train_gpu.counted_memory(model) * 2**30 == 4 * 4 * 200  # weights, gradients and two moments, four bytes each
    assert train_gpu.counted_memory(model.requires_grad_(False)) * 2**30 == 4 * 200


def test_a_recipe_of_unknown_sizes_is_refused() -> None:
    with pytest.raises(UsageError, match="small-path"):
        train_gpu.resolved("small-path", [], tiny=False)


def test_the_paper_s_llm_has_seven_billion_weights() -> None:
    from transformers import AutoModelForCausalLM, LlamaConfig

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(LlamaConfig(**train_gpu.SIZES["paper-wavlm-llama2"].llm))
    assert sum(value.numel() for value in model.parameters()) == 6_738_415_616
