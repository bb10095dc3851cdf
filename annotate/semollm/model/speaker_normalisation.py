"""Hidden states of a clip against its speaker's usual: what the speech path of an enrolled speaker is given.

A linear probe gains nine points where each statistic of a clip is taken relative to the same speaker's other clips.
Here the frames themselves are moved and stretched, number by number, so that their mean and deviation over time say
how far the clip is from its speaker's usual, on the scale of the corpus. Whatever reads hidden states (Q-Former,
pooling) then reads an enrolled clip as it reads any other, and one model is trained on both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from annotate.semollm.model import enrolment
from annotate.semollm.model.enrolment import SpeakerStatistics, Vectors

SMALLEST_SHARE = 0.05  # of the corpus's deviation over time: a clip is never flattened to less
LEAST_BETWEEN = 0.02  # share of a statistic's variance that lies between speakers, at least


class SpeakerNormalisation(nn.Module):
    """The statistics of the training clips, (N * 2H,) each; buffers all, none trains.

    Args:
        layers: N, hidden states.
        hidden: H, their width.
    """

    mean: Tensor
    deviation: Tensor
    within: Tensor
    speakers: Tensor

    def __init__(self, layers: int, hidden: int) -> None:
        super().__init__()
        for name, value in (("mean", 0.0), ("deviation", 1.0), ("within", 1.0)):
            self.register_buffer(name, torch.full((layers * 2 * hidden,), value))
        self.register_buffer("speakers", torch.zeros((), dtype=torch.long))

    @property
    def fitted(self) -> bool:
        """Whether speakers with enough clips were there to fit it on."""
        return int(self.speakers) > 0

    def fit(self, statistics: Vectors, speakers: Sequence[str | None]) -> None:
        """Set them from the statistics of clips, (n, N * 2H).

        Raises:
            ValueError: no speaker has enough clips to be enrolled.
        """
        within = enrolment.within_deviation(statistics, speakers)
        for name, value in (("mean", statistics.mean(0)), ("deviation", statistics.std(0)), ("within", within)):
            getattr(self, name).copy_(torch.from_numpy(value))
        self.speakers.fill_(len(enrolment.enrollable(speakers)))

    def usual(
        self, statistics: Vectors, speakers: Sequence[str | None], most: int | None = None
    ) -> list[SpeakerStatistics | None]:
        """For each clip what is usual of its speaker, from at most ``most`` other clips; None where it is not enrolled.

        Args:
            statistics: of the clips, (n, N * 2H); nothing is enrolled where this is not fitted.
            speakers: of each clip; None where unknown.
            most: None takes all.
        """
        return enrolment.of_others(statistics, speakers, most) if self.fitted else [None] * len(speakers)

    def expected(self, usual: SpeakerStatistics) -> SpeakerStatistics:
        """The speaker's statistics with their mean drawn towards the corpus's: few clips say little of a speaker.

        The posterior mean of a normal distribution; the corpus counts as (within / between)^2 clips.
        """
        mean, deviation, within = self._arrays()
        between = np.maximum(deviation**2 - within**2, LEAST_BETWEEN * deviation**2)
        counts = np.where(between > 0, within**2 / np.where(between > 0, between, 1.0), 0.0)
        drawn = (usual.clips * usual.mean + counts * mean) / (usual.clips + counts)
        return SpeakerStatistics(drawn, usual.deviation, usual.clips)

    def normalised(self, states: Any, usual: SpeakerStatistics) -> NDArray[np.float32]:
        """Hidden states of a clip, (N, T, H), against its speaker; in any floating type, as float32.

        Args:
            states: the clip's.
            usual: of the speaker's other clips, from vectors of ``clip_statistics``.
        """
        frames = np.asarray(states, np.float32)
        mean, deviation, within = self._arrays()
        clip = clip_statistics(frames)
        wanted = mean + deviation * enrolment.relative(clip, self.expected(usual), within)
        (clip_mean, clip_spread), (new_mean, new_spread), (_, floor) = (
            np.moveaxis(row.reshape(len(frames), 2, -1), 1, 0)[:, :, None].astype(np.float32)
            for row in (clip, wanted, SMALLEST_SHARE * mean)
        )
        scale = np.maximum(new_spread, floor) / np.maximum(clip_spread, enrolment.SMALLEST)
        made: NDArray[np.float32] = new_mean + (frames - clip_mean) * scale
        return made

    def loader(self, load: Callable[[], Any], usual: SpeakerStatistics) -> Callable[[], NDArray[np.float32]]:
        """What gives the hidden states of ``load`` against the speaker, whenever it is asked."""
        return functools.partial(self._loaded, load, usual)

    def _loaded(self, load: Callable[[], Any], usual: SpeakerStatistics) -> NDArray[np.float32]:
        return self.normalised(load(), usual)

    def _arrays(self) -> tuple[Vectors, Vectors, Vectors]:
        mean, deviation, within = (
            getattr(self, name).double().cpu().numpy() for name in ("mean", "deviation", "within")
        )
        return mean, deviation, within


def clip_statistics(states: Any) -> Vectors:
    """Mean and deviation over time of a clip's hidden states, (N, T, H), as one row, (N * 2H,)."""
    return enrolment.clip_vector(states, ())
