"""Losses over several processes: two of them with half a batch each are as one with the whole."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.semollm.model.causal_lm import SEmoForCausalLM  # noqa: E402
from annotate.semollm.model.pretraining import SEmoForPreTraining  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402

ROWS = 4


def batch(stage: int) -> dict[str, Any]:
    """Four clips whose lengths differ between the halves, so that gathering has to pad."""
    features, mask = tiny.speech(ROWS, 9)
    mask[:2, 6:] = False
    ids, text_mask = tiny.words(ROWS, 7)
    text_mask[2:, 5:] = False
    if stage == 1:
        said = torch.tensor([0, 1, 2, 0])
        return {"features": features, "feature_mask": mask, "text_ids": ids, "text_mask": text_mask, "labels": said}
    labels = torch.where(text_mask, ids, -100)
    labels[:, :2] = -100
    return {"features": features, "feature_mask": mask, "input_ids": ids, "text_mask": text_mask, "labels": labels}


def half(whole: dict[str, Any], rank: int) -> dict[str, Any]:
    """A process's rows, cut to their own longest."""
    rows = slice(2 * rank, 2 * rank + 2)
    found = {name: value[rows] for name, value in whole.items()}
    frames = int(found["feature_mask"].sum(1).max())
    words = int(found["text_mask"].sum(1).max())
    found["features"], found["feature_mask"] = found["features"][:, :, :frames], found["feature_mask"][:, :frames]
    for name in ("text_ids", "input_ids", "text_mask", "labels"):
        if name in found and found[name].dim() == 2:
            found[name] = found[name][:, :words]
    return found


def model(stage: int) -> Any:
    torch.manual_seed(0)
    made: Any = SEmoForPreTraining(tiny.config()) if stage == 1 else SEmoForCausalLM(tiny.config())
    tiny.shake(made)
    if stage > 1:
        made.attach(tiny.llm())
    return made.train()


def work(rank: int, port: int, stage: int, folder: str) -> None:
    from torch.nn.parallel import DistributedDataParallel

    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.distributed.init_process_group("gloo", rank=rank, world_size=2)
    torch.set_num_threads(1)
    wrapped = DistributedDataParallel(model(stage))
    torch.manual_seed(11 if rank == 0 else 99)  # the first process draws the negatives for all
    found = wrapped(**half(batch(stage), rank))
    found["loss"].backward()
    gradients = {name: p.grad for name, p in wrapped.module.named_parameters() if p.grad is not None}
    torch.save({"losses": {name: value.detach() for name, value in found.items()}, "gradients": gradients},
               Path(folder) / f"{rank}.pt")  # fmt: skip
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("stage", [1, 3])
def test_two_processes_are_as_one(stage: int, tmp_path: Path) -> None:
    alone = model(stage)
    torch.manual_seed(11)
    expected = alone(**batch(stage))
    expected["loss"].backward()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(work, (port, stage, str(tmp_path)), nprocs=2)
    both = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    for name, value in expected.items():
        mean = (both[0]["losses"][name] + both[1]["losses"][name]) / 2
        torch.testing.assert_close(mean, value.detach(), msg=lambda text, name=name: f"{name}: {text}")
    for name, value in alone.named_parameters():
        if value.grad is not None:
            torch.testing.assert_close(both[0]["gradients"][name], value.grad, atol=1e-5, rtol=1e-3)
            torch.testing.assert_close(both[1]["gradients"][name], both[0]["gradients"][name])
