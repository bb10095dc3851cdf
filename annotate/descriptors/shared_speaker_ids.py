"""Two voices under one speaker id: a sign of it, from the pitch of the clips alone.

An id that two people share spoils a split by speaker, the speaker's own usual, and a gender estimated from all clips
of the speaker. Where the corpus gives two genders for an id, that is told when it is read. This is for where it does
not: the clips lie in two groups of pitch with nothing between. Acted speech of one voice spans two octaves without
such a gap (21 speakers of RAVDESS and EmoDB: 3.2 semitones at most); two voices that overlap are not noticed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

GAP_ST = 7.0
SMALLER_GROUP = 0.2  # of the clips: fewer are outliers or octave errors


def two_voices(pitches: Sequence[float]) -> tuple[float, float] | None:
    """The median pitch in Hz of the lower and of the upper group, or None where there are no two groups.

    Args:
        pitches: median F0 of each clip of one speaker, Hz.
    """
    semitones = np.sort(12 * np.log2(np.asarray(pitches, dtype=np.float64)))
    count = len(semitones)
    fewest = max(1, math.ceil(SMALLER_GROUP * count))
    gaps = np.diff(semitones)[fewest - 1 : count - fewest]
    if not len(gaps) or gaps.max() < GAP_ST:
        return None
    cut = int(gaps.argmax()) + fewest
    low, high = (float(2 ** (np.median(group) / 12)) for group in (semitones[:cut], semitones[cut:]))
    return low, high


def conflicts(pitches: Mapping[str, Sequence[float]]) -> list[str]:
    """What there is to say of each speaker whose clips lie in two groups, in the order of their names."""
    pairs = ((speaker, two_voices(values)) for speaker, values in sorted(pitches.items()))
    return [
        f"speaker {speaker}: clips around {pair[0]:.0f} Hz and around {pair[1]:.0f} Hz and none between: two voices "
        "under one id, or one voice in two registers"
        for speaker, pair in pairs
        if pair is not None
    ]
