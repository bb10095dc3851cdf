"""Gender from the voice, against the sex that RAVDESS and EmoDB give for their speakers.

At hand: the shipped coefficients, fitted on these speakers too. Nested: coefficients that were fitted on none of the
corpus's speakers (``held_out/gender-CORPUS.json``, by ``python -m benchmarks.fit.gender``). One clip: each clip on its
own, among those that are answered at all; the share of the others stands beside it. Calibration: how far stated
probability and share of right answers lie apart, over ten bins of probability weighed by their clips (ECE). Speaker
known: all of a speaker's clips together, as ``features/speaker_gender.py`` takes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.features import speaker_gender
from annotate.features.speaker import cnn, embedding
from annotate.features.speaker.gender_model import SHIPPED, log_odds
from benchmarks.accuracy.line import Line
from benchmarks.fit.files import HELD_OUT
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

NAMES = {"ravdess": "RAVDESS", "emodb": "EmoDB"}


def both_available() -> bool:
    """Whether the weights of both networks are installed."""
    return cnn.available() and embedding.available()


INSTALLED: dict[str, Callable[[], bool]] = {
    "ensemble": both_available,
    "encoder": embedding.available,
    "voice": lambda: True,
}
PACKAGES = {"ensemble": "inaSpeechSegmenter, h5py or Resemblyzer", "encoder": "Resemblyzer"}
# per cent: right of those answered, not answered, calibration, all clips of a speaker
REACHES = {"ensemble": (97.0, 5.0, 2.0, 100.0), "encoder": (97.0, 5.0, 2.0, 100.0), "voice": (93.0, 10.0, None, 100.0)}
WHAT = ("right, one clip", "unknown, one clip", "calibration, one clip", "right, speaker known")
BINS = 10
Odds = dict[str, float | None]


@dataclass(frozen=True)
class Score:
    """Figures in per cent, in the order of ``WHAT``, and the worst speaker's share of right answers."""

    figures: tuple[float, float, float, float]
    worst: float


def odds(clip: Clip, names: Sequence[str]) -> dict[str, Odds]:
    """Log odds of a man's voice by estimator: by the shipped coefficients, and by those without the clip's corpus."""
    recording, fits = clip.recording(), {"at hand": SHIPPED, "nested": HELD_OUT / f"gender-{clip.corpus}.json"}
    return {how: {name: log_odds(recording, name, fitted) for name in names} for how, fitted in fits.items()}


def lines(data: Path, workers: int) -> list[Line]:
    """All estimators on both corpora, one clip and all of a speaker's."""
    names = [name for name, installed in INSTALLED.items() if installed()]
    found: list[Line] = []
    for corpus in NAMES:
        there = clips(data, corpus)
        heard = over(there, partial(odds, names=names), workers)
        for name in INSTALLED:
            if name in names and there:
                by_fit = {how: score(there, [one[how][name] for one in heard]) for how in ("at hand", "nested")}
                found += _lines(corpus, name, by_fit, len(there))
            else:
                why = f"the package {PACKAGES.get(name)} is not installed" if there else "not in DATA"
                found += [_line(corpus, name, at, None, None, why) for at in range(len(WHAT))]
    return sorted(found, key=lambda line: list(INSTALLED).index(line.estimator.split(": ")[1]))


def score(there: Sequence[Clip], heard: Sequence[float | None]) -> Score:
    """The figures of one estimator on one corpus."""
    stage = speaker_gender.Genders({})
    rows = [{"speaker": None, "gender_given": None, "gender_log_odds": value} for value in heard]
    answers = [stage.compute_row(row) for row in rows]
    answered = np.array(["gender" in answer for answer in answers])
    right = np.array([answer.get("gender") == clip.sex for answer, clip in zip(answers, there, strict=True)])
    sexes = {clip.speaker: clip.sex for clip in there}
    speaker = np.array([clip.speaker for clip in there])
    worst = min(float(np.mean(right[answered & (speaker == one)])) for one in sexes if (speaker == one)[answered].any())
    named = [{**row, "speaker": clip.speaker} for row, clip in zip(rows, there, strict=True)]
    together = speaker_gender.Genders(speaker_gender.mean_log_odds(named))
    known = {row["speaker"]: together.compute_row(row).get("gender") for row in named}
    return Score(
        (
            100 * float(right[answered].mean()),
            100 * float(1 - answered.mean()),
            100 * calibration(np.array([value or 0.0 for value in heard]), np.array([c.sex == "male" for c in there])),
            100 * float(np.mean([known[one] == sex for one, sex in sexes.items()])),
        ),
        100 * worst,
    )


def calibration(log_odds: NDArray[np.float64], man: NDArray[np.bool_]) -> float:
    """Expected calibration error, 0 to 1, over bins of the probability of the answer, 0.5 to 1."""
    probability = 1 / (1 + np.exp(-np.abs(log_odds)))
    right = (log_odds > 0) == man
    place = np.minimum(((probability - 0.5) * 2 * BINS).astype(int), BINS - 1)
    off = [abs(float(probability[place == k].mean() - right[place == k].mean())) for k in set(place.tolist())]
    return float(np.dot(off, [np.mean(place == k) for k in set(place.tolist())]))


def _lines(corpus: str, name: str, by_fit: Mapping[str, Score], count: int) -> Iterator[Line]:
    fitted = json.loads((HELD_OUT / f"gender-{corpus}.json").read_text(encoding="utf-8"))["fitted_on"]
    nested = by_fit["nested"]
    note = f"nested: fitted on {fitted}; {count} clips, worst speaker {nested.worst:.0f} %"
    for at in range(len(WHAT)):
        yield _line(corpus, name, at, by_fit["at hand"].figures[at], nested.figures[at], note if at == 0 else "")


def _line(corpus: str, name: str, at: int, reached: float | None, nested: float | None, note: str) -> Line:
    at_most = at in (1, 2)
    return Line(
        f"gender ({name}): {WHAT[at]}, {NAMES[corpus]}", reached, REACHES[name][at], at_most, "%", note, ("gender",),
        f"gender: {name}", nested=nested,
    )  # fmt: skip
