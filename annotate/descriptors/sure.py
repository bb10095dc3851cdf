"""How sure a word is: the probability that it stays the same when the clip is measured again, disturbed.

Disturbed means: under every disturbance of the accuracy bench (``annotate/audio/disturb.py``: file formats, MP3 at
64 kbit/s, gain of 6 dB either way, noise at 20 dB), levels taken relative to what the disturbance does to all clips.
So a sureness of 0.9 says: of ten such words nine stay under all of them.

Nothing is modelled. ``sure.json`` holds how far the measurements of training clips rose and fell at most; a word is as
sure as the share of those clips that moved by less than this one would have to, to get another word.
``benchmarks/fit/sureness.py`` makes the file and holds it against speakers that it was not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from annotate import documents
from annotate.descriptors.scale import place
from annotate.errors import SemoError

# shares of clips at which the rises and falls are kept; more would say more than a few hundred clips can
SHARES = (0.0, 0.01, 0.02, 0.05, *(k / 20 for k in range(2, 19)), 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)
# measurements whose changes are ratios: a pause lost makes any rate higher by a part of itself
RATIOS = ("pitch_median_hz", "rate_syllables_s")

# "rise", "fall": at each of ``SHARES`` the change that so many clips do not exceed; "clips", "lost"
Changes = Mapping[str, Any]


@cache
def shipped() -> dict[str, dict[str, Changes]]:
    """Measure -> estimator -> how it changes under the disturbances."""
    return dict(documents.read_json(Path(__file__).with_suffix(".json"))["changes"])


def load(path: Path) -> dict[str, dict[str, Changes]]:
    """Changes fitted elsewhere, for ``descriptors.sureness=FILE``; anything else is refused in one line."""
    try:
        found = documents.read_json(path)["changes"]
        for one in (changes for estimators in found.values() for changes in estimators.values()):
            if [len(one["rise"]), len(one["fall"])] != [len(SHARES)] * 2 or not 0 <= one["lost"] <= 1 <= one["clips"]:
                raise ValueError
            if sorted(one["rise"]) != one["rise"] or sorted(one["fall"]) != one["fall"]:
                raise ValueError
    except OSError as error:
        raise SemoError(f"descriptors.sureness={path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(
            f"descriptors.sureness={path}: is no sureness; expected a file that benchmarks/fit/sureness.py wrote"
        ) from None
    return dict(found)


def sureness(value: float, edges: Sequence[float], measure: str, changes: Changes) -> float:
    """The probability that a word stays.

    Args:
        value: the measurement.
        edges: those that decided the word.
        measure: its column; the changes of pitch and rate are natural logarithms of ratios.
        changes: how its estimator changes.

    Returns:
        0 to 1, never surer than the clips fitted on can tell: with 500 clips 0.998.
    """
    at = [_on_scale(one, measure) for one in (value, *edges)]
    rise, fall = at[2] - at[0], at[0] - at[1]  # room up to the upper edge, down to the lower
    word = place(value, edges)
    if word == 0:
        stays = _share(-fall, changes["rise"], open_ended=True)
    elif word == 2:
        stays = _share(-rise, changes["fall"], open_ended=True)
    else:
        # a clip hardly ever both rises and falls too far: what leaves on either side adds up
        stays = max(0.0, _share(rise, changes["rise"]) + _share(fall, changes["fall"]) - 1)
    most = changes["clips"] / (changes["clips"] + 1)
    return float(min(most, stays * (1 - changes["lost"])))


def _on_scale(value: float, measure: str) -> float:
    if measure not in RATIOS:
        return value
    return math.log(value) if value > 0 else -math.inf


def _share(room: float, changes: Sequence[float], open_ended: bool = False) -> float:
    """The share of clips whose change is at most ``room``; below it where the edge itself has another word."""
    if math.isnan(room) or room < 0 or (open_ended and room == 0):
        return 0.0
    if room == 0:
        return max((share for share, change in zip(SHARES, changes, strict=True) if change <= 0), default=0.0)
    return float(np.interp(room, changes, SHARES))


def fit(rises: Sequence[float], falls: Sequence[float], lost: int) -> dict[str, Any]:
    """The changes of one estimator.

    Args:
        rises: of each clip the largest rise under any disturbance, at least 0.
        falls: of each clip the largest fall, at least 0.
        lost: clips that could not be measured again under one of them.
    """

    def kept(found: Sequence[float]) -> list[float]:
        return [round(float(value), 5) for value in np.quantile(np.maximum(found, 0.0), SHARES)]

    total = len(rises) + lost
    return {"clips": total, "lost": round(lost / total, 4), "rise": kept(rises), "fall": kept(falls)}
