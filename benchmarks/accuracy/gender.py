"""Gender from the voice, against the sex that RAVDESS and EmoDB give for their speakers.

Each corpus is scored with coefficients that were fitted on none of its speakers (``held_out/gender-CORPUS.json``, by
``python -m benchmarks.fit.gender``); the shipped ones were fitted on all. One clip: each clip on its own. Speaker
known: the mean over all of a speaker's clips, as ``features/speakers.py`` takes it. The reach is that of the better
estimator, ``encoder``; ``voice`` serves where its weights are not installed, and is reported beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from annotate.features import speakers
from annotate.features.speaker import encoder
from annotate.features.speaker.gender import log_odds
from benchmarks.accuracy.line import Line
from benchmarks.fit.files import HELD_OUT
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

ONE_CLIP, ALL_CLIPS = 96.0, 100.0  # per cent
NAMES = {"ravdess": "RAVDESS", "emodb": "EmoDB"}
ESTIMATORS = ("encoder", "voice")


def odds(clip: Clip, names: tuple[str, ...]) -> dict[str, float | None]:
    """Log odds of a man's voice by estimator, by the coefficients that never heard the clip's corpus."""
    recording, fitted = clip.recording(), HELD_OUT / f"gender-{clip.corpus}.json"
    return {name: log_odds(recording, name, fitted) for name in names}


def lines(data: Path, workers: int) -> list[Line]:
    """Both estimators on both corpora, one clip and all of a speaker's."""
    names = tuple(name for name in ESTIMATORS if name != "encoder" or encoder.available())
    found: list[Line] = []
    for corpus in NAMES:
        there = clips(data, corpus)
        heard = over(there, partial(odds, names=names), workers)
        for name in ESTIMATORS:
            if name in names and there:
                found += _scored(corpus, name, there, [one[name] for one in heard])
            else:
                found += _unscored(corpus, name, "the package Resemblyzer is not installed" if there else "not in DATA")
    return sorted(found, key=lambda line: ESTIMATORS.index(line.estimator.split(": ")[1]))


def _scored(corpus: str, name: str, there: list[Clip], heard: list[float | None]) -> Iterator[Line]:
    right = [
        value is not None and (value > 0) == (clip.sex == "male") for clip, value in zip(there, heard, strict=True)
    ]
    sexes = {clip.speaker: clip.sex for clip in there}
    worst = min(
        100 * np.mean([ok for clip, ok in zip(there, right, strict=True) if clip.speaker == speaker])
        for speaker in sexes
    )
    rows = [
        {"speaker": clip.speaker, "gender_given": None, "gender_log_odds": value}
        for clip, value in zip(there, heard, strict=True)
    ]
    means = speakers.mean_log_odds(rows)
    known = 100 * float(np.mean([(means.get(one, 0.0) > 0) == (sex == "male") for one, sex in sexes.items()]))
    fitted = json.loads((HELD_OUT / f"gender-{corpus}.json").read_text(encoding="utf-8"))["fitted_on"]
    said = f"fitted on {fitted}; {len(there)} clips, worst speaker {worst:.0f} %"
    yield _line(corpus, name, "one clip", 100 * float(np.mean(right)), ONE_CLIP, said)
    yield _line(corpus, name, "speaker known", known, ALL_CLIPS, f"the same fit; {len(sexes)} speakers")


def _unscored(corpus: str, name: str, why: str) -> Iterator[Line]:
    yield _line(corpus, name, "one clip", None, ONE_CLIP, why)
    yield _line(corpus, name, "speaker known", None, ALL_CLIPS, why)


def _line(corpus: str, name: str, how: str, reached: float | None, reach: float, note: str) -> Line:
    wanted = reach if name == ESTIMATORS[0] else None
    return Line(
        f"gender ({name}): {how}, {NAMES[corpus]}", reached, wanted, False, "%", note, ("gender",), f"gender: {name}"
    )  # fmt: skip
