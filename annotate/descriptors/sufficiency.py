"""How much of the emotion the words tell, and how much the numbers that they are made from: on speakers not fitted on.

A multinomial logistic regression names the emotion from one-hot words, or from the measurements, each less the
speaker's mean over the speaker's deviation; mean recall over the emotions (UA) on speakers that it was not fitted on,
and chance beside it. An explanation that is made of these words cannot tell more of its label than this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.descriptors.tally import Coded

FOLDS = 4
PENALTY = 0.3  # scikit-learn's C
MOST_CLIPS = 8000  # of a larger corpus a part, drawn by a fixed seed
FEWEST_CLIPS = 10  # of an emotion
STEPS = 1000
Floats = NDArray[np.float64]


def sufficiency(coded: Coded, log: Sequence[str] = ()) -> dict[str, Any] | None:
    """How much words and numbers tell of the emotion; None where too few speakers or emotions are known.

    Args:
        coded: the rows, of all splits.
        log: the columns of measurements that are taken on their logarithm.
    """
    kept = _kept(coded)
    emotion, speaker = coded.emotion[kept], coded.speaker[kept]
    folds = dealt(speaker, coded.speakers)
    if len(np.unique(emotion)) < 2 or len(folds) < 2:
        return None
    words = [one_hot(codes[kept], len(coded.order[name])) for name, codes in coded.words.items()]
    numbers = [against_own(values[kept], speaker, name in log)[:, None] for name, values in coded.values.items()]
    return {
        "words": recall(np.hstack(words), emotion, folds) if words else None,
        "numbers": recall(np.hstack(numbers), emotion, folds) if numbers else None,
        "chance": round(1 / len(np.unique(emotion)), 4),
        "clips": len(emotion),
        "emotions": len(np.unique(emotion)),
        "speakers": len(np.unique(speaker)),
        "folds": len(folds),
        "columns": list(coded.words),
        "rule": {"model": "multinomial logistic regression", "penalty": PENALTY, "score": "mean recall over emotions"},
    }


def _kept(coded: Coded) -> NDArray[np.int64]:
    """Places of the rows that are looked at: emotions with enough clips, of a large corpus a part."""
    clips = np.bincount(coded.emotion, minlength=len(coded.emotions))
    places = np.flatnonzero(clips[coded.emotion] >= FEWEST_CLIPS)
    if len(places) > MOST_CLIPS:
        places = np.sort(np.random.default_rng(0).choice(places, MOST_CLIPS, replace=False))
    return places


def dealt(speaker: NDArray[Any], names: Sequence[str], folds: int = FOLDS) -> list[NDArray[np.bool_]]:
    """Masks of the clips to be tested: the speakers dealt into folds one after the other, in the order of their names.

    Args:
        speaker: of each clip, a place in ``names``, shape (clips,).
        names: of the speakers.
        folds: how many; fewer where there are fewer speakers.
    """
    order = sorted(np.unique(speaker).tolist(), key=lambda place: names[place])
    return [np.isin(speaker, order[at::folds]) for at in range(min(folds, len(order)))]


def one_hot(codes: NDArray[Any], levels: int) -> Floats:
    """Words as columns of 0 and 1, shape (clips, levels); a clip without a word has none."""
    encoded = np.zeros((len(codes), levels))
    there = codes >= 0
    encoded[there, codes[there].astype(np.int64)] = 1.0
    return encoded


def against_own(values: NDArray[Any], speaker: NDArray[Any], log: bool) -> Floats:
    """Measurements less the speaker's mean over the speaker's deviation; 0 where not measured, shape (clips,)."""
    known = np.asarray(values, dtype=np.float64)
    if log:
        known = np.log(np.where(known > 0, known, np.nan))
    deviations = np.zeros(len(known))
    for person in np.unique(speaker):
        mine = (speaker == person) & np.isfinite(known)
        if mine.any():
            spread = known[mine].std()
            deviations[mine] = (known[mine] - known[mine].mean()) / (spread if spread > 0 else 1.0)
    return deviations


def recall(seen: Floats, emotion: NDArray[Any], folds: Sequence[NDArray[np.bool_]]) -> dict[str, Any]:
    """Mean recall over emotions of each fold's clips, fitted on the others: ``ua`` and its mean over ``folds``."""
    recalls = [fitted_recall(seen[~test], emotion[~test], seen[test], emotion[test]) for test in folds]
    return {"ua": round(float(np.mean(recalls)), 4), "folds": [round(fold, 4) for fold in recalls]}


def fitted_recall(train: Floats, labels: NDArray[Any], test: Floats, truth: NDArray[Any]) -> float:
    """Mean recall over the emotions of the tested clips."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    if len(np.unique(labels)) < 2:
        named = np.full(len(truth), labels[0])
    else:
        with threadpool_limits(1):  # the same figure on every machine, and small matrices gain nothing from more
            named = LogisticRegression(C=PENALTY, max_iter=STEPS).fit(train, labels).predict(test)
    return float(np.mean([(named[truth == label] == label).mean() for label in np.unique(truth)]))


def sentence(content: Mapping[str, Any]) -> str | None:
    """The finding as a sentence, from ``evidence.json``; None where there is none."""
    recalls = content.get("sufficiency")
    if not recalls or not recalls["words"] or not recalls["numbers"]:
        return None
    words, numbers, chance = (
        100 * share for share in (recalls["words"]["ua"], recalls["numbers"]["ua"], recalls["chance"])
    )
    return (
        f"On speakers that it was not trained on, a classifier names the emotion correctly in {words:.0f} % of clips "
        f"from the words, in {numbers:.0f} % from the measurements, and in {chance:.3g} % by chance "
        "(mean over emotions)."
    )
