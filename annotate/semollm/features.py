"""What a stage learns from: each clip's features by their loader, and its text in ids."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from annotate.audio.recording import RATE
from annotate.progress import Progress
from annotate.semollm import cache, encoder, references, texts, trainer
from annotate.semollm.batches import Example
from annotate.semollm.data import Clip, Corpus
from annotate.semollm.settings import TrainRecipe


@dataclass(frozen=True)
class Heard:
    """How each clip's features are had.

    Attributes:
        load: clip id -> a function that gives its features, (N, T, H).
        notes: what there is to say.
    """

    load: Mapping[str, Callable[[], Any]]
    notes: tuple[str, ...]


def load(recipe: TrainRecipe, dtype: torch.dtype) -> encoder.SpeechEncoder:
    """The recipe's encoder, where it computes."""
    speech = encoder.load(recipe.model.encoder, recipe.model.encoder_layers, dtype)
    speech.to(torch.device("cuda" if trainer.on_gpu(recipe.compute) else "cpu"))
    return speech


def of(corpus: Corpus, speech: encoder.SpeechEncoder, recipe: TrainRecipe, progress: Progress) -> Heard:
    """Compute what the cache lacks; without a cache every clip is heard anew whenever it is asked for."""
    clips = [clip for clip in corpus.clips if clip.split in (*recipe.train_on, "validation", "test")]
    folder = recipe.features.folder or references.cache_folder() / "features"
    held = cache.FeatureCache(folder, speech, recipe.audio.max_s)
    long = sum(clip.duration > held.max_s for clip in clips)
    notes = (f"{long} clips are longer than {held.max_s:g} s: what follows is not used",) if long else ()
    if not recipe.features.cache:
        afresh = functools.partial(_afresh, corpus, speech, held.max_s)
        return Heard({clip.id: functools.partial(afresh, clip) for clip in clips}, notes)
    progress.start("features", len(clips))
    paths = held.ensure(corpus, clips, progress.advance)
    shelf = cache.Shelf(round(recipe.features.memory_gb * 1e9))
    speech.to("cpu")
    return Heard({name: functools.partial(shelf.load, path) for name, path in paths.items()}, notes)


def _afresh(corpus: Corpus, speech: encoder.SpeechEncoder, max_s: float, clip: Clip) -> Any:
    _, samples = corpus.audio(clip)
    return speech.encode([samples[: round(max_s * RATE)]])[0].float().cpu().numpy().astype(np.float32)


def examples(
    corpus: Corpus,
    clips: Sequence[Clip],
    load: Mapping[str, Callable[[], Any]],
    recipe: TrainRecipe,
    stage: int,
    language: references.Language | None,
    tokenizer: Any,
) -> list[Example]:
    """The clips that have a text for the stage; ids are of the LLM, or of ``tokenizer`` in stage 1."""
    settings = recipe.stages.number(stage)
    said = texts.said(corpus, clips, stage, settings.content, recipe.template)
    numbers = {text: number for number, text in enumerate(dict.fromkeys(said.values()))}
    prompt = corpus.prompt if recipe.prompt == "manifest" and stage == 3 else None
    found = []
    for clip in clips:
        if clip.id not in said:
            continue
        text = said[clip.id]
        if language is None:
            tokens = texts.for_bert(tokenizer, text, settings.max_text)
        else:
            tokens = texts.for_llm(language, prompt, text, settings.max_text)
        group = corpus.labels.index(clip.emotion) if clip.emotion in corpus.labels else -1
        frames = round(min(clip.duration, recipe.audio.max_s) * encoder.FRAMES_S)
        found.append(Example(clip.id, load[clip.id], frames, tokens, numbers[text], group))
    return found
