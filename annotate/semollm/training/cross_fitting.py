"""Stage-1 models trained without one group of speakers each: averaged weights, and opinions of unheard speakers.

The mean of the weights is the model of stage 1 (a "model soup", Wortsman et al. 2022, arXiv 2203.05482): all start from
the same initial weights, and what each has memorised of its training speakers averages out. A model is overconfident on
clips that it was trained on, so each is also asked about the speakers whom it has not heard: temperatures are fitted on
these answers (``calibration``) where no speakers are left for validation.
"""

from __future__ import annotations

import copy
import dataclasses
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from annotate.semollm.data.batches import padded_features
from annotate.semollm.data.corpus import HELD_OUT, Corpus, CorpusClip
from annotate.semollm.inference import speaker_relative
from annotate.semollm.inference.generation import judging
from annotate.semollm.model import build, pretrained
from annotate.semollm.model.pretraining import SEmoForPreTraining
from annotate.semollm.training.calibration import EmotionLogits
from annotate.semollm.training.run_stages import Training

FOLDER = "cross_fitted"
SPEECH = ("bridge.", "naming.")  # parts of stage 1 that later stages take over
BATCH = 32
GROUP = 2  # speakers in a group, at least: of fewer speakers too few are left to learn from


def applies(training: Training) -> bool:
    """Whether stage 1 is also trained without each group: it names, starts from nothing, and has enough speakers."""
    naming, speakers = training.recipe.model.naming, {clip.speaker for clip in _trained_on(training)}
    from_nothing = training.start.path is None and training.stages[0] == 1
    enough = None not in speakers and len(speakers) >= GROUP * naming.folds
    return naming.cross_fits and from_nothing and enough


def averaged_model(training: Training, whole: Path) -> Path:
    """The folder of the mean of the weights of stage 1 and of those without each group. All processes take part.

    Args:
        training: with stage 1 done.
        whole: folder of the model of stage 1 that all speakers trained.
    """
    folders = [whole, *(Path(str(start.path)) for _, start, _ in _groups(training))]
    target = training.recipe.output / FOLDER / "model"
    if training.state.is_main_process:
        states = [pretrained.read_weights(folder / pretrained.WEIGHTS) for folder in folders]
        model = SEmoForPreTraining.from_pretrained(str(whole))
        speech = [name for name, value in states[0].items() if name.startswith(SPEECH) and value.is_floating_point()]
        mean = {name: torch.stack([state[name].float() for state in states]).mean(0) for name in speech}
        model.load_state_dict({name: value.to(states[0][name].dtype) for name, value in mean.items()}, strict=False)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(whole, target)
        model.save_pretrained(target)
    training.state.wait_for_everyone()
    return target


def held_out_logits(training: Training) -> dict[str, EmotionLogits]:
    """Clip id -> log odds of the emotion by the model that has not heard the speaker. All processes take part."""
    clips, logits = _trained_on(training), dict[str, EmotionLogits]()
    for group, start, stage1 in _groups(training):
        asked = [clip for clip in clips if clip.speaker in group]
        loads = [training.encoded.load[clip.id] for clip in asked]
        logits |= _logits_of(stage1 or SEmoForPreTraining.from_pretrained(str(start.path)), asked, loads)
    return logits


def _groups(training: Training) -> Iterator[tuple[set[str], build.Start, Any]]:
    """Each group of speakers, and the stage 1 without it: trained in a folder of its own, resumed like any stage."""
    speakers = sorted({str(clip.speaker) for clip in _trained_on(training)})
    count = training.recipe.model.naming.folds
    for number in range(count):
        group = set(speakers[number::count])
        inner = Training(_recipe(training, number), _without(training.corpus, group, number), [1], None, training.quiet,
                         training.prepare())  # fmt: skip
        yield group, *inner.train()


def _trained_on(training: Training) -> list[CorpusClip]:
    return training.corpus.split(*training.recipe.train_on)


def _recipe(training: Training, number: int) -> Any:
    folder = training.recipe.output / FOLDER / f"group{number + 1}"
    naming = training.recipe.model.naming.model_copy(update={"folds": 0})
    model = training.recipe.model.model_copy(update={"naming": naming})
    return training.recipe.model_copy(update={"output": folder, "model": model})


def _without(corpus: Corpus, speakers: set[str], number: int) -> Corpus:
    made = copy.copy(corpus)
    made.clips = [
        dataclasses.replace(clip, split=HELD_OUT) if clip.speaker in speakers else clip for clip in corpus.clips
    ]
    rule: Mapping[str, Any] = corpus.manifest.get("split_rule") or {}
    made.manifest = {**corpus.manifest, "split_rule": {**rule, "cross_fitted": number, "without": sorted(speakers)}}
    return made


def _logits_of(model: Any, clips: Sequence[CorpusClip], loads: Sequence[Callable[[], Any]]) -> dict[str, EmotionLogits]:
    speakers = [clip.speaker for clip in clips]
    normalised = speaker_relative.normalised_loaders(model.bridge.speaker_normalisation, loads, speakers)
    plain = _log_odds(model, loads)
    relative = [at for at, load in enumerate(normalised) if load is not None]
    enrolled = dict(zip(relative, _log_odds(model, [load for load in normalised if load is not None]), strict=True))
    return {clip.id: EmotionLogits(plain[at], enrolled.get(at)) for at, clip in enumerate(clips)}


def _log_odds(model: Any, loads: Sequence[Callable[[], Any]]) -> list[Any]:
    """Of the emotion's words, (words,) for each clip."""
    rows: list[Any] = []
    device = model.bridge.query_tokens.device
    with judging(model):
        for first in range(0, len(loads), BATCH):
            batch = padded_features([load() for load in loads[first : first + BATCH]])
            vectors = model.bridge.vectors(batch["features"].to(device), batch["feature_mask"].to(device))
            logits: torch.Tensor = model.naming.logits(vectors)["emotion"]
            rows += list(logits.float().cpu().numpy())
    return rows
