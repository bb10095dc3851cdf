"""What a stage learns from: each clip's features by their loader, and its text in ids."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from annotate.audio.recording import RATE
from annotate.errors import SemoError
from annotate.progress import Progress
from annotate.semollm.compute_device import on_gpu
from annotate.semollm.data import feature_cache, measurement_cache, target_texts
from annotate.semollm.data.batches import Example
from annotate.semollm.data.corpus import Corpus, CorpusClip
from annotate.semollm.model import encoder, frozen_models, tokenization
from annotate.semollm.settings import Features, TrainRecipe


@dataclass(frozen=True)
class ClipFeatures:
    """A clip to be asked about.

    Attributes:
        load: gives its hidden states, (N, T, H).
        length: like is batched with like by it.
        measures: its measurements, (M,); None for a model without read-outs.
        emotion_logits: of a read-out that stands in for the model's own, (emotions,): that of an enrolled speaker.
        normalised: gives the hidden states against an enrolled speaker's usual, for the speech path, (N, T, H); None
            takes those of ``load``.
    """

    load: Callable[[], Any]
    length: float
    measures: Any = None
    emotion_logits: Any = None
    normalised: Callable[[], Any] | None = None

    @property
    def enrolled(self) -> bool:
        """Whether anything is known of the speaker's other clips."""
        return self.emotion_logits is not None or self.normalised is not None


@dataclass(frozen=True)
class EncodedCorpus:
    """How each clip's features are had.

    Attributes:
        load: clip id -> a function that gives its features, (N, T, H).
        notes: what there is to say.
        measures: clip id -> its measurements, (M,); none for a model without read-outs.
    """

    load: Mapping[str, Callable[[], Any]]
    notes: tuple[str, ...]
    measures: Mapping[str, Any] = field(default_factory=dict)

    def clip(self, clip: CorpusClip) -> ClipFeatures:
        """The clip, ready to be asked about."""
        return ClipFeatures(self.load[clip.id], clip.duration, self.measures.get(clip.id))


def load(recipe: TrainRecipe, dtype: torch.dtype) -> encoder.SpeechEncoder:
    """The recipe's encoder, where it computes."""
    speech = encoder.load(recipe.model.encoder, recipe.model.encoder_layers, dtype, recipe.model.encoder_pad_s)
    speech.to(torch.device("cuda" if on_gpu(recipe.compute) else "cpu"))
    return speech


def of(corpus: Corpus, speech: encoder.SpeechEncoder, recipe: TrainRecipe, progress: Progress) -> EncodedCorpus:
    """Compute what the cache lacks; without a cache every clip is heard anew whenever it is asked for."""
    clips = corpus.split(*recipe.train_on, "validation", "test")
    measured = recipe.model.readout.use
    return of_clips(corpus, clips, speech, recipe.audio.max_s, measured, progress, recipe.features)


def of_clips(
    corpus: Corpus,
    clips: Sequence[CorpusClip],
    speech: encoder.SpeechEncoder,
    max_s: float,
    measured: bool,
    progress: Progress,
    cache: Features | None = None,
) -> EncodedCorpus:
    """The same for some clips.

    Args:
        corpus: the data set.
        clips: of it.
        speech: the encoder.
        max_s: longest stretch of a clip that is taken.
        measured: with measurements, for a model with read-outs.
        progress: told of what is computed.
        cache: where and whether hidden states are kept; None is the default of recipes.
    """
    cache = cache or Features()
    folder = cache.folder or frozen_models.cache_folder() / "features"
    held = feature_cache.FeatureCache(folder, speech, max_s)
    known: Mapping[str, Any] = {}
    if measured:
        progress.start("measures", len(clips))
        known = measurement_cache.ensure(corpus, clips, folder, held.max_s, progress.advance)
    long = sum(clip.duration > held.max_s for clip in clips)
    notes = (f"{long} clips are longer than {held.max_s:g} s: what follows is not used",) if long else ()
    if not cache.cache:
        afresh = functools.partial(_afresh, corpus, speech, held.max_s)
        return EncodedCorpus({clip.id: functools.partial(afresh, clip) for clip in clips}, notes, known)
    progress.start("features", len(clips))
    paths = held.ensure(corpus, clips, progress.advance)
    shelf = feature_cache.Shelf(round(cache.memory_gb * 1e9))
    speech.to("cpu")
    return EncodedCorpus({name: functools.partial(shelf.load, path) for name, path in paths.items()}, notes, known)


def _afresh(corpus: Corpus, speech: encoder.SpeechEncoder, max_s: float, clip: CorpusClip) -> Any:
    _, samples = corpus.audio(clip)
    states = speech.encode([samples[: round(max_s * RATE)]])[0].float().cpu().numpy().astype(np.float32)
    if not np.isfinite(states).all():
        raise SemoError(f"clip {clip.id}: the encoder's output is NaN or infinite")
    return states


def examples(
    corpus: Corpus,
    clips: Sequence[CorpusClip],
    encoded: EncodedCorpus,
    recipe: TrainRecipe,
    stage: int,
    language: frozen_models.Language | None,
    tokenizer: Any,
) -> list[Example]:
    """The clips that have a text for the stage; ids are of the LLM, or of ``tokenizer`` in stage 1."""
    settings = recipe.stages.number(stage)
    text_of = target_texts.target_texts(corpus, clips, stage, settings.content, recipe.template)
    numbers = {text: number for number, text in enumerate(dict.fromkeys(text_of.values()))}
    prompt = tokenization.prompt(recipe.prompt, corpus.prompt) if stage == 3 else None
    with_text = []
    for clip in clips:
        if clip.id not in text_of:
            continue
        text = text_of[clip.id]
        if language is None:
            tokens = tokenization.for_bert(tokenizer, text, settings.max_text)
        else:
            tokens = tokenization.for_llm(language, prompt, text, settings.max_text)
        group = corpus.labels.index(clip.emotion) if clip.emotion in corpus.labels else -1
        frames = round(min(clip.duration, recipe.audio.max_s) * encoder.FRAMES_S)
        words = {"emotion": clip.emotion, **{name: clip.row.get(name) for name in corpus.attributes}}
        with_text.append(
            Example(
                clip.id, encoded.load[clip.id], frames, tokens, numbers[text], group,
                clip.speaker, words, encoded.measures.get(clip.id),
            )
        )  # fmt: skip
    return with_text
