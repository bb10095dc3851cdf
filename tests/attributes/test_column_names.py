"""What three attributes of three levels are called is what it was before there were attributes, byte for byte.

The digests are those of the code of before (the parent of the commit that added ``annotate/attributes``), made from the
same rows: numbers that no estimator gave, so that a better estimator does not change them.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from annotate import attributes
from annotate.captions import templates
from annotate.captions.replies import Replies
from annotate.descriptors import scale, speaker_relative
from annotate.descriptors.clip_measurements import ClipMeasurements
from annotate.descriptors.words import Wording
from annotate.recipe_sections import CONTENTS

NAMES = ("pitch", "speed", "volume")
MEASURES = ("pitch_median_hz", "rate_syllables_s", "loudness_lufs")
BEFORE = {
    ("tertile", "gender"): "bfb22efba1806f99cd2065590f37986db3d49bd938550f8ab4bb9f14d16ecfb3",
    ("zscore", "speaker"): "082e8c19ebd80cf1c49c40d84c30579ef029b552f5a403d21a013df36df2be9c",
}
Rows = Sequence[dict[str, Any]]


def measured(count: int = 400, speakers: int = 9) -> list[dict[str, Any]]:
    """Rows with measurements, some unknown, some on an edge, speakers of few clips, one without a gender."""
    chance = random.Random(21)
    rows = []
    for number in range(count):
        speaker = min(chance.randrange(speakers * 2), speakers)
        gender = (None if speaker == 0 else "female") if speaker % 2 == 0 else "male"
        row = {
            "id": f"clip-{number}", "speaker": f"s{speaker}", "gender": gender,
            "split": chance.choice(["train", "test"]), "drop_audio": None, "notes_rate": [], "rate_source": None,
            "emotion": chance.choice(["anger", "neutral", "fear"]),
            "transcript": chance.choice(["I like it", "Kids 'are' talking", None]),
            "pitch_median_hz": float(np.float32(chance.lognormvariate(5.1, 0.3))),
            "rate_syllables_s": float(np.float32(round(chance.gauss(4.5, 1), 1))),
            "loudness_lufs": float(np.float32(chance.gauss(-24, 5))),
        }  # fmt: skip
        if number % 17 == 0:
            row[chance.choice(MEASURES)] = None
        rows.append(row)
    return rows


def columns(rows: Rows, levels: int, method: str, by: str) -> tuple[Rows, Rows, Rows]:
    """Words, words against the speaker's own usual, and replies."""
    table = attributes.table(list(NAMES), levels)
    made, replies = scale.descriptors(table, MEASURES), scale.reply_descriptors(table, MEASURES)
    how = scale.Method(method, by, 0.5, 30)
    edges = scale.fit([row for row in rows if row["split"] == "train"], made, how, {}, replies)
    usual = speaker_relative.fit(ClipMeasurements.of(rows, MEASURES), edges, 30)
    worded = Wording(edges, usual)([dict(row) for row in rows], ["words", "own"])
    written = Replies(templates.source("replies", "paper"), "paper", CONTENTS)
    pairs = zip(rows, worded["words"], strict=True)
    return worded["words"], worded["own"], [written.compute_row({**row, **word}) for row, word in pairs]


def stored(margin: float | None) -> str | None:
    """A margin as the data set holds it, in its bytes."""
    return None if margin is None else np.float32(margin).tobytes().hex()


def as_before(note: str) -> str:
    """A note in the words that it had then; only its language has changed."""
    return re.sub(r" is (above|below) the range that", r" lies \1 all that", note)


def digest(words: Rows, usual: Rows, replies: Rows) -> str:
    kept = [
        {
            **{f"{name}{ending}": word[f"{name}{ending}"] for name in NAMES for ending in ("", "_scale")},
            **{f"{name}_margin": stored(word[f"{name}_margin"]) for name in NAMES},
            **{f"{name}_own": mine.get(f"{name}_own") for name in NAMES},
            "notes": [as_before(note) for note in word["notes_words"]], "replies": reply,
        }
        for word, mine, reply in zip(words, usual, replies, strict=True)
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize(("method", "by"), BEFORE)
def test_three_attributes_of_three_levels_are_what_they_were(method: str, by: str) -> None:
    assert digest(*columns(measured(), 3, method, by)) == BEFORE[method, by]


@pytest.mark.parametrize(("method", "by"), BEFORE)
def test_replies_are_the_same_whatever_the_levels(method: str, by: str) -> None:
    few, many = (columns(measured(), levels, method, by) for levels in (3, 5))
    assert {word["pitch"] for word in many[0]} == {"very low", "low", "normal", "high", "very high", None}
    assert many[2] == few[2]
