"""The stage after measuring: the gender of each row, given or estimated, all of a speaker's clips heard together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.engine.stage import Part, Row, Stage

VERSION = "2"  # goes up when the same rows would give other odds
# beyond this a clip is sure; without the limit one odd clip could outvote all of a speaker's others
SUREST = 6.0
TRIMMED = 0.2  # of a speaker's clips, at either end: a few wild ones have no say
UNKNOWN_BELOW = 0.7  # an estimate less probable than this is no answer
# one id stands for two people where so large a share of its clips is so sure either way
SURE, SHARE = 3.0, 0.35


def mean_log_odds(rows: Iterable[Mapping[str, Any]]) -> dict[str, float | None]:
    """Trimmed mean of the log odds of a man's voice per speaker, over clips whose gender is not given.

    None where the clips under one id sound like two people.

    Args:
        rows: each with ``speaker``, ``gender_given`` and ``gender_log_odds``.
    """
    odds_by_speaker: dict[str, list[float]] = {}
    for row in rows:
        odds = row["gender_log_odds"]
        if row["speaker"] is not None and not row["gender_given"] and odds is not None and not math.isnan(odds):
            odds_by_speaker.setdefault(row["speaker"], []).append(max(-SUREST, min(SUREST, odds)))
    return {
        speaker: None if _two_people(odds) else round(_trimmed_mean(odds), 4)
        for speaker, odds in sorted(odds_by_speaker.items())
    }


def _trimmed_mean(odds: Sequence[float]) -> float:
    """Their mean without the lowest and the highest fifth."""
    cut = int(TRIMMED * len(odds))
    kept = sorted(odds)[cut : len(odds) - cut]
    return math.fsum(kept) / len(kept)


def _two_people(odds: Sequence[float]) -> bool:
    """Whether clips under one id sound surely like a man and surely like a woman: then nobody's gender is known."""
    fewest = math.ceil(SHARE * len(odds))
    return min(sum(clip >= SURE for clip in odds), sum(clip <= -SURE for clip in odds)) >= fewest


@dataclass(frozen=True)
class Genders:
    """``compute`` of the stage."""

    speakers: Mapping[str, float | None]

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {"speakers": [self.compute_row(row) for row in rows]}

    def compute_row(self, row: Row) -> Row:
        """Gender and where it comes from; null where it is neither given nor known from the voice."""
        if row["gender_given"]:
            return {"gender": row["gender_given"], "gender_source": "corpus", "notes_speakers": []}
        odds = self.speakers.get(row["speaker"], row["gender_log_odds"]) if row["speaker"] else row["gender_log_odds"]
        if odds is None and row["gender_log_odds"] is not None:
            return {"notes_speakers": ["gender: not told, the clips of this speaker sound like two people"]}
        if odds is None:
            return {"notes_speakers": []}
        man = 1 / (1 + math.exp(-odds))
        gender, probability = ("male", man) if man > 0.5 else ("female", 1 - man)
        basis = "all clips of the speaker" if row["speaker"] else "this clip"
        if probability < UNKNOWN_BELOW:
            return {"notes_speakers": [f"gender: unknown, {basis} may be a man's ({man:.2f}) or a woman's voice"]}
        return {
            "gender": gender,
            "gender_source": "estimated",
            "gender_probability": probability,
            "notes_speakers": [f"gender: estimated from {basis}, probability {probability:.2f}"],
        }


def stage(speakers: Mapping[str, float | None]) -> Stage:
    """The stage for the mean log odds of each speaker whose gender is not given."""
    part = Part(
        name="speakers",
        version="3",
        reads=("speaker", "gender_given", "gender_log_odds"),
        writes=("gender", "gender_source", "gender_probability", "notes_speakers"),
        settings={"speakers": dict(speakers)},
    )
    return Stage("speakers", (part,), Genders(speakers), light=True)
