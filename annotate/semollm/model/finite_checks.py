"""Numbers that are none (NaN, infinity), found where they arise: before they spoil a model, or become an answer.

A network of NaN gives answers all the same, and always the same ones; a loss of NaN ends as a model of NaN.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from annotate.errors import SemoError


def spoilt(value: Tensor) -> bool:
    """Whether a tensor contains NaN or infinity."""
    if not value.is_floating_point() or not value.numel():
        return False
    low, high = torch.aminmax(value.detach())
    return not bool(torch.isfinite(low) & torch.isfinite(high))


def require(tensors: Iterable[tuple[str, Tensor]], where: str) -> None:
    """Refuse weights that are no numbers.

    Args:
        tensors: by name.
        where: the file, or what else they are of.

    Raises:
        SemoError: names the first of them, and counts them.
    """
    wrong = [name for name, value in tensors if spoilt(value)]
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise SemoError(f"{where}: {wrong[0]}{more} contains NaN or infinity: training failed, or the file is damaged")
