"""Calibration: one temperature that makes labels' probabilities mean what they say on strangers.

Guo et al. 2017, arXiv 1706.04599, section 4.2. It is fitted on speakers that nothing else of the model was fitted on,
or, where all train, on what read-outs and queries say that were fitted without the speaker. The likeliest label stays
what it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotate.semollm.data import encoded_corpus
from annotate.semollm.data.batches import Example
from annotate.semollm.data.corpus import CorpusClip
from annotate.semollm.data.encoded_corpus import EncodedCorpus
from annotate.semollm.inference import generation, speaker_relative
from annotate.semollm.model import frozen_models, readout
from annotate.semollm.training import fitting

LIMITS = (0.05, 50.0)  # of a temperature; beyond it the labels do not follow what is heard at all
ENOUGH = 20  # clips, below which nothing is fitted
MOST = 240  # clips that the LLM is asked about; they are taken evenly from all
FOLDS = 4  # groups of speakers, where all speakers train
READOUT, READOUT_ENROLLED = "readout", "readout_enrolled"  # temperatures of the read-out by itself

Logits = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class EmotionLogits:
    """Log odds of the emotion's words, (words,), for a clip by itself and against its speaker; None where unknown."""

    plain: Logits | None = None
    enrolled: Logits | None = None

    def of(self, kind: str) -> Logits | None:
        """Of a clip by itself, ``PLAIN``, or against its speaker, ``ENROLLED``."""
        return self.enrolled if kind == generation.ENROLLED else self.plain


@dataclass(frozen=True)
class HeldOut:
    """Clips with opinions of their emotion that were not fitted on their speakers.

    Attributes:
        clips: ready to be asked about.
        truth: the emotion of each.
        read: what read-outs recognise; nothing for a model without them.
        normalised: gives the hidden states of each against the speaker; None where the speech path takes none such.
        named: what queries name, where the model itself has heard these speakers; empty where it has not.
    """

    clips: Sequence[encoded_corpus.ClipFeatures]
    truth: Sequence[str]
    read: Sequence[EmotionLogits]
    normalised: Sequence[Callable[[], Any] | None]
    named: Sequence[EmotionLogits] = ()

    def asked(self, at: int, enrolled: bool) -> encoded_corpus.ClipFeatures | None:
        """A clip by itself, or against its speaker; None where he is not enrolled."""
        if not enrolled:
            return dataclasses.replace(self.clips[at], emotion_logits=self.read[at].plain)
        clip = dataclasses.replace(
            self.clips[at], emotion_logits=self.read[at].enrolled, normalised=self.normalised[at]
        )
        return clip if clip.enrolled else None


def of_validation(model: Any, clips: Sequence[CorpusClip], encoded: EncodedCorpus) -> HeldOut:
    """Clips of speakers that do not train."""
    known = [clip for clip in clips if clip.emotion in generation.labels_of(model)]
    asked = [encoded.clip(clip) for clip in known]
    truth = [str(clip.emotion) for clip in known]
    normalised = speaker_relative.normalised_loaders(
        model.bridge.speaker_normalisation, [clip.load for clip in asked], [clip.speaker for clip in known]
    )
    if model.readout is None or not known:
        return HeldOut(asked, truth, [EmotionLogits()] * len(known), normalised)
    numbers = speaker_relative.vectors(model.readout, known, encoded)
    enrolled, _ = speaker_relative.emotion_logits(model.readout, known, encoded, None, numbers)
    plain = model.readout.from_vectors(numbers)["emotion"].numpy()
    read = [EmotionLogits(row, enrolled.get(clip.id)) for clip, row in zip(known, plain, strict=True)]
    return HeldOut(asked, truth, read, normalised)


def cross_fitted(model: Any, examples: Sequence[Example], named: Mapping[str, EmotionLogits]) -> HeldOut:
    """Clips that train, each with opinions that were fitted without its speaker.

    Args:
        model: trained.
        examples: the clips, as they train.
        named: ``cross_fitting.held_out_logits``; empty for a model that names nothing.
    """
    known = [example for example in examples if example.words.get("emotion") in generation.labels_of(model)]
    known = [example for example in known if example.id in named or not named]
    read = [EmotionLogits()] * len(known)
    if model.readout is not None and known:
        clips = fitting.readout_clips(model.readout, known)
        read = list(map(EmotionLogits, *readout.cross_fitted_emotion(model.readout, clips, FOLDS)))
    return HeldOut(
        [encoded_corpus.ClipFeatures(example.load, example.frames, example.measures) for example in known],
        [str(example.words["emotion"]) for example in known],
        read,
        [None] * len(known),  # the speech path has trained on these very clips
        [named[example.id] for example in known] if named else (),
    )


def temperatures(model: Any, language: frozen_models.Language, held: HeldOut, batch_size: int) -> dict[str, float]:
    """What ``SEmoConfig.calibration`` holds."""
    calibration = _of_named(model, held) if held.named else _of_replies(model, language, held, batch_size)
    for name, kind in ((READOUT, generation.PLAIN), (READOUT_ENROLLED, generation.ENROLLED)):
        known = [(row, true) for odds, true in zip(held.read, held.truth, strict=True)
                 if (row := odds.of(kind)) is not None]  # fmt: skip
        if known:
            words = model.readout.attributes["emotion"]
            rows = np.stack([row for row, _ in known])
            calibration[name] = temperature(rows, [words.index(true) for _, true in known])
    return calibration


def _of_replies(model: Any, language: frozen_models.Language, held: HeldOut, batch_size: int) -> dict[str, float]:
    """By what the model answers."""
    labels, calibration = generation.labels_of(model), {}
    chosen = np.unique(np.linspace(0, len(held.clips) - 1, min(MOST, len(held.clips))).astype(int))
    for name in (generation.PLAIN, generation.ENROLLED):
        asked = [(at, held.asked(int(at), enrolled=name == generation.ENROLLED)) for at in chosen]
        clips = [clip for _, clip in asked if clip is not None]
        truth = [labels.index(held.truth[at]) for at, clip in asked if clip is not None]
        for decode, scores in generation.label_scores(model, language, clips, batch_size).items():
            calibration[f"{decode}_{name}"] = temperature(scores.numpy(), truth)
    return calibration


def _of_named(model: Any, held: HeldOut) -> dict[str, float]:
    """By what stage-1 models name that have not heard the speaker, pooled with the read-outs, as in scored replies."""
    labels, calibration = generation.labels_of(model), {}
    for name in (generation.PLAIN, generation.ENROLLED):
        places = [at for at, both in enumerate(zip(held.named, held.read, strict=True))
                  if any(logits.of(name) is not None for logits in both)]  # fmt: skip
        if places:
            named, read = (_stacked([part[at] for at in places], name) for part in (held.named, held.read))
            truth = [labels.index(held.truth[at]) for at in places]
            opinion: Any = generation.opinion(model, named, read)
            calibration[f"scored_{name}"] = temperature(opinion.numpy(), truth)
    return calibration


def _stacked(logits: Sequence[EmotionLogits], kind: str) -> torch.Tensor | None:
    """Of a kind, (n, words); of the clip by itself where it is not enrolled in this; None where nothing is known."""
    rows: list[Any] = [clip.plain if clip.of(kind) is None else clip.of(kind) for clip in logits]
    return None if rows[0] is None else torch.from_numpy(np.stack(rows))


def temperature(logits: NDArray[np.floating], truth: Sequence[int]) -> float:
    """The temperature of least cross-entropy for logits, (n, labels), and the places of the true labels.

    1 where there are too few clips to tell.
    """
    if len(truth) < ENOUGH:
        return 1.0
    from scipy.optimize import minimize_scalar

    rows, places = np.asarray(logits, np.float64), np.asarray(truth)

    def cross_entropy(logarithm: float) -> float:
        scaled = rows / np.exp(logarithm)
        scaled -= scaled.max(1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(places)), places]).mean())

    minimum = minimize_scalar(cross_entropy, bounds=tuple(np.log(LIMITS)), method="bounded")
    return float(np.exp(minimum.x))
