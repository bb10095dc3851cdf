"""Values across processes: gathered with their gradients, and means over the whole batch.

With one process each function is the identity (or a plain mean), so that the losses are written once.
Batches may differ in size and in length between processes.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor


def processes() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def sizes(count: int, device: Any) -> list[int]:
    """``count`` of every process, in their order."""
    if processes() == 1:
        return [count]
    counts = [torch.zeros(1, dtype=torch.long, device=device) for _ in range(processes())]
    distributed.all_gather(counts, torch.tensor([count], device=device))
    return [int(count) for count in counts]


class _Gather(torch.autograd.Function):
    """All processes' tensors of one shape, stacked; the gradient of all uses comes back to where it was made.

    ``torch.distributed.nn.functional`` has the same and is deprecated; what replaces it is a private module.
    """

    @staticmethod
    def forward(context: Any, mine: Tensor) -> Tensor:
        context.rank = distributed.get_rank()
        parts = [torch.empty_like(mine) for _ in range(processes())]
        distributed.all_gather(parts, mine.contiguous())
        return torch.stack(parts)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        summed = gradients[0].contiguous()
        distributed.all_reduce(summed)
        gradient: Tensor = summed[context.rank]
        return gradient


def gathered(mine: Tensor) -> Tensor:
    """Rows of all processes, (M, ...), in the order of the processes; differentiable for real numbers.

    Further dimensions may differ too: they are padded with zeros to the longest, so a mask gathered in the same
    way is false there.
    """
    if processes() == 1:
        return mine
    shapes = [sizes(length, mine.device) for length in mine.shape]
    counts = shapes[0]
    padded = mine.new_zeros([max(lengths) for lengths in shapes])
    padded[tuple(slice(0, length) for length in mine.shape)] = mine
    whole = padded.to(torch.uint8) if padded.dtype == torch.bool else padded
    stacked = _Gather.apply(whole)
    rows = torch.cat([part[:count] for part, count in zip(stacked, counts, strict=True)])
    return rows.bool() if mine.dtype == torch.bool else rows


def first_row(count: int, device: Any) -> int:
    """Where this process's rows begin among those of all."""
    return sum(sizes(count, device)[: distributed.get_rank()]) if processes() > 1 else 0


def mean(total: Tensor, count: Tensor | int) -> Tensor:
    """The mean over all processes' items, as this process's share of it.

    The average of what the processes return is ``sum of totals / sum of counts``; that is what both
    ``DistributedDataParallel`` makes of gradients and the trainer of logged losses.
    """
    counted = torch.as_tensor(count, dtype=torch.float32, device=total.device).detach().clone()
    if processes() > 1:
        distributed.all_reduce(counted)
    return total * processes() / counted.clamp(min=1)


def drawn(rows: int, columns: int, device: Any) -> Tensor:
    """Uniform numbers, (rows, columns), the same on every process: the first draws them from its own generator."""
    numbers = torch.rand(rows, columns)
    if processes() > 1:
        numbers = numbers.to(device)
        distributed.broadcast(numbers, 0)
    return numbers.to(device)
