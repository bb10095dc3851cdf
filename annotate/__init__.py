"""semo-annotate: recordings of emotional speech in, explained emotion data out.

    import annotate

    clip = annotate.measure("a.wav", transcript="It is late.", language="en", gender="female")
    scale = annotate.Scale.load("out/ravdess/scale.json")
    words = annotate.describe(clip, scale)
    text = annotate.caption(words, emotion="anger", evidence="out/ravdess/evidence.json")
    annotate.check(text, words).verdict

`measure_all` takes many recordings, `run` a whole recipe, `Output` opens what a run has left, and `load_model` gives a
trained SEmoLLM. Every error is a `SemoError` whose message is one line. Importing the package loads nothing heavy.

Data flows one way through its rooms:
``corpora -> audio -> features -> descriptors -> captions -> dataset -> report | semollm``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from annotate.errors import SemoError, UsageError

if TYPE_CHECKING:
    from annotate.api.audio import Audio
    from annotate.api.captioning import Judgement, caption, check
    from annotate.api.measuring import Clip, measure, measure_all
    from annotate.api.replying import ReplyModel, load_model
    from annotate.api.running import Output, run
    from annotate.api.wording import Scale, Words, describe

__version__ = "0.1.0"
__all__ = [
    "Audio", "Clip", "Judgement", "Output", "ReplyModel", "Scale", "SemoError", "UsageError", "Words", "caption",
    "check", "describe", "load_model", "measure", "measure_all", "run",
]  # fmt: skip

# name -> the module that defines it, imported when the name is first used
_MODULES = {
    "Audio": "audio",
    "Clip": "measuring",
    "Judgement": "captioning",
    "Output": "running",
    "ReplyModel": "replying",
    "Scale": "wording",
    "Words": "wording",
    "caption": "captioning",
    "check": "captioning",
    "describe": "wording",
    "load_model": "replying",
    "measure": "measuring",
    "measure_all": "measuring",
    "run": "running",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'annotate' has no attribute '{name}'")
    return getattr(import_module(f"annotate.api.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
