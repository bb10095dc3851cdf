"""Batches: which clips, in which order, padded to the longest of the few and not of the many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from annotate.semollm.model import naming
from annotate.semollm.model.tokenization import Tokens


@dataclass(frozen=True)
class Example:
    """A clip with its text, ready to be loaded.

    Attributes:
        id: the clip's.
        load: gives its features, (N, T, H).
        frames: about how many frames; for sorting only.
        tokens: its text.
        text_number: number of the text; equal texts have equal numbers.
        group: number of its emotion, for balancing; -1 where it has none.
        speaker: who speaks; None where unknown.
        words: attribute -> its word, for the read-outs.
        measures: measurements, (M,); None for a model without read-outs.
        readout_logits: of read-outs that were fitted without the speaker, (all words,); None: the model's own serve.
    """

    id: str
    load: Callable[[], Any]
    frames: int
    tokens: Tokens
    text_number: int
    group: int
    speaker: str | None = None
    words: Mapping[str, str | None] = field(default_factory=dict)
    measures: Any = None
    readout_logits: Any = None


class Examples(Dataset[dict[str, Any]]):
    """The examples of a stage."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = list(examples)

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        example = self.examples[index]
        further = {"measures": example.measures, "readout_logits": example.readout_logits}
        return {
            "features": np.asarray(example.load()),
            "tokens": example.tokens,
            "text_number": example.text_number,
            "id": example.id,
            "words": example.words,
            **{name: value for name, value in further.items() if value is not None},
        }


class Schedule(Sampler[int]):
    """The order of a whole stage, decided by the seed alone, so that a resumed run goes on in it.

    Each round goes through all examples once, shuffled; balanced, those of rare emotions come again until all
    are as many. Clips of about the same length stand together in a batch.

    Args:
        examples: what is drawn from.
        batch: clips per update of the weights, over all processes and accumulated parts.
        steps: updates.
        balanced: whether rare emotions are repeated.
        seed: decides everything.
    """

    def __init__(self, examples: Sequence[Example], batch: int, steps: int, balanced: bool, seed: int) -> None:
        self.frames = np.array([example.frames for example in examples])
        self.groups = np.array([example.group for example in examples])
        self.batch, self.steps, self.balanced, self.seed = batch, steps, balanced, seed

    def __len__(self) -> int:
        return self.batch * self.steps

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng([self.seed, 7])
        waiting: list[int] = []
        given = 0
        while True:
            waiting += self._round(random)
            # what is left over goes before the next round, so that nothing is dropped
            whole = len(waiting) - len(waiting) % self.batch
            for index in self._sorted(waiting[:whole], random):
                if given == len(self):
                    return
                given += 1
                yield index
            waiting = waiting[whole:]

    def _round(self, random: np.random.Generator) -> list[int]:
        order = np.arange(len(self.frames))
        if self.balanced:
            most = np.unique(self.groups, return_counts=True)[1].max()
            parts = []
            for group in np.unique(self.groups):
                members = random.permutation(np.flatnonzero(self.groups == group))
                parts.append(np.resize(members, most))
            order = np.concatenate(parts)
        shuffled: list[int] = random.permutation(order).tolist()
        return shuffled

    def _sorted(self, indices: list[int], random: np.random.Generator, pool: int = 8) -> list[int]:
        """Sort by length within pools of some batches, then shuffle the batches."""
        batches: list[list[int]] = []
        for start in range(0, len(indices), pool * self.batch):
            part = sorted(indices[start : start + pool * self.batch], key=lambda index: int(self.frames[index]))
            batches += [part[at : at + self.batch] for at in range(0, len(part), self.batch)]
        return [index for at in random.permutation(len(batches)) for index in random.permutation(batches[at]).tolist()]


@dataclass(frozen=True)
class Collate:
    """Examples to the arguments of a model's ``forward``, and ``clips``, their ids.

    Attributes:
        stage: of the model.
        pad: fills what a mask hides.
        named: attribute -> its words, for a stage 1 with naming.
    """

    stage: int
    pad: int
    named: Mapping[str, Sequence[str]] | None = None

    def __call__(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Pad everything to the longest of the batch."""
        clips = [item["id"] for item in items]
        batch = padded_features([item["features"] for item in items])
        tokens: list[Tokens] = [item["tokens"] for item in items]
        longest = max(len(text.ids) for text in tokens)
        ids = torch.full((len(tokens), longest), self.pad)
        mask = torch.zeros(len(tokens), longest, dtype=torch.bool)
        labels = torch.full((len(tokens), longest), -100)
        for row, text in enumerate(tokens):
            length = len(text.ids)
            ids[row, :length] = torch.tensor(text.ids)
            mask[row, :length] = True
            labels[row, text.first : length] = ids[row, text.first : length]
        if self.stage == 1:
            text_number = torch.tensor([item["text_number"] for item in items])
            if self.named:
                batch["words"] = torch.tensor([naming.places(self.named, item["words"]) for item in items])
            return {**batch, "text_ids": ids, "text_mask": mask, "labels": text_number, "clips": clips}
        for name in ("measures", "readout_logits"):
            if name in items[0]:
                batch[name] = torch.from_numpy(np.stack([item[name] for item in items]))
        return {**batch, "input_ids": ids, "text_mask": mask, "labels": labels, "clips": clips}


def padded_features(features: Sequence[Any]) -> dict[str, Tensor]:
    """Features, each (N, T, H), to one tensor, (B, N, T, H), and its mask, (B, T)."""
    longest = max(clip_features.shape[1] for clip_features in features)
    layers, _, width = features[0].shape
    held = np.zeros((len(features), layers, longest, width), np.result_type(*features))
    mask = torch.zeros(len(features), longest, dtype=torch.bool)
    for row, clip_features in enumerate(features):
        held[row, :, : clip_features.shape[1]] = clip_features
        mask[row, : clip_features.shape[1]] = True
    return {"features": torch.from_numpy(held), "feature_mask": mask}
