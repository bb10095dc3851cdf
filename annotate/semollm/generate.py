"""Replies from features: greedy, by beams, or drawn as in the published code; sorted into batches by length."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from annotate.errors import SemoError
from annotate.semollm import finite, references, texts
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
        decode: ``scored``: the emotion is the label whose sentence is likeliest, to the LLM and the read-out together
            where the model has one; only what follows it is worded freely. ``greedy``: all is. None is as the model's
            configuration has it.
    """

    beams: int = 1
    sample: bool = False
    repetition: float = 1.0
    longest: int = 80
    shortest: int = 1
    decode: Literal["greedy", "scored"] | None = None

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


@dataclass(frozen=True)
class Heard:
    """A clip to be asked about.

    Attributes:
        load: gives its hidden states, (N, T, H).
        length: like is batched with like by it.
        measures: its measurements, (M,); None for a model without read-outs.
    """

    load: Callable[[], Any]
    length: float
    measures: Any = None


@dataclass(frozen=True)
class Answer:
    """A reply, and the probability of each label's sentence among all; None where the model has no labels."""

    reply: str
    chances: dict[str, float] | None = None


def answers(
    model: SEmoForCausalLM,
    language: references.Language,
    clips: Sequence[Heard],
    how: How,
    batch_size: int,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """The answer to each clip, in the order given; an empty text where the LLM ends at once.

    ``tell`` is given the number of clips just done.
    """
    order = sorted(range(len(clips)), key=lambda at: clips[at].length)
    found = [Answer("")] * len(clips)
    with judging(model):
        for at in range(0, len(order), batch_size):
            rows = order[at : at + batch_size]
            speech, told = _batch(model, [clips[row] for row in rows])
            if finite.spoilt(speech):
                raise SemoError("the model's output for a clip is NaN or infinite; --device cpu computes in float32")
            for row, answer in zip(rows, _answered(model, language, speech, told, how), strict=True):
                found[row] = answer
            tell(len(rows))
    return found


def _batch(model: SEmoForCausalLM, clips: Sequence[Heard]) -> tuple[Tensor, Tensor | None]:
    """The clips' speech tokens, (B, K, L), and the read-out's log odds of the emotions, (B, labels)."""
    device = model.llm_proj.weight.device
    batch = {name: value.to(device) for name, value in padded_features([clip.load() for clip in clips]).items()}
    given = [clip.measures for clip in clips if clip.measures is not None]
    measures = torch.from_numpy(np.stack(given)).to(device) if len(given) == len(clips) else None
    features, mask = batch["features"], batch["feature_mask"]
    if model.readout is None:
        return model.speech_tokens(features, mask), None
    logits = model.heard(features, mask, measures)
    return model.speech_tokens(features, mask, None, torch.cat(list(logits.values()), dim=1)), logits["emotion"]


def _answered(
    model: SEmoForCausalLM, language: references.Language, speech: Tensor, told: Tensor | None, how: How
) -> list[Answer]:
    before = texts.asked(language, model.config.prompt)
    scored = (how.decode or model.config.decode) == "scored"
    begun: list[list[int]] = [[]] * len(speech)
    chances: list[dict[str, float] | None] = [None] * len(speech)
    if model.config.forms:
        # a saved configuration has its keys sorted: the order of the labels is that of the list
        labels = [label for label in model.config.labels if label in model.config.forms]
        said = [language.tokenizer.encode(model.config.forms[one], add_special_tokens=False) for one in labels]
        likely = model.likelihoods(speech, before, said).log_softmax(1)
        if bool(likely.isnan().any()):
            raise SemoError("the language model gives NaN in place of probabilities; --device cpu computes in float32")
        if scored and told is not None:
            heard = [model.config.readout["attributes"]["emotion"].index(label) for label in labels]
            likely = pooled(likely, told.float().log_softmax(1)[:, heard])
        likely = likely.softmax(1)
        if scored:
            begun = [said[at] for at in likely.argmax(1).tolist()]
        chances = [dict(zip(labels, row, strict=True)) for row in likely.tolist()]
    if all(begun) and model.config.content == "E":  # the sentence that names the emotion is the whole reply
        worded: list[list[int]] = [[]] * len(speech)
    else:
        worded = model.reply(speech, [[*before, *one] for one in begun], **how.arguments(language)).tolist()
    found = []
    for start, one, chance in zip(begun, worded, chances, strict=True):
        rest = one[: one.index(language.eos)] if language.eos in one else one
        found.append(Answer(language.tokenizer.decode([*start, *rest], skip_special_tokens=True).strip(), chance))
    return found


def pooled(one: Tensor, other: Tensor) -> Tensor:
    """Two opinions as log probabilities, (B, labels), into one: their geometric mean, as log probabilities.

    The logarithmic opinion pool of Genest and Zidek (1986), weights a half each. The LLM reads its word off a mixture
    of vectors and misreads some; the read-out that made the mixture does not.
    """
    return ((one + other) / 2).log_softmax(1)


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
