"""Word error of ``transcript: whisper`` on RAVDESS and FDA, against their known sentences.

Words in lower case without punctuation; the language is given, as it is for a corpus. RAVDESS has two sentences and
every sixteenth clip is heard, of FDA every second; its actors shout, whisper and cry.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from annotate import registry
from annotate.errors import SemoError
from benchmarks.accuracy import whisper_model
from benchmarks.accuracy.line import Line
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

EVERY = {"ravdess": 16, "fda": 2}
NAMES = {"ravdess": "RAVDESS", "fda": "FDA"}
TOLD = (("transcript",), "transcript: whisper")


def lines(data: Path, workers: int) -> list[Line]:
    """Word error rate in per cent on each corpus."""
    why, model = "no Whisper model is at hand", whisper_model.found(data)
    try:
        registry.load("transcript", "whisper")
    except SemoError as error:
        why, model = str(error), None
    return [_line(data, corpus, model, why, workers) for corpus in NAMES]


def _line(data: Path, corpus: str, model: tuple[str, str] | None, why: str, workers: int) -> Line:
    what = f"word error of Whisper: {NAMES[corpus]}"
    there = clips(data, corpus)[:: EVERY[corpus]]
    if model is None or not there:
        return Line(what, None, at_most=True, unit="%", note=why if there else f"no {corpus} in DATA")
    import jiwer

    heard = over(there, partial(words, model=model[0]), workers)
    error = jiwer.wer([plain(clip.text) for clip in there], heard)
    return Line(what, 100 * error, None, True, "%", f"{len(there)} clips, {model[1]}, int8, nothing fitted", *TOLD)


def words(clip: Clip, model: str) -> str:
    """What the plug-in hears in a clip whose corpus gives no transcript."""
    row = {"transcript_given": None, "language": clip.language, "whisper_model": model}
    return plain(registry.load("transcript", "whisper").measure(clip.recording(), row).values.get("transcript", ""))


def plain(text: str) -> str:
    """Lower case, without punctuation."""
    return " ".join(re.findall(r"[\w']+", text.lower()))
