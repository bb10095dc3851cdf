"""Which word goes with which emotion in this corpus: ``evidence.json``, from the training split alone.

A word *suggests* an emotion where the emotion's clips have it more often than clips do at all, and goes *against* it
where they have it less often: by at least 5 percentage points, and with a 95 % interval that leaves 0 out. In all
other cases the evidence is silent.

The interval is over speakers, not clips: clips of one speaker are not independent, and what holds for one speaker alone
says nothing of the next. It is the jackknife that leaves out one speaker at a time (Efron and Tibshirani 1993, An
Introduction to the Bootstrap, chapter 11) with Student's t of as many degrees of freedom as speakers, less one.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotate import documents
from annotate.errors import SemoError

SCHEMA = 1  # goes up when the same words would give another result
SMALLEST = 0.05  # a difference of shares below this is no reason, however surely it is there
CONFIDENCE = 0.95
FEWEST_SPEAKERS = 3
GROUPS = 50
FOR, AGAINST, SILENT = "for", "against", "silent"

# emotion -> descriptor -> word -> "for" or "against"; what is not in it is silent
Senses = Mapping[str, Mapping[str, Mapping[str, str]]]
# (speaker, emotion, descriptor, word) -> clips
Tally = Counter[tuple[str, str, str, str]]


def tally(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Tally:
    """Count the words of each speaker and emotion.

    Args:
        rows: those of the training split, each with ``id``, ``speaker``, ``emotion`` and the descriptors; clips
            without a speaker are dealt into 50 groups, each of which stands for one.
        names: the descriptors.
    """
    found: Tally = Counter()
    for row in rows:
        if row["emotion"] is None:
            continue
        speaker = row["speaker"] if row["speaker"] is not None else _unnamed(row["id"])
        found.update((speaker, row["emotion"], name, row[name]) for name in names if row[name] is not None)
    return found


def _unnamed(row_id: str) -> str:
    """The group of a clip without a speaker: by its id, so that it is the same in every run."""
    return f"clips {zlib.crc32(row_id.encode()) % GROUPS}"


def weigh(found: Tally, words: Mapping[str, Sequence[str]], of: Mapping[str, Any]) -> dict[str, Any]:
    """The content of ``evidence.json``.

    Args:
        found: the counts.
        words: descriptor -> its words in order.
        of: what it says of its origin: corpus, split, fold.
    """
    speakers = sorted({speaker for speaker, *_ in found})
    emotions = sorted({emotion for _, emotion, *_ in found})
    told: dict[str, Any] = {emotion: {} for emotion in emotions}
    for name, order in words.items():
        counts = np.array(
            [[[found[speaker, emotion, name, word] for word in order] for emotion in emotions] for speaker in speakers],
            dtype=np.float64,
        ).reshape(len(speakers), len(emotions), len(order))
        for place, emotion in enumerate(emotions):
            told[emotion][name] = {
                word: _weighed(counts[:, place, column], counts[:, place].sum(1), counts[:, :, column].sum(1),
                               counts.sum((1, 2)))
                for column, word in enumerate(order)
            }  # fmt: skip
    return {
        "schema": SCHEMA,
        "of": dict(of),
        "rule": {"least_difference": SMALLEST, "confidence": CONFIDENCE, "interval": "jackknife over speakers",
                 "fewest_speakers": FEWEST_SPEAKERS},
        "speakers": len(speakers),
        "emotions": told,
    }  # fmt: skip


def _weighed(both: Any, emotion: Any, word: Any, clips: Any) -> dict[str, Any]:
    """One word of one emotion; each argument is clips by speaker, shape (speakers,)."""
    if not emotion.sum():
        return {
            "clips": 0,
            "of": 0,
            "share": None,
            "overall": None,
            "difference": None,
            "interval": None,
            "sense": SILENT,
        }
    share, overall = both.sum() / emotion.sum(), word.sum() / clips.sum()
    interval = _interval(both, emotion, word, clips)
    sense = SILENT
    if interval is not None and abs(share - overall) >= SMALLEST:
        sense = FOR if interval[0] > 0 else AGAINST if interval[1] < 0 else SILENT
    return {
        "clips": int(both.sum()), "of": int(emotion.sum()), "share": round(float(share), 4),
        "overall": round(float(overall), 4), "difference": round(float(share - overall), 4),
        "interval": None if interval is None else [round(end, 4) for end in interval], "sense": sense,
    }  # fmt: skip


def _interval(both: Any, emotion: Any, word: Any, clips: Any) -> tuple[float, float] | None:
    """The interval of the difference of shares; None for too few speakers to tell."""
    from scipy.stats import t

    count = len(clips)
    rest, total = emotion.sum() - emotion, clips.sum() - clips
    if int((emotion > 0).sum()) < FEWEST_SPEAKERS or not rest.all() or not total.all():
        return None
    without = (both.sum() - both) / rest - (word.sum() - word) / total
    spread = np.sqrt((count - 1) / count * np.square(without - without.mean()).sum())
    middle = both.sum() / emotion.sum() - word.sum() / clips.sum()
    half = float(t.ppf(0.5 + CONFIDENCE / 2, count - 1) * spread)
    return float(middle) - half, float(middle) + half


def senses(content: Mapping[str, Any]) -> Senses:
    """What the evidence says for and against, without the figures; the silent left out."""
    return {
        emotion: {
            name: {word: one["sense"] for word, one in cells.items() if one["sense"] != SILENT}
            for name, cells in descriptors.items()
        }
        for emotion, descriptors in content["emotions"].items()
    }


def load(path: Path) -> dict[str, Any]:
    """The content of an ``evidence.json``.

    Raises:
        SemoError: it cannot be read, or is something else.
    """
    try:
        content = documents.read_json(path)
        known = all(sense in (FOR, AGAINST) for words in senses(content).values() for one in words.values()
                    for sense in one.values())  # fmt: skip
        if not known or content["schema"] != SCHEMA:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(f"{path}: is no evidence; expected the evidence.json of a finished run") from None
    return dict(content)
