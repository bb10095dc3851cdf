"""Which word goes with which emotion in this corpus: ``evidence.json``, from the training split alone.

A word *suggests* an emotion where the emotion's clips have it more often than clips do at all, and goes *against* it
where they have it less often. To be a reason, a difference of shares

- is at least 5 percentage points, of an emotion and of a word with at least ten clips each;
- has one sign in three quarters of the speakers;
- is no chance finding: a false discovery rate of 2 % over the whole table (Benjamini and Hochberg 1995).

In all other cases the evidence is silent.

Clips of one speaker are not independent. Each speaker is held against themselves (Mantel and Haenszel 1959), and how
far speakers differ from each other widens the variance. A few speakers tell little of that, so each cell's figure is
drawn towards the table's mean as if that were known from ``PRIOR_SPEAKERS`` further speakers (a moderated t statistic,
Smyth 2004, Statistical Applications in Genetics and Molecular Biology 3(1)). Intervals are Newcombe's (1998, Statistics
in Medicine 17: 873-890, method 10) of the effective numbers of clips: they keep within -100 and +100 points, and do not
shrink to nothing where a word never occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate import documents
from annotate.descriptors.tally import WordTally
from annotate.errors import SemoError

SCHEMA = 2  # goes up when the same words would give another result
READABLE = (1, SCHEMA)
SMALLEST = 0.05  # a difference of shares below this is no reason, however surely it is there
FEWEST_CLIPS = 10  # of an emotion, and of a word
FEWEST_SPEAKERS = 3
SAME_SIGN = 0.75  # of the speakers
FALSE_DISCOVERIES = 0.02
CONFIDENCE = 0.95
PRIOR_SPEAKERS = 8.0
FOR, AGAINST, SILENT = "for", "against", "silent"
DIGITS = 4

# emotion -> column of words -> word -> "for" or "against"; what is not in it is silent
Senses = Mapping[str, Mapping[str, Mapping[str, str]]]
Counts = NDArray[np.float64]


def weigh(counted: WordTally, of: Mapping[str, Any], unseen: WordTally | None = None) -> dict[str, Any]:
    """The content of ``evidence.json``.

    Args:
        counted: the words of the training split.
        of: what it says of its origin: corpus, split, fold.
        unseen: the words of speakers that are not among those counted, on which reasons are tried.
    """
    columns = {name: _Column(counts) for name, counts in counted.counts.items()}
    _judge(columns)
    emotions = {
        emotion: {
            name: {word: columns[name].cell(place, at) for at, word in enumerate(counted.words[name])}
            for name in columns
        }
        for place, emotion in enumerate(counted.emotions)
    }
    return {
        "schema": SCHEMA,
        "of": dict(of),
        "rule": {
            "least_difference": SMALLEST, "fewest_clips": FEWEST_CLIPS, "fewest_speakers": FEWEST_SPEAKERS,
            "same_sign_in": SAME_SIGN, "false_discovery_rate": FALSE_DISCOVERIES, "confidence": CONFIDENCE,
            "interval": "Newcombe, of the effective number of clips", "prior_speakers": PRIOR_SPEAKERS,
        },
        "speakers": len(counted.speakers),
        "unseen": _tried(emotions, unseen),
        "emotions": emotions,
    }  # fmt: skip


class _Column:
    """The statistics of one column of words; every array but the counts has shape (emotions, words)."""

    def __init__(self, counts: Counts) -> None:
        """``counts``: clips, shape (speakers, emotions, words)."""
        clips, emotion, word = counts.sum((1, 2)), counts.sum(2), counts.sum(1)
        self.clips, self.of = counts.sum(0), emotion.sum(0)[:, None] + np.zeros(word.shape[1])
        self.overall = word.sum(0) / max(clips.sum(), 1) + np.zeros_like(self.of)
        self.share = self.clips / np.maximum(self.of, 1)
        self.all = float(clips.sum())
        self.of_word = word.sum(0) + np.zeros_like(self.of)
        total = np.maximum(clips, 1)[:, None, None]
        mine, theirs = emotion[:, :, None], word[:, None, :]
        # hypergeometric, within each speaker
        variance = mine * (total - mine) * theirs * (total - theirs) / (total**2 * np.maximum(total - 1, 1))
        excess = np.where(variance > 0, counts - mine * theirs / total, 0.0)
        self.speakers = (variance > 0).sum(0)
        self.variance, self.excess = variance.sum(0), excess.sum(0)
        known = np.maximum(self.variance, 1e-12)
        spread = np.where(variance > 0, (excess - self.excess / known * variance) ** 2 / np.maximum(variance, 1e-12), 0)
        # 1 where speakers differ from each other by chance alone
        self.dispersion = spread.sum(0) / np.maximum(self.speakers - 1, 1)
        signs = (np.sign(excess) == np.sign(self.excess)) & (variance > 0)
        self.same = signs.sum(0) / np.maximum(self.speakers, 1)
        self.widened = np.ones_like(self.of)
        self.discovered = np.zeros(self.of.shape, bool)

    @property
    def tested(self) -> NDArray[np.bool_]:
        """The cells with enough clips and speakers to tell anything."""
        enough = (self.of >= FEWEST_CLIPS) & (self.of_word >= FEWEST_CLIPS) & (self.of < self.all)
        return np.asarray(enough & (self.speakers >= FEWEST_SPEAKERS) & (self.variance > 0))

    @property
    def freedom(self) -> Counts:
        """Degrees of freedom of the widened variance."""
        return np.asarray(np.maximum(self.speakers - 1, 0) + PRIOR_SPEAKERS)

    def p(self) -> Counts:
        """Two-sided p of each cell."""
        from scipy.stats import t

        statistic = np.abs(self.excess) / np.sqrt(np.maximum(self.variance * self.widened, 1e-12))
        return np.asarray(2 * t.sf(statistic, self.freedom))

    def interval(self, emotion: int, word: int) -> tuple[float, float] | None:
        """The interval of the difference of shares; None where there is nothing to compare."""
        from scipy.stats import t

        at = (emotion, word)
        of, rest = float(self.of[at]), self.all - float(self.of[at])
        if not of or not rest or self.speakers[at] < FEWEST_SPEAKERS:
            return None
        quantile = float(t.ppf(0.5 + CONFIDENCE / 2, self.freedom[at]))
        effect = float(self.widened[at])
        mine = float(self.share[at])
        others = float((self.of_word[at] - self.clips[at]) / rest)
        low, high = wilson(mine, of / effect, quantile)
        other_low, other_high = wilson(others, rest / effect, quantile)
        difference, part = mine - others, rest / self.all  # of all clips the emotion's are a part
        return (
            part * (difference - float(np.hypot(mine - low, other_high - others))),
            part * (difference + float(np.hypot(high - mine, others - other_low))),
        )

    def cell(self, emotion: int, word: int) -> dict[str, Any]:
        """One word of one emotion, as ``evidence.json`` has it."""
        at = (emotion, word)
        if not self.of[at]:
            empty = dict.fromkeys(("share", "overall", "difference", "interval"))
            return {"clips": 0, "of": 0, **empty, "sense": SILENT}
        difference = float(self.share[at] - self.overall[at])
        interval = self.interval(emotion, word)
        sense = (FOR if difference > 0 else AGAINST) if self.discovered[at] else SILENT
        return {
            "clips": int(self.clips[at]), "of": int(self.of[at]), "share": round(float(self.share[at]), DIGITS),
            "overall": round(float(self.overall[at]), DIGITS), "difference": round(difference, DIGITS),
            "interval": None if interval is None else [round(end, DIGITS) for end in interval], "sense": sense,
        }  # fmt: skip


def wilson(share: float, clips: float, quantile: float) -> tuple[float, float]:
    """Wilson's (1927) interval of a share of so many clips: within 0 and 1, and never of no width."""
    squared = quantile**2 / clips
    middle, half = share + squared / 2, np.sqrt(squared * (share * (1 - share) + squared / 4))
    return max(0.0, float((middle - half) / (1 + squared))), min(1.0, float((middle + half) / (1 + squared)))


def _judge(columns: Mapping[str, _Column]) -> None:
    """Widen the variances by what the whole table tells, and find the reasons in it."""
    tested = {name: column.tested for name, column in columns.items()}
    spread = np.concatenate([column.dispersion[tested[name]] for name, column in columns.items()] or [np.ones(0)])
    mean = max(1.0, float(spread.mean())) if len(spread) else 1.0
    for column in columns.values():
        known = np.maximum(column.speakers - 1, 0)
        column.widened = np.maximum(1.0, (known * column.dispersion + PRIOR_SPEAKERS * mean) / (known + PRIOR_SPEAKERS))
    p = np.concatenate([column.p()[tested[name]] for name, column in columns.items()] or [np.ones(0)])
    rejected = iter(discoveries(p, FALSE_DISCOVERIES))
    for name, column in columns.items():
        kept = np.zeros(column.discovered.shape, bool)
        kept[tested[name]] = [next(rejected) for _ in range(int(tested[name].sum()))]
        large = np.abs(column.share - column.overall) >= SMALLEST
        column.discovered = kept & large & (column.same >= SAME_SIGN)


def discoveries(p: Counts, rate: float) -> NDArray[np.bool_]:
    """Which of many tests are discoveries at a false discovery rate (Benjamini and Hochberg 1995)."""
    order = np.argsort(p, kind="stable")
    below = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / max(len(p), 1))
    passed = np.zeros(len(p), bool)
    if len(below):
        passed[order[: below[-1] + 1]] = True
    return passed


def _tried(emotions: Mapping[str, Any], unseen: WordTally | None) -> dict[str, Any]:
    """Write into each reason whether its sign holds on other speakers, and count those that do."""
    counts = {"speakers": len(unseen.speakers) if unseen else 0, "clips": 0, "reasons": 0, "tried": 0, "hold": 0}
    if unseen and unseen.counts:
        counts["clips"] = int(max(of.sum() for of in unseen.counts.values()))
    for emotion, columns in emotions.items():
        for name, cells in columns.items():
            for word, cell in cells.items():
                if cell["sense"] == SILENT:
                    continue
                difference = unseen.difference(emotion, name, word, FEWEST_CLIPS) if unseen else None
                holds = None if difference is None else (difference > 0) == (cell["sense"] == FOR) and difference != 0
                cell["unseen"] = {"difference": None if difference is None else round(difference, DIGITS),
                                  "holds": holds}  # fmt: skip
                counts["reasons"] += 1
                counts["tried"] += holds is not None
                counts["hold"] += bool(holds)
    return counts


def senses(content: Mapping[str, Any]) -> Senses:
    """What the evidence says for and against, without the figures; the silent left out."""
    return {
        emotion: {
            name: {word: cell["sense"] for word, cell in cells.items() if cell["sense"] != SILENT}
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
        known = all(sense in (FOR, AGAINST) for words in senses(content).values() for word_senses in words.values()
                    for sense in word_senses.values())  # fmt: skip
        if not known or content["schema"] not in READABLE:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(f"{path}: is not a table of evidence; expected the evidence.json of a finished run") from None
    return dict(content)
