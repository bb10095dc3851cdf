"""Speaking rate from the signal alone, against the syllables of the known text over the time spoken.

No hand labels of time were at hand for these corpora: the time spoken is the package's own (``voice`` has its
error), so that what is tested is the counting. At hand: the shipped estimator on every clip. Nested: of the settings of
the count by level in ``CANDIDATES`` that with the best mean correlation on the other corpora, with the factors fitted
on those; the detector of vowels was learned from no recording of a person. Where the mean of all settings, for which
nothing is chosen, is within one standard error of the best, it is taken (the rule of one standard error: Breiman,
Friedman, Olshen and Stone 1984, "Classification and Regression Trees", 3.4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.features.activity import activity
from annotate.features.pitch.praat import track
from annotate.features.rate import signal
from benchmarks.accuracy.line import Line
from benchmarks.fit import rate as fitting
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

CORRELATION, ERROR = 0.78, 10.0
NAMES = {"emodb": "EmoDB (German)", "ravdess": "RAVDESS", "fda": "FDA"}
TOLD = ("rate_syllables_s",)
# band, smoothing and dip of the count by level; "all" is their mean, which is shipped
CANDIDATES = ("all", *((b, s, d) for b in range(3) for s in range(4) for d in range(4)))
RESAMPLES = 200
Floats = NDArray[np.float64]
Table = dict[str, tuple[Floats, Floats, Floats]]  # corpus -> true rates (n,), peaks (n, candidates), vowels (n,)


def found(clip: Clip) -> tuple[str, float, Floats, float] | None:
    """Corpus, true rate, peaks a second by candidate and vowels a second."""
    fitted = fitting.found(clip)
    if fitted is None:
        return None
    corpus, truth, counts = fitted
    recording = clip.recording()
    peaks = signal.peak_counts(recording, recording.once(track)) / recording.once(activity).spoken_s
    return corpus, truth, np.concatenate([[peaks.mean()], peaks.ravel()]), float(counts[1])


def lines(data: Path, workers: int) -> list[Line]:
    """Correlation, and errors with and without the corpus's own offset."""
    rows = [one for one in over(clips(data, *fitting.CORPORA), found, workers) if one is not None]
    table = {
        corpus: tuple(np.array([row[at] for row in rows if row[0] == corpus]) for at in (1, 2, 3))
        for corpus in sorted({row[0] for row in rows})
    }
    made = []
    for corpus, name in NAMES.items():
        if corpus in table and len(table[corpus][0]) > 2:
            made += _lines(name, *_counts(table, corpus), table[corpus][0])
        else:
            made += [Line(f"rate from the signal: correlation, {name}", None, CORRELATION, note="too few clips")]
    return made


def _counts(table: Table, corpus: str) -> tuple[Floats, Floats, str]:
    """Unbiased counts of a corpus's clips, shape (n, 2): as shipped, and as the other corpora choose them; which."""
    others = {name: one for name, one in table.items() if name != corpus}
    best = _best([one for name, one in others.items() if name in NAMES])
    rows = [(name, *row) for name, one in others.items() for row in zip(one[0], _both(one, best), strict=True)]
    factors = fitting.fit(rows) if rows else signal.factors()
    nested = _both(table[corpus], best) * np.array(list(factors.values()))
    chosen = "the mean of all settings" if best == 0 else f"band, smoothing and dip {CANDIDATES[best]}"
    return _both(table[corpus], 0) * np.array(list(signal.factors().values())), nested, chosen


def _best(corpora: Sequence[tuple[Floats, Floats, Floats]]) -> int:
    """The candidate with the best mean correlation; the first where it is within one standard error of that."""
    if not corpora:
        return 0
    best = int(np.argmax([_score(corpora, at) for at in range(len(CANDIDATES))]))
    dice, gains = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        places = [dice.integers(0, len(one[0]), len(one[0])) for one in corpora]
        drawn = [(one[0][at], one[1][at], one[2][at]) for one, at in zip(corpora, places, strict=True)]
        gains.append(_score(drawn, best) - _score(drawn, 0))
    return best if _score(corpora, best) - _score(corpora, 0) > np.std(gains) else 0


def _score(corpora: Sequence[tuple[Floats, Floats, Floats]], candidate: int) -> float:
    """Mean correlation of a candidate's rates with the true ones."""
    return float(np.mean([correlation(_both(one, candidate), one[0]) for one in corpora]))


def _both(one: tuple[Floats, Floats, Floats], candidate: int) -> Floats:
    return np.stack([one[1][:, candidate], one[2]], axis=1)


def correlation(counts: Floats, truth: Floats) -> float:
    """Pearson's r of the rate from both counts and the true one."""
    return float(np.corrcoef(np.sqrt(np.prod(counts, axis=1)), truth)[0, 1])


def errors(counts: Floats, truth: Floats) -> Floats:
    """How far each rate is off in per cent, the median ratio of the clips taken off."""
    ratio = np.log(np.sqrt(np.prod(counts, axis=1)) / truth)
    return np.asarray(100 * np.abs(np.expm1(ratio - np.median(ratio))))


def _lines(name: str, hand: Floats, nested: Floats, chosen: str, truth: Floats) -> list[Line]:
    note = f"{len(truth)} clips whose text is whole; the other corpora choose {chosen}"
    told = (
        ("correlation", CORRELATION, False, ""),
        ("median error without the offset", ERROR, True, "%"),
        ("mean error", None, True, "%"),
        ("off by more than 15 % without the offset", None, True, "%"),
    )
    at_hand, other = _figures(hand, truth), _figures(nested, truth)
    return [
        Line(
            f"rate from the signal: {what}, {name}", at_hand[at], reach, at_most, unit, note if at == 0 else "",
            TOLD, "rate: signal", nested=other[at],
        )
        for at, (what, reach, at_most, unit) in enumerate(told)
    ]  # fmt: skip


def _figures(counts: Floats, truth: Floats) -> tuple[float, float, float, float]:
    """The figures in their order."""
    off, rate = errors(counts, truth), np.sqrt(np.prod(counts, axis=1))
    mean = 100 * float(np.mean(np.abs(rate / truth - 1)))
    return correlation(counts, truth), float(np.median(off)), mean, 100 * float(np.mean(off > 15))
