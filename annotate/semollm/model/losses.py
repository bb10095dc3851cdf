"""The three losses of stage 1, after BLIP-2 (Li et al. 2023, arXiv 2301.12597, section 3.1), over all processes.

All of them work from a batch of one upwards. N is this process's number of clips, M that of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from annotate.semollm.model import distributed

SMOOTHING = 0.1


@dataclass(frozen=True)
class Similar:
    """Similarities over the temperature: of clips to texts and of texts to clips, both (N, M)."""

    speech_text: Tensor
    text_speech: Tensor


def similarities(speech: Tensor, text: Tensor, temperature: Tensor) -> Similar:
    """How alike clips and texts are: of a clip's queries the one nearest to the text decides.

    Args:
        speech: unit vectors, (N, Q, C).
        text: unit vectors, (N, C).
        temperature: a learned number; both results are divided by it.
    """
    all_speech, all_text = distributed.gathered(speech), distributed.gathered(text)
    speech_text = torch.einsum("nqc,mc->nmq", speech, all_text).amax(2)
    text_speech = torch.einsum("nc,mqc->nmq", text, all_speech).amax(2)
    return Similar(speech_text / temperature, text_speech / temperature)


def same(labels: Tensor) -> Tensor:
    """Which of all rows have the label of each of this process's rows, (N, M), from labels (N,)."""
    return labels[:, None] == distributed.gathered(labels)[None]


def contrastive(similar: Similar, equal: Tensor) -> Tensor:
    """Cross-entropy both ways, averaged; the targets are shared over equal labels: 0.9 of it, and 0.1 over all.

    Args:
        similar: from ``similarities``.
        equal: from ``same``; own pairs are always equal.
    """
    target = (1 - SMOOTHING) * equal / equal.sum(1, keepdim=True) + SMOOTHING / equal.shape[1]
    both = [similar.speech_text, similar.text_speech]
    losses = [-(target * similarity.float().log_softmax(1)).sum() for similarity in both]
    return distributed.mean(torch.stack(losses).sum() / 2, len(equal))


@dataclass(frozen=True)
class Negatives:
    """A hard negative among all rows for each of this process's rows; where there is none, ``-1``."""

    speech: Tensor
    text: Tensor


@torch.no_grad()
def negatives(similar: Similar, equal: Tensor) -> Negatives:
    """One text for each clip and one clip for each text, drawn by the softmax of their similarity.

    The own pair and equal labels are left out; a row to which all others are equal has no negative.
    """
    rows, columns = equal.shape
    first = distributed.first_row(rows, equal.device)
    numbers = distributed.drawn(columns, 2, equal.device)[first : first + rows]
    return Negatives(
        speech=_draw(similar.text_speech, equal, numbers[:, 0]), text=_draw(similar.speech_text, equal, numbers[:, 1])
    )


def _draw(similar: Tensor, equal: Tensor, numbers: Tensor) -> Tensor:
    weights = similar.double().masked_fill(equal, -torch.inf).softmax(1)
    possible = ~equal.all(1)
    edges = torch.where(possible[:, None], weights, 1.0).cumsum(1)
    # the last edge may be a hair under 1
    chosen = (numbers.double()[:, None] * edges[:, -1:] >= edges).sum(1).clamp(max=equal.shape[1] - 1)
    return torch.where(possible, chosen, -1)


def matching(logits: Tensor, positives: int) -> Tensor:
    """Two-class loss over pairs, logits (pairs, 2), the first ``positives`` of which belong together."""
    targets = torch.zeros(len(logits), dtype=torch.long, device=logits.device)
    targets[:positives] = 1
    return distributed.mean(functional.cross_entropy(logits.float(), targets, reduction="sum"), len(logits))


def next_token(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over the labelled positions of all processes.

    Args:
        logits: (B, n, V), each to be held against the label at the same position.
        labels: (B, n), -100 where nothing is asked.
    """
    total = functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")
    return distributed.mean(total, (labels != -100).sum())
