"""Linear read-outs of a clip, told to the LLM as mixtures of its own words. Not in the paper; off in its recipe.

For each attribute that replies name (emotion, gender, pitch, speed, volume) a regularised logistic regression is
fitted, once, on the training clips: a convex problem, solved and then frozen. Its posterior, (B, words), weighs the
LLM's own vectors of the words: "happiness" with 0.7, "surprise" with 0.2, and so on, is one further token beside the
Q-Former's. Trained by gradient through an LLM, the same linear maps follow a few hundred clips by heart.

What each sees:

- emotion: mean and deviation over time of the chosen hidden states, with the measurements;
- gender: the same states, and apart from them the voiced cepstrum; the two log odds are added (a joint regression
  leans on whatever tells the few training speakers apart);
- pitch, speed, volume: the measurement that the word is made from, with the posterior of the gender and their
  product, since words are relative to the gender.

While the LLM is trained, a clip's token may come from regressions that were fitted without its speaker
(``cross_fitted``): it learns to read them as they are on strangers. Elsewise they are surer then than they will be
later, and are sharpened in replies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from annotate.attributes import reply_attributes
from annotate.semollm.model.bridge import over_time
from annotate.semollm.model.enrolled_readout import EnrolledReadout
from annotate.semollm.model.logistic_regression import regression
from annotate.semollm.model.measurements import CEPSTRUM, NAMES

Floats = NDArray[np.float64]

# the measurement that a word is made from, or what stands for it where the text is not known
SOURCE_MEASURE = {
    name: attribute.measure if attribute.measure in NAMES else attribute.proxy
    for name, attribute in reply_attributes().items()
}
# How freely a regression may follow its clips: scikit-learn's C, times the number of standardised columns, so that
# the same figure means the same for an encoder of another width.
FREE_EMOTION, FREE_GENDER, FREE_CEPSTRUM, FREE_OWN = 4.0, 40.0, 1.2, 3000.0
# standardised measurements are few beside thousands of statistics: they count this much more under one penalty
MEASURES_WEIGH = 3.0


@dataclass(frozen=True)
class Clips:
    """What the read-outs are fitted on.

    Attributes:
        statistics: mean and deviation over time, (n, N, 2H), of the chosen hidden states.
        measures: (n, M), NaN where there is nothing to measure.
        words: attribute -> the word of each clip; None where it has none.
        speakers: of each clip; None where unknown.
    """

    statistics: NDArray[np.float32]
    measures: NDArray[np.float32]
    words: Mapping[str, Sequence[str | None]]
    speakers: Sequence[str | None]


class Readout(nn.Module):
    """The read-outs, their standardisation, and the LLM's vectors of their words; buffers all, none trains.

    Args:
        attributes: attribute -> its words, emotion and gender among them.
        layers: which of the model's hidden states, by their place in its list.
        hidden: H.
        width: L, of the LLM.
        sharpen: the power to which posteriors are raised outside training, before they are told.
        enrolment: with a second read-out of the emotion, for clips whose speaker is enrolled.
    """

    centre: Tensor
    spread: Tensor
    enrolled: EnrolledReadout | None

    def __init__(
        self,
        attributes: Mapping[str, Sequence[str]],
        layers: Sequence[int],
        hidden: int,
        width: int,
        sharpen: float = 1.0,
        enrolment: bool = False,
    ) -> None:
        super().__init__()
        self.sharpen = sharpen
        self.attributes = {name: list(words) for name, words in attributes.items()}
        self.layers = list(layers)
        statistics = len(self.layers) * 2 * hidden
        self.statistics = statistics
        self.register_buffer("centre", torch.zeros(statistics + len(NAMES)))
        self.register_buffer("spread", torch.ones(statistics + len(NAMES)))
        for name, words in self.attributes.items():
            seen = 3 if name in SOURCE_MEASURE else statistics + len(NAMES)
            self.register_buffer(f"{name}_weight", torch.zeros(seen, len(words)))
            self.register_buffer(f"{name}_bias", torch.zeros(len(words)))
            self.register_buffer(f"{name}_vectors", torch.zeros(len(words), width))
        self.enrolled = None
        if enrolment:
            self.enrolled = EnrolledReadout(statistics, len(NAMES), self.attributes["emotion"])

    @property
    def enrols(self) -> bool:
        """Whether the emotion has a read-out for enrolled speakers that is fitted."""
        return self.enrolled is not None and self.enrolled.fitted

    def standard(self, features: Tensor, mask: Tensor, measures: Tensor) -> Tensor:
        """Hidden states, (B, N, T, H), and measurements, (B, M), to standardised numbers, (B, n)."""
        statistics = over_time(features[:, self.layers], mask).flatten(1)
        return self._standardised(torch.cat([statistics, measures.to(statistics)], dim=1))

    def _standardised(self, raw: Tensor) -> Tensor:
        standard = (raw - self.centre) / self.spread
        return torch.where(standard.isfinite(), standard, torch.zeros_like(standard))

    def logits(self, standard: Tensor) -> dict[str, Tensor]:
        """Attribute -> log odds of its words, (B, words), from ``standard``."""
        by_attribute = {name: self._logits(name, standard) for name in self.attributes if name not in SOURCE_MEASURE}
        gender = by_attribute["gender"].softmax(1) if "gender" in by_attribute else standard.new_zeros(len(standard), 1)
        for name in self.attributes:
            if name in SOURCE_MEASURE:
                by_attribute[name] = self._logits(name, readout_inputs(name, standard[:, self.statistics :], gender))
        return {name: by_attribute[name] for name in self.attributes}

    def _logits(self, name: str, seen: Tensor) -> Tensor:
        made: Tensor = seen @ getattr(self, f"{name}_weight") + getattr(self, f"{name}_bias")
        return made

    def tokens(self, logits: Mapping[str, Tensor], shown: Sequence[str]) -> Tensor:
        """Posteriors of the attributes shown, as mixtures of word vectors, (B, attributes, L)."""
        power = 1.0 if self.training else self.sharpen
        made = [(power * logits[name]).softmax(1) @ getattr(self, f"{name}_vectors") for name in shown]
        return torch.stack(made, dim=1)

    def split(self, logits: Tensor) -> dict[str, Tensor]:
        """The logits of all attributes side by side, (B, all words), as ``logits`` gives them."""
        sizes = [len(words) for words in self.attributes.values()]
        return dict(zip(self.attributes, logits.split(sizes, dim=1), strict=True))

    def fitted_logits(self, clips: Clips) -> NDArray[np.float32]:
        """The logits of clips, (n, all words), as ``split`` takes them."""
        raw = np.concatenate([clips.statistics.reshape(len(clips.measures), -1), clips.measures], 1)
        logits: NDArray[np.float32] = torch.cat(list(self.from_vectors(raw).values()), dim=1).numpy()
        return logits

    def from_vectors(self, vectors: NDArray[Any]) -> dict[str, Tensor]:
        """Attribute -> log odds of its words, (n, words), from clips' numbers, (n, D), of ``enrolment.clip_vector``."""
        return self.logits(self._standardised(torch.from_numpy(np.asarray(vectors, np.float32))))

    def against_speakers(
        self, vectors: NDArray[Any], speakers: Sequence[str | None], most: int | None = None
    ) -> list[NDArray[np.float32] | None]:
        """Log probabilities of the emotions, (words,), of clips, (n, D), each against its speaker's other clips.

        None for a clip that cannot be enrolled; for all where the read-out cannot.
        """
        if self.enrolled is None or not self.enrols:
            return [None] * len(vectors)
        return self.enrolled.pooled(vectors, self.from_vectors(vectors)["emotion"], speakers, most)

    def fit(self, clips: Clips) -> None:
        """Fit everything on these clips."""
        raw = torch.from_numpy(np.concatenate([clips.statistics.reshape(len(clips.measures), -1), clips.measures], 1))
        known = raw.isfinite()
        count = known.sum(0).clamp(min=1)
        mean = torch.where(known, raw, 0.0).double().sum(0) / count
        spread = (torch.where(known, raw - mean, 0.0).square().sum(0) / count).sqrt()
        self.centre.copy_(mean)
        self.spread.copy_(torch.where(spread > 1e-6, spread, torch.ones_like(spread)))
        standard = self._standardised(raw.float())
        for name, words in self.attributes.items():
            if name not in SOURCE_MEASURE:
                self._set(name, _fitted(name, words, clips.words[name], standard.double().numpy(), self.statistics))
        gender = self.logits(standard)["gender"].softmax(1) if "gender" in self.attributes else standard[:, :1] * 0
        for name, words in self.attributes.items():
            if name in SOURCE_MEASURE:
                seen = readout_inputs(name, standard[:, self.statistics :], gender).double().numpy()
                self._set(name, regression(seen, clips.words[name], words, FREE_OWN))
        if self.enrolled is not None:
            self.enrolled.fit(raw.double().numpy(), clips.speakers, clips.words["emotion"])

    def _set(self, name: str, values: tuple[Floats, Floats]) -> None:
        for end, value in zip(("weight", "bias"), values, strict=True):
            getattr(self, f"{name}_{end}").copy_(torch.from_numpy(value))


def readout_inputs(name: str, measures: Tensor, gender: Tensor) -> Tensor:
    """What the word of a measurement is told by: the measurement, the gender, and their product, (B, 3)."""
    value, first = measures[:, NAMES.index(str(SOURCE_MEASURE[name]))], 2 * gender[:, 0] - 1
    return torch.stack([value, first, value * first], dim=1)


def _fitted(
    name: str, words: Sequence[str], attribute_words: Sequence[str | None], standard: Floats, statistics: int
) -> tuple[Floats, Floats]:
    """Weights over statistics and measurements, (n, words), and biases, of an attribute heard in the states."""
    if name != "gender":
        scale = np.ones(standard.shape[1])
        scale[statistics:] = MEASURES_WEIGH
        weight, bias = regression(standard * scale, attribute_words, words, FREE_EMOTION)
        return weight * scale[:, None], bias
    cepstrum = [statistics + NAMES.index(coefficient) for coefficient in CEPSTRUM]
    weight = np.zeros((standard.shape[1], len(words)))
    weight[:statistics], bias = regression(standard[:, :statistics], attribute_words, words, FREE_GENDER)
    weight[cepstrum], further = regression(standard[:, cepstrum], attribute_words, words, FREE_CEPSTRUM)
    return weight, bias + further


def cross_fitted_emotion(
    model: Readout, clips: Clips, folds: int
) -> tuple[NDArray[np.float32], list[NDArray[np.float32] | None]]:
    """The logits of the emotions of every clip, (n, words), without its speaker; and of each against its speaker."""
    attributes = {"emotion": model.attributes["emotion"]}
    vectors = np.concatenate([clips.statistics.reshape(len(clips.measures), -1), clips.measures], 1).astype(np.float64)
    plain = np.zeros((len(vectors), len(attributes["emotion"])), np.float32)
    enrolled: list[NDArray[np.float32] | None] = [None] * len(vectors)
    for rest, rows in _groups(clips.speakers, folds):
        made = Readout(
            attributes, model.layers, clips.statistics.shape[2] // 2, 1, enrolment=model.enrolled is not None
        )
        made.fit(_chosen(clips, rest))
        plain[rows] = made.from_vectors(vectors[rows])["emotion"].numpy()
        speakers = [clips.speakers[at] for at in rows]
        for at, logits in zip(rows, made.against_speakers(vectors[rows], speakers), strict=True):
            enrolled[at] = logits
    return plain, enrolled


def _groups(speakers: Sequence[str | None], folds: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The places of the clips to fit on, and of those that are held out: groups of speakers in the order of names."""
    names = [speaker if speaker is not None else f"clip {at}" for at, speaker in enumerate(speakers)]
    order = {name: at % max(2, folds) for at, name in enumerate(sorted(set(names)))}
    group = np.array([order[name] for name in names])
    for number in sorted(set(group.tolist())):
        out = group == number
        # a single speaker: nobody to fit on without them
        yield np.flatnonzero(~out) if not out.all() else np.arange(len(group)), np.flatnonzero(out)


def cross_fitted(attributes: Mapping[str, Sequence[str]], clips: Clips, hidden: int, folds: int) -> NDArray[np.float32]:
    """The logits of every clip, (n, all words), from read-outs fitted without its speaker.

    Speakers are dealt into ``folds`` groups in the order of their names; clips without a speaker are each their own.
    """
    layers = clips.statistics.shape[1]
    logits = np.zeros((len(clips.speakers), sum(len(words) for words in attributes.values())), np.float32)
    for rest, rows in _groups(clips.speakers, folds):
        made = Readout(attributes, range(layers), hidden, 1)
        made.fit(_chosen(clips, rest))
        logits[rows] = made.fitted_logits(_chosen(clips, rows))
    return logits


def _chosen(clips: Clips, rows: NDArray[np.int64]) -> Clips:
    return Clips(
        clips.statistics[rows],
        clips.measures[rows],
        {name: [attribute_words[at] for at in rows] for name, attribute_words in clips.words.items()},
        [clips.speakers[at] for at in rows],
    )


def word_vectors(words: Sequence[str], language: Any) -> Tensor:
    """The LLM's vector of each word, (words, L): the mean over its tokens, a space before it as within a sentence."""
    table = language.model.get_input_embeddings().weight.detach().float()
    rows = [language.tokenizer.encode(f" {word}", add_special_tokens=False) for word in words]
    return torch.stack([table[torch.tensor(ids)].mean(0) for ids in rows])


def nothing_measured(count: int) -> Tensor:
    """Measurements of clips of which nothing was measured, (B, M)."""
    return torch.full((count, len(NAMES)), math.nan)
