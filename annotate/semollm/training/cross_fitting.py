"""What queries name for speakers whom they have not heard, where all speakers train: stage 1 without some at a time.

A stage 1 that has seen a clip is nearly certain of it, so its certainty says nothing of strangers. The speakers are
dealt into groups; for each, stage 1 is trained again without it and asked about it. Only the temperatures of the
labels' probabilities are fitted on these answers (``calibration``).
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from annotate.semollm.data.batches import padded_features
from annotate.semollm.data.corpus import Corpus, CorpusClip
from annotate.semollm.inference import speaker_relative
from annotate.semollm.inference.generation import judging
from annotate.semollm.model.pretraining import SEmoForPreTraining
from annotate.semollm.training.calibration import Odds
from annotate.semollm.training.run_stages import Training

FOLDER = "cross_fitted"
HELD_OUT = "held out"  # split of the clips of a group
BATCH = 32


def wanted(training: Training) -> bool:
    """Whether a training has to be calibrated so: it names, from nothing, and no speakers are left for validation."""
    recipe, corpus = training.recipe, training.corpus
    naming, speakers = recipe.model.naming, {clip.speaker for clip in _trains(training)}
    left = "validation" not in recipe.train_on and bool(corpus.split("validation"))
    from_nothing = training.start.path is None and training.stages[0] == 1
    enough = None not in speakers and len(speakers) >= max(2, naming.folds)
    return naming.use and naming.tokens and naming.folds > 1 and from_nothing and enough and not left


def named(training: Training) -> dict[str, Odds]:
    """Clip id -> what the queries of a stage 1 name that has not heard its speaker.

    Each group is trained in a folder of its own and resumes like any stage. All processes take part.
    """
    clips, found = _trains(training), dict[str, Odds]()
    speakers = sorted({str(clip.speaker) for clip in clips})
    count = training.recipe.model.naming.folds
    for number in range(count):
        group = set(speakers[number::count])
        inner = Training(_recipe(training, number), _without(training.corpus, group, number), [1], None, training.quiet,
                         training.prepare())  # fmt: skip
        before, model = inner.train()
        asked = [clip for clip in clips if clip.speaker in group]
        loads = [training.encoded.load[clip.id] for clip in asked]
        stage1: Any = model if model is not None else SEmoForPreTraining.from_pretrained(str(before.path))
        found |= _asked(stage1, asked, loads)
    return found


def _trains(training: Training) -> list[CorpusClip]:
    return [clip for clip in training.corpus.clips if clip.split in training.recipe.train_on]


def _recipe(training: Training, number: int) -> Any:
    folder = training.recipe.output / FOLDER / f"group{number + 1}"
    return training.recipe.model_copy(update={"output": folder})


def _without(corpus: Corpus, speakers: set[str], number: int) -> Corpus:
    made = copy.copy(corpus)
    made.clips = [
        dataclasses.replace(clip, split=HELD_OUT) if clip.speaker in speakers else clip for clip in corpus.clips
    ]
    rule: Mapping[str, Any] = corpus.manifest.get("split_rule") or {}
    made.manifest = {**corpus.manifest, "split_rule": {**rule, "cross_fitted": number, "without": sorted(speakers)}}
    return made


def _asked(model: Any, clips: Sequence[CorpusClip], loads: Sequence[Callable[[], Any]]) -> dict[str, Odds]:
    speakers = [clip.speaker for clip in clips]
    normalised = speaker_relative.normalised_loaders(model.bridge.speaker_normalisation, loads, speakers)
    plain = _log_odds(model, loads)
    relative = [at for at, load in enumerate(normalised) if load is not None]
    enrolled = dict(zip(relative, _log_odds(model, [load for load in normalised if load is not None]), strict=True))
    return {clip.id: Odds(plain[at], enrolled.get(at)) for at, clip in enumerate(clips)}


def _log_odds(model: Any, loads: Sequence[Callable[[], Any]]) -> list[Any]:
    """Of the emotion's words, (words,) for each clip."""
    rows: list[Any] = []
    device = model.bridge.query_tokens.device
    with judging(model):
        for first in range(0, len(loads), BATCH):
            batch = padded_features([load() for load in loads[first : first + BATCH]])
            vectors = model.bridge.vectors(batch["features"].to(device), batch["feature_mask"].to(device))
            logits: torch.Tensor = model.naming.log_odds(vectors)
            rows += list(logits.float().cpu().numpy())
    return rows
