"""A loss of stage 1 beside the paper's three: each attribute's own query names its word.

The projection to the LLM then starts where the naming points (``SEmoForCausalLM.start_from_naming``): stages 2 and 3
need not find by gradient through the LLM what a direction of a query vector means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from annotate.errors import UsageError
from annotate.semollm.model import distributed


class NamingHead(nn.Module):
    """A linear head over the words of all attributes; query number i names a word of attribute number i.

    Args:
        words: attribute -> its words, the emotion first.
        width: D, of the query vectors.
    """

    def __init__(self, words: Mapping[str, Sequence[str]], width: int) -> None:
        super().__init__()
        self.sizes = {name: len(known) for name, known in words.items()}
        self.head = nn.Linear(width, sum(self.sizes.values()))

    def logits(self, queries: Tensor) -> dict[str, Tensor]:
        """Attribute -> log odds of its words, (B, words), from query vectors, (B, Q, D)."""
        every = self.head(queries[:, : len(self.sizes)]).split(list(self.sizes.values()), dim=-1)
        return {name: part[:, place] for place, (name, part) in enumerate(zip(self.sizes, every, strict=True))}


class Naming(NamingHead):
    """The loss of stage 1.

    Args:
        options: ``words`` (attribute -> its words, the emotion first), ``smoothing``, ``attributes`` (their weight).
        width: D, of the query vectors.
    """

    def __init__(self, options: Mapping[str, Any], width: int) -> None:
        super().__init__(options["words"], width)
        self.smoothing = options["smoothing"]
        self.weights = [1.0, *[options["attributes"]] * (len(self.sizes) - 1)]

    def forward(self, queries: Tensor, words: Tensor) -> Tensor:
        """Query vectors, (B, Q, D), and the place of each attribute's word, (B, attributes), to the loss.

        A clip without a word (-100) counts nothing for the attribute.
        """
        logits = self.head(queries[:, : len(self.sizes)]).float()
        total = logits.new_zeros(())
        first = 0
        for place, (size, weight) in enumerate(zip(self.sizes.values(), self.weights, strict=True)):
            target = torch.where(words[:, place] >= 0, words[:, place] + first, -100)
            loss = functional.cross_entropy(
                logits[:, place], target, ignore_index=-100, reduction="sum", label_smoothing=self.smoothing
            )
            total = total + weight * distributed.mean(loss, (target >= 0).sum())
            first += size
        return total


class NamedTokens(NamingHead):
    """What the query vectors name, told to the LLM in its own words: a token for each attribute of the replies.

    The head is that of stage 1 and does not train; the token is the mean of the LLM's vectors of the attribute's words,
    weighted by the head's posterior.

    Args:
        options: ``words``, and ``sharpen``, the power to which posteriors are raised outside training.
        width: D, of the query vectors.
        llm_width: L, of the LLM.
    """

    vectors: Tensor

    def __init__(self, options: Mapping[str, Any], width: int, llm_width: int) -> None:
        super().__init__(options["words"], width)
        self.sharpen = options["sharpen"]
        self.head.requires_grad_(False)
        self.register_buffer("vectors", torch.zeros(sum(self.sizes.values()), llm_width))

    def forward(self, queries: Tensor, shown: Sequence[str]) -> Tensor:
        """Query vectors, (B, Q, D), to the tokens of the attributes shown, (B, attributes, L)."""
        power = 1.0 if self.training else self.sharpen
        logits = self.logits(queries)
        words = dict(zip(self.sizes, self.vectors.split(list(self.sizes.values())), strict=True))
        return torch.stack([(power * logits[name].float()).softmax(-1) @ words[name] for name in shown], dim=1)


def settings(options: Any, queries: int, words: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What the configuration holds of it.

    Raises:
        UsageError: fewer queries than attributes.
    """
    if queries < len(words):
        raise UsageError(f"model.queries={queries}: model.naming needs one for each of {', '.join(words)}")
    return {
        "words": {name: list(known) for name, known in words.items()},
        "smoothing": options.smoothing,
        "attributes": options.attributes,
        "tokens": options.tokens,
        "sharpen": options.sharpen,
        "shown": [],
    }


def places(words: Mapping[str, Sequence[str]], attribute_words: Mapping[str, str | None]) -> list[int]:
    """The place of a clip's word among those of each attribute; -100 where it has none."""
    word_places = []
    for name, known in words.items():
        word = attribute_words.get(name)
        word_places.append(list(known).index(word) if word is not None and word in known else -100)
    return word_places


def phrases(words: Mapping[str, Sequence[str]]) -> list[str]:
    """All words in order; one that several attributes share, as "normal", stands with its attribute's name."""
    every = [word for known in words.values() for word in known]
    return [word if every.count(word) == 1 else f"{word} {name}" for name, known in words.items() for word in known]
