"""Replies from features: greedy, by beams, or drawn as in the published code; sorted into batches by length."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from annotate.errors import SemoError
from annotate.semollm.data.batches import padded_features
from annotate.semollm.data.encoded_corpus import ClipFeatures
from annotate.semollm.model import finite_checks, frozen_models, tokenization
from annotate.semollm.model.causal_lm import SEmoForCausalLM

PLAIN, ENROLLED = "plain", "enrolled"  # of which clips a temperature is


@dataclass(frozen=True)
class DecodingOptions:
    """How replies are worded.

    Attributes:
        beams: 1 is greedy.
        sample: drawn from the nucleus (0.9) as in the published code, which uses 5 beams.
        repetition: penalty on what was said before; the published code's is 1.5.
        longest: tokens at most.
        shortest: tokens at least; the published code's is 3.
        decode: ``scored``: the reply begins with the likeliest label by the naming head and the read-out, pooled with
            the LLM where the LLM is not given them; only what follows is worded freely. ``greedy``: all is. None is as
            the model's configuration has it.
    """

    beams: int = 1
    sample: bool = False
    repetition: float = 1.0
    longest: int = 80
    shortest: int = 1
    decode: Literal["greedy", "scored"] | None = None

    def arguments(self, language: frozen_models.Language) -> dict[str, Any]:
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
class Answer:
    """A reply, and the probability of each label's sentence among all; None where the model has no labels."""

    reply: str
    chances: dict[str, float] | None = None


def answers(
    model: SEmoForCausalLM,
    language: frozen_models.Language,
    clips: Sequence[ClipFeatures],
    decoding: DecodingOptions,
    batch_size: int,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """The answer to each clip, in the order given; an empty text where the LLM ends at once.

    ``tell`` is given the number of clips just done.
    """
    order = sorted(range(len(clips)), key=lambda at: clips[at].length)
    answered = [Answer("")] * len(clips)
    with judging(model):
        for at in range(0, len(order), batch_size):
            rows = order[at : at + batch_size]
            speech, opinion = _batch(model, [clips[row] for row in rows])
            if finite_checks.spoilt(speech):
                raise SemoError(
                    "the model's output for a clip is NaN or infinite; try --device cpu, which computes in float32"
                )
            calibrated = [ENROLLED if clips[row].enrolled else PLAIN for row in rows]
            for row, answer in zip(
                rows, _answered(model, language, speech, opinion, decoding, calibrated), strict=True
            ):
                answered[row] = answer
            tell(len(rows))
    return answered


def _batch(model: SEmoForCausalLM, clips: Sequence[ClipFeatures]) -> tuple[Tensor, Tensor | None]:
    """The clips' speech tokens, (B, K, L), and the log probabilities of the labels that the LLM is not asked for.

    Those, (B, labels), are of what the queries name and of the read-out, pooled where the model has both; None where it
    has neither.
    """
    device = model.llm_proj.weight.device
    batch = {name: value.to(device) for name, value in padded_features([clip.load() for clip in clips]).items()}
    measured = [clip.measures for clip in clips if clip.measures is not None]
    measures = torch.from_numpy(np.stack(measured)).to(device) if len(measured) == len(clips) else None
    features, mask = batch["features"], batch["feature_mask"]
    normalised = _normalised(clips, features)
    vectors = model.query_vectors(features, mask, normalised)
    named = model.naming.logits(vectors)["emotion"] if model.naming is not None else None
    if model.readout is None:
        return model.speech_tokens(features, mask, vectors=vectors), opinion(model, named, None)
    logits = model.readout_log_odds(features, mask, measures)
    given = [row for row, clip in enumerate(clips) if clip.emotion_logits is not None]
    if given:
        stands_in = torch.from_numpy(np.stack([clips[row].emotion_logits for row in given]))
        logits["emotion"] = logits["emotion"].clone()
        logits["emotion"][given] = stands_in.to(logits["emotion"])
    readout_logits = torch.cat(list(logits.values()), dim=1)
    return model.speech_tokens(features, mask, None, readout_logits, vectors), opinion(model, named, logits["emotion"])


def opinion(model: SEmoForCausalLM, named: Tensor | None, read: Tensor | None) -> Tensor | None:
    """Log probabilities of the labels, (B, labels): what the queries name and what the read-out recognises, pooled.

    Args:
        model: whose words of the emotion and labels these are.
        named: log odds of the words that the queries name, (B, words); None for a model that names nothing.
        read: those of the read-out, (B, words); None for a model without one.
    """
    known = []
    for logits, part, key in ((named, model.config.naming, "words"), (read, model.config.readout, "attributes")):
        if logits is not None:
            words = part[key]["emotion"]
            known.append(logits.float().log_softmax(1)[:, [words.index(label) for label in labels_of(model)]])
    return pooled(*known) if known else None


def _normalised(clips: Sequence[ClipFeatures], features: Tensor) -> Tensor | None:
    """The clips' ``features``, those of enrolled speakers against their usual, (B, N, T, H); None where none is."""
    loads = [(row, clip.normalised) for row, clip in enumerate(clips) if clip.normalised is not None]
    if not loads:
        return None
    path = features.float().clone()
    for row, load in loads:
        states = torch.from_numpy(load()).to(path)
        path[row, :, : states.shape[1]] = states
    return path


def _answered(
    model: SEmoForCausalLM,
    language: frozen_models.Language,
    speech: Tensor,
    opinion: Tensor | None,
    decoding: DecodingOptions,
    calibrated: Sequence[str],
) -> list[Answer]:
    before = tokenization.asked(language, model.config.prompt)
    scored = (decoding.decode or model.config.decode) == "scored"
    begun: list[list[int]] = [[]] * len(speech)
    chances: list[dict[str, float] | None] = [None] * len(speech)
    if labels := labels_of(model):
        decode = "scored" if scored else "greedy"
        sentences = _sentences(model, language)
        ask = functools.partial(_likely, model, language, speech, sentences)
        likely = _scored(model, ask, opinion) if scored else ask()
        if scored:
            begun = [sentences[at] for at in likely.argmax(1).tolist()]
        temperatures = torch.tensor([model.config.calibration.get(f"{decode}_{name}", 1.0) for name in calibrated])
        rows = (likely / temperatures.to(likely)[:, None]).softmax(1).tolist()
        chances = [dict(zip(labels, row, strict=True)) for row in rows]
    if all(begun) and model.config.content == "E":  # the sentence that names the emotion is the whole reply
        worded: list[list[int]] = [[]] * len(speech)
    else:
        worded = model.reply(speech, [[*before, *start] for start in begun], **decoding.arguments(language)).tolist()
    replies = []
    for start, ids, chance in zip(begun, worded, chances, strict=True):
        rest = ids[: ids.index(language.eos)] if language.eos in ids else ids
        replies.append(Answer(language.tokenizer.decode([*start, *rest], skip_special_tokens=True).strip(), chance))
    return replies


def labels_of(model: SEmoForCausalLM) -> list[str]:
    """The labels whose sentences the model knows, in its order; a saved configuration sorts the sentences' keys."""
    return [label for label in model.config.labels if label in model.config.forms]


def _sentences(model: SEmoForCausalLM, language: frozen_models.Language) -> list[list[int]]:
    """The token ids of each label's sentence."""
    forms = (model.config.forms[label] for label in labels_of(model))
    return [language.tokenizer.encode(form, add_special_tokens=False) for form in forms]


def _likely(
    model: SEmoForCausalLM, language: frozen_models.Language, speech: Tensor, sentences: Sequence[Sequence[int]]
) -> Tensor:
    """Log probabilities of the labels to the LLM, (B, labels), by their sentences' ids."""
    likely = model.likelihoods(speech, tokenization.asked(language, model.config.prompt), sentences).log_softmax(1)
    if bool(likely.isnan().any()):
        raise SemoError(
            "the language model returns NaN instead of probabilities; try --device cpu, which computes in float32"
        )
    return likely


def _scored(model: SEmoForCausalLM, likely: Callable[[], Tensor], opinion: Tensor | None) -> Tensor:
    """Log probabilities of the labels by which scored replies begin, (B, labels), before any temperature.

    An LLM that is given the emotion only repeats it, with some errors and too much confidence: it is not asked.
    """
    if opinion is None:
        return likely()
    return opinion if model.config.emotion_given else pooled(likely(), opinion)


def label_scores(
    model: SEmoForCausalLM, language: frozen_models.Language, clips: Sequence[ClipFeatures], batch_size: int
) -> dict[str, Tensor]:
    """Way of decoding -> log probabilities of the labels, (n, labels), before any temperature; nothing is worded."""
    order = sorted(range(len(clips)), key=lambda at: clips[at].length)
    sentences = _sentences(model, language)
    by_decoding = {name: torch.zeros(len(clips), len(labels_of(model))) for name in ("greedy", "scored")}
    with judging(model):
        for at in range(0, len(order), batch_size):
            rows = order[at : at + batch_size]
            speech, opinion = _batch(model, [clips[row] for row in rows])
            ask = functools.cache(functools.partial(_likely, model, language, speech, sentences))
            by_decoding["greedy"][rows] = ask().float().cpu()
            by_decoding["scored"][rows] = _scored(model, ask, opinion).float().cpu()
    return by_decoding


def pooled(*opinions: Tensor) -> Tensor:
    """Opinions as log probabilities, (B, labels) each, into one: their geometric mean, as log probabilities.

    The logarithmic opinion pool of Genest and Zidek (1986), weights even.
    """
    return torch.stack(opinions).mean(0).log_softmax(1)


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
