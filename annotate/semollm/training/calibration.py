"""Calibration: one temperature that makes labels' probabilities mean what they say on strangers.

Guo et al. 2017, arXiv 1706.04599, section 4.2. It is fitted on speakers that nothing else of the model was fitted on,
or, where all train, on what read-outs say that were fitted without the speaker. The likeliest label stays what it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.semollm.data import encoded_corpus
from annotate.semollm.data.batches import Example
from annotate.semollm.data.corpus import CorpusClip
from annotate.semollm.data.encoded_corpus import EncodedCorpus
from annotate.semollm.inference import generation, speaker_relative
from annotate.semollm.model import frozen_models, readout

LIMITS = (0.05, 50.0)  # of a temperature; beyond it the labels do not follow what is heard at all
ENOUGH = 20  # clips, below which nothing is fitted
MOST = 240  # clips that the LLM is asked about; they are taken evenly from all
FOLDS = 4  # groups of speakers, where all speakers train
READOUT, READOUT_ENROLLED = "readout", "readout_enrolled"  # temperatures of the read-out by itself

Logits = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class HeldOut:
    """Clips with read-outs that were not fitted on their speakers.

    Attributes:
        clips: ready to be asked about.
        truth: the emotion of each.
        plain: log odds of the emotions, (words,) each; None for a model without read-outs.
        enrolled: the same against the speaker; None where he is not enrolled.
        normalised: gives the hidden states of each against the speaker; None where the speech path takes none such.
    """

    clips: Sequence[encoded_corpus.ClipFeatures]
    truth: Sequence[str]
    plain: Sequence[Logits | None]
    enrolled: Sequence[Logits | None]
    normalised: Sequence[Callable[[], Any] | None]

    def asked(self, at: int, enrolled: bool) -> encoded_corpus.ClipFeatures | None:
        """A clip by itself, or against its speaker; None where he is not enrolled."""
        if not enrolled:
            return dataclasses.replace(self.clips[at], emotion_logits=self.plain[at])
        clip = dataclasses.replace(self.clips[at], emotion_logits=self.enrolled[at], normalised=self.normalised[at])
        return clip if clip.enrolled else None


def of_validation(model: Any, clips: Sequence[CorpusClip], encoded: EncodedCorpus) -> HeldOut:
    """Clips of speakers that do not train."""
    known = [clip for clip in clips if clip.emotion in generation.labels_of(model)]
    asked = [encoded.clip(clip) for clip in known]
    truth = [str(clip.emotion) for clip in known]
    nothing: list[Logits | None] = [None] * len(known)
    normalised = speaker_relative.normalised_loaders(
        model.bridge.speaker_normalisation, [clip.load for clip in asked], [clip.speaker for clip in known]
    )
    if model.readout is None or not known:
        return HeldOut(asked, truth, nothing, nothing, normalised)
    numbers = speaker_relative.vectors(model.readout, known, encoded)
    enrolled, _ = speaker_relative.emotion_logits(model.readout, known, encoded, None, numbers)
    plain = model.readout.from_vectors(numbers)["emotion"].numpy()
    return HeldOut(asked, truth, list(plain), [enrolled.get(clip.id) for clip in known], normalised)


def cross_fitted(model: Any, examples: Sequence[Example], clips: readout.Clips) -> HeldOut:
    """Clips that train, each with read-outs that were fitted without its speaker."""
    plain, enrolled = readout.cross_fitted_emotion(model.readout, clips, FOLDS)
    kept = [at for at, example in enumerate(examples) if example.words.get("emotion") in generation.labels_of(model)]
    return HeldOut(
        [encoded_corpus.ClipFeatures(examples[at].load, examples[at].frames, examples[at].measures) for at in kept],
        [str(examples[at].words["emotion"]) for at in kept],
        [plain[at] for at in kept],
        [enrolled[at] for at in kept],
        [None] * len(kept),  # the speech path has trained on these very clips
    )


def temperatures(model: Any, language: frozen_models.Language, held: HeldOut, batch_size: int) -> dict[str, float]:
    """What ``SEmoConfig.calibration`` holds."""
    labels = generation.labels_of(model)
    chosen = np.unique(np.linspace(0, len(held.clips) - 1, min(MOST, len(held.clips))).astype(int))
    calibration = {}
    for name in (generation.PLAIN, generation.ENROLLED):
        asked = [(at, held.asked(int(at), enrolled=name == generation.ENROLLED)) for at in chosen]
        clips = [clip for _, clip in asked if clip is not None]
        truth = [labels.index(held.truth[at]) for at, clip in asked if clip is not None]
        for decode, scores in generation.label_scores(model, language, clips, batch_size).items():
            calibration[f"{decode}_{name}"] = temperature(scores.numpy(), truth)
    for name, logits in ((READOUT, held.plain), (READOUT_ENROLLED, held.enrolled)):
        known = [(row, true) for row, true in zip(logits, held.truth, strict=True) if row is not None]
        if known:
            words = model.readout.attributes["emotion"]
            rows = np.stack([row for row, _ in known])
            calibration[name] = temperature(rows, [words.index(true) for _, true in known])
    return calibration


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
