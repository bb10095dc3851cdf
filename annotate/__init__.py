"""semo-annotate: recordings of emotional speech in, emotion data with explanations out.

    import annotate

    clip = annotate.measure("a.wav", transcript="It is late.", language="en", gender="female")
    scale = annotate.Scale.load("out/ravdess/scale.json")
    words = annotate.describe(clip, scale)
    text = annotate.caption(words, emotion="anger", evidence="out/ravdess/evidence.json")
    annotate.check(text, words).verdict

Recordings      measure, measure_all, Clip, Audio
Words           Scale, describe, Words
Captions        caption, check, Judgement; verify, Verification: those of a whole data set
Whole recipes   run, Output, load_recipe, plan_run, check_corpus; run_share and merge_shares for job arrays
Sharing         push, join, review
SEmoLLM         train, sweep, evaluate, load_model, load_checkpoint, find_recordings
Looking up      list_names, describe_name, copy_shipped

Every error is a `SemoError` whose message is one line. Importing the package loads nothing heavy. The commands
``semo-annotate``, ``semo-train``, ``semo-infer`` and ``semo-eval`` call these functions and print what they give.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from annotate.errors import SemoError, UsageError
from annotate.version import __version__ as __version__

if TYPE_CHECKING:
    from annotate.api.audio import Audio
    from annotate.api.captioning import Judgement, caption, check
    from annotate.api.checking import CorpusCheck, check_corpus
    from annotate.api.describing import Scale, Words, describe
    from annotate.api.evaluating import Evaluation, evaluate
    from annotate.api.measuring import Clip, measure, measure_all
    from annotate.api.outputs import Output
    from annotate.api.publishing import join, push
    from annotate.api.recipes import load_recipe
    from annotate.api.reference import describe_name, list_names
    from annotate.api.replying import ReplyModel, find_recordings, load_checkpoint, load_model
    from annotate.api.reviewing import review
    from annotate.api.running import merge_shares, plan_run, run, run_share
    from annotate.api.shipped import copy_shipped
    from annotate.api.training import load_training_recipe, sweep, train
    from annotate.api.verifying import Verification, verify


__all__ = [
    "Audio", "Clip", "CorpusCheck", "Evaluation", "Judgement", "Output", "ReplyModel", "Scale", "SemoError",
    "UsageError", "Verification", "Words", "caption", "check", "check_corpus", "copy_shipped", "describe",
    "describe_name", "evaluate", "find_recordings", "join", "list_names", "load_checkpoint", "load_model",
    "load_recipe", "load_training_recipe", "measure", "measure_all", "merge_shares", "plan_run", "push", "review",
    "run", "run_share", "sweep", "train", "verify",
]  # fmt: skip

# name -> the module that defines it, imported when the name is first used
_MODULES = {
    "Audio": "audio",
    "Clip": "measuring",
    "CorpusCheck": "checking",
    "Evaluation": "evaluating",
    "Judgement": "captioning",
    "Output": "outputs",
    "ReplyModel": "replying",
    "Scale": "describing",
    "Verification": "verifying",
    "Words": "describing",
    "caption": "captioning",
    "check": "captioning",
    "check_corpus": "checking",
    "copy_shipped": "shipped",
    "describe": "describing",
    "describe_name": "reference",
    "evaluate": "evaluating",
    "find_recordings": "replying",
    "join": "publishing",
    "list_names": "reference",
    "load_checkpoint": "replying",
    "load_model": "replying",
    "load_recipe": "recipes",
    "load_training_recipe": "training",
    "measure": "measuring",
    "measure_all": "measuring",
    "merge_shares": "running",
    "plan_run": "running",
    "push": "publishing",
    "review": "reviewing",
    "run": "running",
    "run_share": "running",
    "sweep": "training",
    "train": "training",
    "verify": "verifying",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'annotate' has no attribute '{name}'")
    return getattr(import_module(f"annotate.api.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
