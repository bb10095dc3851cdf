"""Where a recipe computes, in which precision, and with which attention."""

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
        raise SemoError("compute.device=cuda: there is no GPU that PyTorch can use; set compute.device=cpu")
    return there and compute.device != "cpu"


def bf16(compute: Compute) -> bool:
    """Whether matrix products are computed in bf16: by default on a GPU alone."""
    return compute.precision == "bf16" or (compute.precision == "auto" and on_gpu(compute))


def attention(compute: Compute) -> str:
    """The LLM's attention, by the name that ``transformers`` has for it.

    Raises:
        SemoError: FlashAttention was asked for and cannot serve here.
    """
    from transformers.utils import is_flash_attn_2_available

    serves = on_gpu(compute) and bf16(compute)
    if compute.attention == "auto":
        return "flash_attention_2" if serves and is_flash_attn_2_available() else "sdpa"
    if compute.attention == "flash_attention_2":
        if not serves:
            raise SemoError(
                "compute.attention=flash_attention_2: needs a GPU and compute.precision=bf16; sdpa needs neither"
            )
        if not is_flash_attn_2_available():
            raise SemoError("compute.attention=flash_attention_2: needs the package flash-attn; sdpa does not")
    return compute.attention
