"""Where, in which precision and with which attention a recipe computes; what cannot be is refused in one line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.errors import SemoError  # noqa: E402
from annotate.semollm import compute_device, settings  # noqa: E402
from annotate.semollm.settings import Compute  # noqa: E402
from annotate.semollm.training import trainer  # noqa: E402


def machine(monkeypatch: pytest.MonkeyPatch, gpu: bool, flash: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr("transformers.utils.is_flash_attn_2_available", lambda: flash)


@pytest.mark.parametrize(
    ("gpu", "flash", "chosen", "attention"),
    [
        (True, True, {}, "flash_attention_2"),
        (True, True, {"precision": "fp32"}, "sdpa"),
        (True, True, {"device": "cpu"}, "sdpa"),
        (True, True, {"attention": "eager"}, "eager"),
        (True, False, {}, "sdpa"),
        (False, True, {}, "sdpa"),
    ],
)
def test_flash_attention_is_taken_where_there_is_one(
    gpu: bool, flash: bool, chosen: dict[str, Any], attention: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, gpu, flash)
    assert compute_device.attention(Compute(**chosen)) == attention


@pytest.mark.parametrize(("gpu", "flash", "missing"), [(False, True, "needs a GPU"), (True, False, "flash-attn")])
def test_flash_attention_that_cannot_serve_is_refused(
    gpu: bool, flash: bool, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, gpu, flash)
    with pytest.raises(SemoError, match=missing):
        compute_device.attention(Compute(attention="flash_attention_2"))


def test_compiling_is_asked_for_and_leaves_nothing_in_the_environment(tmp_path: Path) -> None:
    stage = settings.load("small").stages.stage1
    for asked in (True, False):
        made = trainer.arguments(tmp_path, stage, Compute(device="cpu", compile=asked), 0, True)
        assert made.torch_compile is asked
        assert "ACCELERATE_DYNAMO_BACKEND" not in os.environ
