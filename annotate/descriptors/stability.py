"""How sure a word is: the probability that it stays the same when the clip is measured again, disturbed.

Disturbed means: under every disturbance of ``annotate/audio/disturb.py`` (file formats, MP3 at 64 kbit/s, gain of 6 dB
either way, noise at 20 dB, silence around it, 40 dB quieter in 16 bits, nothing above 4 kHz, a room), levels taken
relative to what a gain does to all clips. So a sureness of 0.9 says: of ten such words nine stay under all of them. A
disturbance that changes the thing itself is left out for it: noise, for how noisy the recording is. The rate from the
signal is wrong itself: its changes include how far it lies from the truth, so of ten such words nine are those that a
text would have given.

Nothing is modelled. ``stability.json`` holds how far the measurements of training clips rose and fell at most; a word
is as sure as the share of those clips that moved by less than this one would have to, to get another word.
``benchmarks/fit/sureness.py`` makes the file and holds it against speakers that it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate import documents
from annotate.descriptors.scale import places
from annotate.errors import SemoError

# shares of clips at which the rises and falls are kept; more would say more than a few hundred clips can
SHARES = (0.0, 0.01, 0.02, 0.05, *(k / 20 for k in range(2, 19)), 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)

# "rise", "fall": at each of ``SHARES`` the change that so many clips do not exceed; "clips", "lost";
# "ratio": whether changes are natural logarithms of ratios (a pause lost makes any rate higher by a part of itself);
# "overlap": 0 where no clip both rises and falls too far, which is meant where it is not given, 1 where each does
Changes = Mapping[str, Any]
Floats = NDArray[np.float64]


@cache
def shipped() -> dict[str, dict[str, Changes]]:
    """Measure -> estimator -> how it changes under the disturbances."""
    return dict(documents.read_json(Path(__file__).with_suffix(".json"))["changes"])


def load(path: Path) -> dict[str, dict[str, Changes]]:
    """Changes fitted elsewhere, for ``descriptors.sureness=FILE``; anything else is refused in one line."""
    try:
        content = documents.read_json(path)["changes"]
        for entry in (changes for estimators in content.values() for changes in estimators.values()):
            if any(len(moved) != len(SHARES) or sorted(moved) != moved for moved in (entry["rise"], entry["fall"])):
                raise ValueError
            if not 0 <= entry["lost"] <= 1 <= entry["clips"]:
                raise ValueError
            if not isinstance(entry["ratio"], bool) or not 0 <= entry.get("overlap", 0.0) <= 1:
                raise ValueError
    except OSError as error:
        raise SemoError(f"descriptors.sureness={path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(
            f"descriptors.sureness={path}: is not a table of sureness; expected a file written by "
            "benchmarks/fit/sureness.py"
        ) from None
    return dict(content)


def word_stability(value: float, edges: Sequence[float], changes: Changes) -> float:
    """The probability that a word stays.

    Args:
        value: the measurement.
        edges: those that decided the word.
        changes: how its estimator changes.

    Returns:
        0 to 1, never surer than the clips fitted on can tell: with 200 clips 0.995.
    """
    return float(word_stabilities(np.array([value]), np.array([edges], dtype=np.float64), changes)[0])


def word_stabilities(values: Floats, edges: Floats, changes: Changes) -> Floats:
    """``sureness`` of many values, shape (n,), each by its own edges, shape (n, levels - 1)."""
    at, levels = _on_scale(values, changes), _on_scale(edges, changes)
    words, last, half = places(values, edges), edges.shape[1], edges.shape[1] // 2
    stays = np.empty(len(values))
    for word in np.unique(words):
        mine = words == word
        # a word that lies on an edge's far side leaves it where the edge itself has another word
        up = _share(levels[mine, word] - at[mine], changes["rise"], word < half) if word < last else None
        down = _share(at[mine] - levels[mine, word - 1], changes["fall"], word > half) if word > 0 else None
        stays[mine] = up if down is None else down if up is None else _neither(up, down, changes.get("overlap", 0.0))
    most = changes["clips"] / (changes["clips"] + 1)
    return np.asarray(np.minimum(most, stays * (1 - changes["lost"])))


def _neither(up: Floats, down: Floats, overlap: float) -> Floats:
    """The share of clips that neither rise nor fall too far, from the shares that do not rise and that do not fall.

    It lies between two bounds (Fréchet's): no clip does both, and those that do the one do the other.
    """
    least = np.maximum(0.0, up + down - 1)
    return np.asarray(least + overlap * (np.minimum(up, down) - least))


def _on_scale(values: Floats, changes: Changes) -> Floats:
    if not changes["ratio"]:
        return values
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.maximum(values, 0.0)))


def _share(room: Floats, changes: Sequence[float], open_ended: bool) -> Floats:
    """The share of clips whose change is at most ``room``; below it where the edge itself has another word."""
    shares = np.interp(room, changes, SHARES)
    still = max((share for share, change in zip(SHARES, changes, strict=True) if change <= 0), default=0.0)
    shares[room == 0] = 0.0 if open_ended else still
    shares[~(room >= 0)] = 0.0  # NaN too
    return shares


def fit(rises: Sequence[float], falls: Sequence[float], lost: int, ratio: bool = False) -> dict[str, Any]:
    """The changes of one estimator.

    Args:
        rises: of each clip the largest rise under any disturbance, at least 0.
        falls: of each clip the largest fall, at least 0.
        lost: clips that could not be measured again under one of them.
        ratio: rises and falls are natural logarithms of ratios.
    """

    def kept(changes: Sequence[float]) -> list[float]:
        return [round(float(value), 5) for value in np.quantile(np.maximum(changes, 0.0), SHARES)]

    total = len(rises) + lost
    return {"ratio": ratio, "clips": total, "lost": round(lost / total, 4), "rise": kept(rises), "fall": kept(falls)}
