"""Scores of answers: UA, WA, F1, attributes, word errors, calibration; intervals by bootstrap over speakers.

A reply that names no known emotion is wrong in every one of them, and counted apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate import attributes
from annotate.captions.reading.judge import check
from annotate.semollm.inference import parse_replies

RESAMPLES = 1000
BINS = 10
NONE = "none named"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """The scores of one set of answers, as shares; None where there is nothing to score.

    Attributes:
        clips: how many.
        speakers: how many.
        unparsed: replies that name no known emotion.
        ua: mean of the emotions' recalls.
        wa: share of clips that are right.
        f1: F1 of the emotions, weighted by their clips.
        ua_interval: 95 % of 1,000 resamples of the speakers.
        wa_interval: the same.
        attributes: accuracy of each attribute that the content names.
        faithful: share of the replies that say how the clip sounds of which every such claim is true of the clip's
            measured descriptors; None where none says it.
        wer: word errors over true words; None without a text.
        calibration: expected calibration error over ten equal bins of the likeliest label's chance.
        confusion: true emotion -> named emotion -> clips.
        reliability: mean chance, share right, and clips of each bin that has some.
        text: BLEU, ROUGE-L and METEOR of the whole reply, for comparison with captioning papers.
    """

    clips: int
    speakers: int
    unparsed: int
    ua: float
    wa: float
    f1: float
    ua_interval: tuple[float, float] | None
    wa_interval: tuple[float, float] | None
    attributes: dict[str, float]
    faithful: float | None
    wer: float | None
    calibration: float | None
    confusion: dict[str, dict[str, int]]
    reliability: list[tuple[float, float, int]] = field(default_factory=list)
    text: dict[str, float] = field(default_factory=dict)


def read(rows: Sequence[Row], labels: Sequence[str], words: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The rows with what their replies say beside the truth."""
    return [{**row, "predicted": parse_replies.parse_reply(row["reply"], labels, words)} for row in rows]


def figures(rows: Sequence[Row], content: str | None, intervals: bool = True) -> Figures:
    """Score rows from ``read``.

    Args:
        rows: each with its truth, ``reply`` and ``predicted``.
        content: what the replies were trained to name; None takes what they name.
        intervals: whether the speakers are resampled, which takes seconds.
    """
    names = parse_replies.named_attributes(content, rows)
    error, reliability = calibration(rows)
    return Figures(
        clips=len(rows),
        speakers=len({row["speaker"] for row in rows}),
        unparsed=sum(row["predicted"]["emotion"] is None for row in rows),
        ua=ua(rows),
        wa=wa(rows),
        f1=weighted_f1(rows),
        ua_interval=interval(rows, ua) if intervals else None,
        wa_interval=interval(rows, wa) if intervals else None,
        attributes={name: _accuracy(rows, name) for name in names if name != "transcript"},
        faithful=faithful(rows),
        wer=word_errors(rows) if "transcript" in names else None,
        calibration=error,
        confusion=confusion(rows),
        reliability=reliability,
    )


def ua(rows: Sequence[Row]) -> float:
    """Unweighted accuracy: the mean over the emotions that occur of the share of their clips that are right."""
    right: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        right[row["emotion"]].append(row["predicted"]["emotion"] == row["emotion"])
    return float(np.mean([np.mean(hits) for hits in right.values()])) if right else 0.0


def wa(rows: Sequence[Row]) -> float:
    """Weighted accuracy: the share of clips that are right."""
    return float(np.mean([row["predicted"]["emotion"] == row["emotion"] for row in rows])) if rows else 0.0


def weighted_f1(rows: Sequence[Row]) -> float:
    """F1 of each true emotion, weighted by its clips."""
    from sklearn.metrics import f1_score

    true = [row["emotion"] for row in rows]
    named = [row["predicted"]["emotion"] or NONE for row in rows]
    return float(f1_score(true, named, labels=sorted(set(true)), average="weighted", zero_division=0))


def _accuracy(rows: Sequence[Row], name: str) -> float:
    """Share of clips whose attribute is named rightly, over those whose true value is known."""
    known = [row for row in rows if parse_replies.truth(row, name) is not None]
    return (
        float(np.mean([row["predicted"][name] == parse_replies.truth(row, name) for row in known]))
        if known
        else float("nan")
    )


def faithful(rows: Sequence[Row]) -> float | None:
    """By the claim check of the captions: what a reply says of gender and of any attribute, all of it true.

    The emotion is left out: it has figures of its own, and is no explanation.
    """
    judged, described = [], {"gender", *attributes.known()}
    for row in rows:
        if "reply" in row:
            claims = [held for held in check(row["reply"], row).held if held.claim.about in described]
            judged += [all(held.holds is True for held in claims)] if claims else []
    return float(np.mean(judged)) if judged else None


def word_errors(rows: Sequence[Row]) -> float | None:
    """Word error rate by jiwer: lower case, without punctuation; a reply without a text lacks all its words."""
    from jiwer import wer

    pairs = [(parse_replies.truth(row, "transcript"), row["predicted"]["transcript"] or "") for row in rows]
    known = [(_plain(true), _plain(predicted)) for true, predicted in pairs if true and _plain(true)]
    if not known:
        return None
    return float(wer([true for true, _ in known], [predicted for _, predicted in known]))


def _plain(text: str) -> str:
    return " ".join("".join(c for c in word if c.isalnum()) for word in text.lower().split()).strip()


def confusion(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """True emotion -> named emotion -> clips."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["emotion"]][row["predicted"]["emotion"] or NONE] += 1
    return {true: dict(named) for true, named in sorted(counts.items())}


def calibration(rows: Sequence[Row]) -> tuple[float | None, list[tuple[float, float, int]]]:
    """Expected calibration error (Guo et al. 2017, arXiv 1706.04599, equation 3), and its bins."""
    scored = [row for row in rows if row.get("chances")]
    if not scored:
        return None, []
    likeliest = [max(row["chances"], key=row["chances"].get) for row in scored]
    chance = np.array([row["chances"][label] for row, label in zip(scored, likeliest, strict=True)])
    right = np.array([label == row["emotion"] for row, label in zip(scored, likeliest, strict=True)])
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    bins = [
        (float(chance[place == at].mean()), float(right[place == at].mean()), int((place == at).sum()))
        for at in range(BINS)
        if (place == at).any()
    ]
    return sum(abs(mean - share) * count for mean, share, count in bins) / len(scored), bins


def interval(
    rows: Sequence[Row], figure: Callable[[Sequence[Row]], float], resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """The middle 95 % of a figure over resamples of the speakers, drawn with replacement; None for one speaker.

    Clips of a speaker are alike: resampling clips would make the interval too narrow.
    """
    clips: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        clips[row["speaker"]].append(row)
    held = list(clips.values())
    if len(held) < 2:
        return None
    random = np.random.default_rng(seed)
    resampled: NDArray[np.float64] = np.array(
        [figure([row for at in random.integers(0, len(held), len(held)) for row in held[at]]) for _ in range(resamples)]
    )
    low, high = np.quantile(resampled, [0.025, 0.975])
    return float(low), float(high)
