"""What follows the last stage: calibration, the test split's replies, the model's folder with its card."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.progress import Progress
from annotate.semollm.data.corpus import CorpusClip
from annotate.semollm.inference import accuracy, generation, predict
from annotate.semollm.model import build
from annotate.semollm.model.pretrained import SEmoPreTrained
from annotate.semollm.training import calibration, cross_fitting, model_card, plan, progress_callback
from annotate.semollm.training.result import Result
from annotate.semollm.training.run_stages import Training
from annotate.store import files

HeldOutLogits = Mapping[str, calibration.EmotionLogits]  # by clip


def run(training: Training, held_out: Callable[[], HeldOutLogits] | None = None) -> Result:
    """Train what is not trained yet; write the model, its card, the losses and the test split's replies.

    Args:
        training: what is to be done.
        held_out: gives ``cross_fitting.held_out_logits`` of the training whose model this one starts from; None for
            one that starts from nothing, and for one whose speech side was trained on other clips.
    """
    average = None
    if cross_fitting.applies(training):
        average = functools.partial(cross_fitting.averaged_model, training)
        held_out = held_out or functools.partial(cross_fitting.held_out_logits, training)
    last, model = training.train(average)
    finished = model is None and training.finished()
    logits: HeldOutLogits = {}
    asks = last.stage == 3 and (not finished or _lacks_answers(training))
    if asks:
        training.language()  # all processes load it together
        if not finished and held_out is not None and not training.held_back("validation") and _speech_kept(training):
            logits = held_out()
    training.state.wait_for_everyone()  # before the first process takes away what says that all is finished
    if training.state.is_main_process:
        finish(training, last, model, logits, finished, asks)
    training.state.wait_for_everyone()
    return training.result


def finish(
    training: Training,
    last: build.Start,
    model: SEmoPreTrained | None,
    logits: HeldOutLogits,
    finished: bool,
    asks: bool,
) -> None:
    """Write the model's folder, its calibration, and the answers about the test split.

    Args:
        training: with every stage done.
        last: where the last stage's model is.
        model: that model, where it is still in memory.
        logits: what ``cross_fitting.held_out_logits`` has for the calibration; empty for none.
        finished: whether an earlier call did all of it, so that its temperatures stand.
        asks: whether the model is to be calibrated or asked about the test split.
    """
    recipe, corpus, result = training.recipe, training.corpus, training.result
    answers = recipe.output / predict.ANSWERS
    known = documents.read_json(result.model / "config.json").get("calibration") if finished else None
    (recipe.output / plan.FINISHED).unlink(missing_ok=True)
    shutil.rmtree(result.model, ignore_errors=True)
    shutil.copytree(last.path or Path(), result.model)
    _settle(training, {"calibration": known or {}})
    progress_callback.plot(result.histories, recipe.output / "losses.png")
    if last.stage == 3:
        rows = _ask(training, model, logits, known) if asks else predict.read(answers) if answers.is_file() else None
        if rows is not None:
            result.scored = accuracy.score([row["emotion"] for row in rows], [row["found"] for row in rows])
    files.write_text(result.model / "README.md", model_card.model_card(recipe, corpus, result, last.stage))
    files.write_json(recipe.output / plan.FINISHED, {"plan": training.final_plan()})


def _settle(training: Training, further: dict[str, Any]) -> None:
    """How replies are worded, and how sure they are, may change without any stage being trained again."""
    path = training.result.model / "config.json"
    settled = documents.read_json(path) | {"decode": training.recipe.decode} | further
    for part in plan.SHARPENED:
        if settled.get(part):
            settled[part]["sharpen"] = getattr(training.recipe.model, part).sharpen
    files.write_json(path, settled)


def _ask(
    training: Training, model: Any, logits: HeldOutLogits, known: dict[str, float] | None
) -> list[dict[str, Any]] | None:
    """Calibrate, then reply to the test split, written as JSON lines; None where there is nothing to ask.

    ``known`` are the temperatures of an earlier call; None where they are to be fitted.
    """
    from annotate.semollm.model.causal_lm import SEmoForCausalLM

    recipe, folder = training.recipe, training.result.model
    if model is None:
        lora = folder / "lora"
        model = SEmoForCausalLM.from_pretrained(folder)
        model.attach(training.language().model, lora if lora.is_dir() else None)
    size = max(32, 2 * recipe.stages.stage3.batch_size)
    model.config.calibration = _calibration(training, model, logits, size) if known is None else known
    _settle(training, {"calibration": model.config.calibration})
    clips = _tested(training)
    if not clips:
        return None
    decoding = generation.DecodingOptions(longest=model.config.max_text, decode=recipe.decode)
    with Progress(training.quiet) as progress:
        asking = predict.Questioner(model, training.language(), training.encoded, decoding, size, progress)
        answers = asking.answer_both(clips)
    answers.write(recipe.output)
    training.result.notes += answers.notes
    return answers.plain


def _calibration(training: Training, model: Any, logits: HeldOutLogits, batch_size: int) -> dict[str, float]:
    """By validation speakers; where there are none, by opinions that were fitted without the speaker."""
    if watched := training.held_back("validation"):
        held = calibration.of_validation(model, watched, training.encoded)
    elif (logits and model.config.emotion_given) or (model.readout is not None and model.naming is None):
        clips = training.corpus.split(*training.recipe.train_on)
        held = calibration.cross_fitted(model, training.examples(3, clips, None), logits)
    else:
        training.result.notes.append("no validation speakers: the labels' probabilities are not calibrated")
        return {}
    return calibration.temperatures(model, training.language(), held, batch_size)


def _lacks_answers(training: Training) -> bool:
    """Whether there is a test split whose answers are not there."""
    answered = (training.recipe.output / predict.ANSWERS).is_file()
    return bool(_tested(training)) and not answered


def _tested(training: Training) -> list[CorpusClip]:
    """The clips that the model is asked about."""
    return [clip for clip in training.held_back("test") if clip.emotion]


def _speech_kept(training: Training) -> bool:
    """Whether later stages leave the speech side as stage 1 made it, so that its naming is still the model's."""
    return all(training.recipe.stages.number(stage).rates.get("bridge.") == 0 for stage in (2, 3))
