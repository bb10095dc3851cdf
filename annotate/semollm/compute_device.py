"""Where a recipe computes, and in which precision."""

from __future__ import annotations

import torch

from annotate.errors import SemoError
from annotate.semollm.settings import Compute


def on_gpu(compute: Compute) -> bool:
    """Whether a GPU is used.

    Raises:
        SemoError: one was asked for and there is none.
    """
    there = torch.cuda.is_available()
    if compute.device == "cuda" and not there:
        raise SemoError("compute.device=cuda: there is no GPU that PyTorch can use; compute.device=cpu does without")
    return there and compute.device != "cpu"


def bf16(compute: Compute) -> bool:
    """Whether matrix products are computed in bf16: by default on a GPU alone."""
    return compute.precision == "bf16" or (compute.precision == "auto" and on_gpu(compute))
