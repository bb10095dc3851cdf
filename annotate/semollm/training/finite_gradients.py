"""A loss or gradients of NaN or infinity end a stage and name its clips, before they spoil the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback

from annotate.errors import SemoError
from annotate.semollm.model.finite_checks import spoilt

MOST_NAMED = 8


def require_batch(stage: int, inputs: dict[str, Any], loss: Tensor, clips: Sequence[str], model: Any) -> None:
    """Refuse a loss that is no number, and say what is to blame: a clip, or the weights.

    Raises:
        SemoError: names the stage and the clips.
    """
    if bool(torch.isfinite(loss.detach()).all()):
        return
    features = inputs["features"]
    wrong = [name for name, row in zip(clips, features, strict=True) if spoilt(row)]
    if wrong:
        raise SemoError(f"stage {stage}: the features of clip {_named(wrong)} contain NaN or infinity")
    if any(spoilt(value) for value in model.parameters()):
        raise SemoError(
            f"stage {stage}: the weights contain NaN or infinity; lower stages.stage{stage}.learning_rate. "
            f"It was noticed at the batch of clips {_named(clips)}"
        )
    raise SemoError(
        f"stage {stage}: the loss of clips {_named(clips)} is NaN or infinite; leave them out one by one, or lower "
        f"stages.stage{stage}.learning_rate"
    )


def _named(clips: Sequence[str]) -> str:
    more = f" and {len(clips) - MOST_NAMED} more" if len(clips) > MOST_NAMED else ""
    return ", ".join(clips[:MOST_NAMED]) + more


class FiniteGradients(TrainerCallback):
    """Stops a stage before an update by gradients that are no numbers.

    Args:
        stage: its number.
        batches: the clips of the batches since the last update; emptied at each.
    """

    def __init__(self, stage: int, batches: list[Sequence[str]]) -> None:
        self.stage, self.batches = stage, batches

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Look at every gradient: one NaN makes all of them NaN when they are clipped."""
        clips = [name for batch in self.batches for name in batch]
        self.batches.clear()
        if any(value.grad is not None and spoilt(value.grad) for value in model.parameters()):
            raise SemoError(
                f"stage {self.stage}, update {state.global_step + 1}: the gradients contain NaN or infinity; "
                f"the clips of the update: {_named(clips)}. Lower stages.stage{self.stage}.learning_rate"
            )
