"""Replies from features: greedy, by beams, or drawn as in the published code; sorted into batches by length."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from annotate.semollm import references, texts
from annotate.semollm.batches import padded_features
from annotate.semollm.model import SEmoForCausalLM


@dataclass(frozen=True)
class How:
    """How replies are worded.

    Attributes:
        beams: 1 is greedy.
        sample: drawn from the nucleus (0.9) as in the published code, which uses 5 beams.
        repetition: penalty on what was said before; the published code's is 1.5.
        longest: tokens at most.
        shortest: tokens at least; the published code's is 3.
    """

    beams: int = 1
    sample: bool = False
    repetition: float = 1.0
    longest: int = 80
    shortest: int = 1

    def arguments(self, language: references.Language) -> dict[str, Any]:
        """For ``generate`` of ``transformers``; every length counts new tokens alone, whatever the version."""
        drawn = {"do_sample": True, "top_p": 0.9, "temperature": 1.0, "top_k": 0} if self.sample else {}
        return {
            "do_sample": False,
            "num_beams": self.beams,
            "repetition_penalty": self.repetition,
            "length_penalty": 1.0,
            "max_new_tokens": self.longest,
            "min_new_tokens": min(self.shortest, self.longest),
            "bos_token_id": language.bos,
            "eos_token_id": language.eos,
            "pad_token_id": language.eos,
            **drawn,
        }


def replies(
    model: SEmoForCausalLM,
    language: references.Language,
    features: Sequence[Callable[[], Any]],
    lengths: Sequence[float],
    how: How,
    batch_size: int,
    tell: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """The reply to each clip, in the order given; an empty text where the LLM ends at once.

    ``features`` each give a clip's hidden states, (N, T, H); by ``lengths`` like is batched with like; ``tell``
    is given the number of clips just done.
    """
    order = sorted(range(len(features)), key=lambda at: lengths[at])
    found = [""] * len(features)
    before = texts.asked(language, model.config.prompt)
    device = model.llm_proj.weight.device
    with judging(model):
        for at in range(0, len(order), batch_size):
            rows = order[at : at + batch_size]
            batch = padded_features([features[row]() for row in rows])
            ids = model.reply(
                batch["features"].to(device),
                batch["feature_mask"].to(device),
                [before] * len(rows),
                **how.arguments(language),
            )
            for row, one in zip(rows, ids.tolist(), strict=True):
                said = one[: one.index(language.eos)] if language.eos in one else one
                found[row] = language.tokenizer.decode(said, skip_special_tokens=True).strip()
            tell(len(rows))
    return found


@contextlib.contextmanager
def judging(model: Any) -> Iterator[None]:
    """Evaluation mode without gradients, and no random number of the training taken."""
    training = model.training
    model.eval()
    devices = [model.device] if model.device.type == "cuda" else []
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=devices):
            yield
    finally:
        model.train(training)
