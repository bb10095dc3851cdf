"""The emotion from a clip relative to its speaker's usual voice: a linear read-out, fitted once and frozen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from annotate.semollm.model import enrolment
from annotate.semollm.model.enrolment import Vectors
from annotate.semollm.model.logistic_regression import regression

FREE = 12.0  # as in readout.py; what is relative to the speaker needs less of a penalty, for it says less of him
LARGEST_PLAIN_SHARE, PLAIN_SHARE_CLIPS = 0.5, 2.5  # of the read-out without enrolment, in ``pooled``
MEASURES_WEIGHT = 3.0  # measurements are few beside thousands of statistics: they count this much more


class EnrolledReadout(nn.Module):
    """A regression on numbers relative to the speaker; buffers all, none trains.

    Args:
        statistics: how many of the numbers are statistics of hidden states.
        measures: how many are measurements, which follow them.
        words: the emotions.
    """

    within: Tensor
    weight: Tensor
    bias: Tensor
    speakers: Tensor

    def __init__(self, statistics: int, measures: int, words: Sequence[str]) -> None:
        super().__init__()
        self.words = list(words)
        self.statistics = statistics
        self.register_buffer("within", torch.ones(statistics + measures))
        self.register_buffer("weight", torch.zeros(statistics + measures, len(words)))
        self.register_buffer("bias", torch.zeros(len(words)))
        self.register_buffer("speakers", torch.zeros((), dtype=torch.long))

    @property
    def fitted(self) -> bool:
        """Whether speakers with enough clips were there to fit it on."""
        return int(self.speakers) > 1

    def fit(self, vectors: Vectors, speakers: Sequence[str | None], words: Sequence[str | None]) -> None:
        """Fit on clips, (n, D), each against its speaker's other clips; clips that cannot be enrolled are left out."""
        self.speakers.fill_(len(enrolment.enrollable(speakers)))
        if not self.fitted:
            return
        self.within.copy_(torch.from_numpy(enrolment.within_deviation(vectors, speakers)))
        made = self.relative_to_speakers(vectors, speakers)
        kept = [place for place, relative in enumerate(made) if relative is not None]
        scale = np.ones(vectors.shape[1])
        scale[self.statistics :] = MEASURES_WEIGHT
        rows = np.stack([relative for relative in made if relative is not None]) * scale
        weight, bias = regression(rows, [words[place] for place in kept], self.words, FREE)
        self.weight.copy_(torch.from_numpy(weight * scale[:, None]))
        self.bias.copy_(torch.from_numpy(bias))

    def relative_to_speakers(
        self, vectors: Vectors, speakers: Sequence[str | None], most: int | None = None, seed: int = 0
    ) -> list[Vectors | None]:
        """Each clip, (D,), against at most ``most`` other clips of its speaker; None where it is not enrolled."""
        within = self.within.double().cpu().numpy()
        return [
            None if usual is None else enrolment.relative(vector, usual, within)
            for vector, usual in zip(vectors, enrolment.of_others(vectors, speakers, most, seed), strict=True)
        ]

    def pooled(
        self, vectors: Vectors, plain: Tensor, speakers: Sequence[str | None], most: int | None = None
    ) -> list[NDArray[np.float32] | None]:
        """Log probabilities of the emotions, (words,), of each clip against its speaker; None where not enrolled.

        What few clips say of a speaker depends on what he happened to feel in them. So the read-out that knows nothing
        of the speaker keeps a share of the opinion, up to a half: 2.5 over the number of other clips.

        Args:
            vectors: clips, (n, D).
            plain: what the read-out without enrolment says of them, (n, words).
            speakers: of each clip; None where unknown.
            most: at most so many other clips.
        """
        within = self.within.double().cpu().numpy()
        log_probabilities: list[NDArray[np.float32] | None] = []
        usual = enrolment.of_others(vectors, speakers, most)
        for vector, logits, statistics in zip(vectors, plain.cpu(), usual, strict=True):
            if statistics is None:
                log_probabilities.append(None)
                continue
            share = min(LARGEST_PLAIN_SHARE, PLAIN_SHARE_CLIPS / statistics.clips)
            relative = self.logits(torch.from_numpy(enrolment.relative(vector, statistics, within))).cpu()
            both = (1 - share) * relative.log_softmax(-1) + share * logits.float().log_softmax(-1)
            log_probabilities.append(both.log_softmax(-1).numpy())
        return log_probabilities

    def logits(self, relative: Tensor) -> Tensor:
        """Clips relative to their speakers, (B, D), to log odds of the emotions, (B, words)."""
        return relative.to(self.weight) @ self.weight + self.bias
