"""Statistics of an F0 contour, over voiced frames only, whoever tracked it.

Spread, range and slope are in semitones ('t Hart, Collier and Cohen 1990): the ear hears ratios, and a
spread in hertz grows with the voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from annotate.features.feature import FURTHER_COLUMNS, SLOT_COLUMNS, Measured
from annotate.features.percentile import percentiles

COLUMNS = (*SLOT_COLUMNS["pitch"], *FURTHER_COLUMNS["pitch"])
# less voice than this says nothing of a voice
SHORTEST_VOICED_S = 0.05
# pairs of frames for the slope lie at least this far apart, and at most so many frames are paired
APART_S, PAIRED_FRAMES = 0.05, 150


@dataclass(frozen=True)
class Contour:
    """F0 over time.

    Attributes:
        times: centre of each frame in seconds, shape (frames,), evenly spaced.
        f0: Hz, 0 where unvoiced, shape (frames,).
    """

    times: NDArray[np.float64]
    f0: NDArray[np.float64]

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Which frames are voiced, shape (frames,)."""
        return self.f0 > 0


def statistics(contour: Contour) -> Measured:
    """Median and mean in Hz; standard deviation, 5th-to-95th-percentile range and slope in semitones.

    The range leaves a tenth of the frames out, so that a single octave error does not move it.
    """
    voiced = contour.voiced
    frames = len(voiced)
    step = (contour.times[-1] - contour.times[0]) / (frames - 1) if frames > 1 else 0.0
    if voiced.sum() * step < SHORTEST_VOICED_S:
        voicing = {"voiced_fraction": float(voiced.mean())} if frames else {}
        return Measured(voicing, ["pitch: no voiced speech found"])
    f0 = contour.f0[voiced]
    median = percentiles(f0, [50])[0]
    semitones = 12 * np.log2(f0 / median)
    low, high = percentiles(semitones, [5, 95])
    values = {
        "pitch_median_hz": median,
        "pitch_mean_hz": float(f0.mean()),
        "pitch_sd_st": float(semitones.std()),
        "pitch_range_st": high - low,
        "voiced_fraction": float(voiced.mean()),
    }
    values["pitch_rise_st"] = rise_st(contour.times[voiced], semitones)
    rise = slope(contour.times[voiced], semitones)
    if rise is None:
        return Measured(values, ["pitch: too little voice for a slope"])
    return Measured({**values, "pitch_slope_st_s": rise})


def rise_st(times: NDArray[np.float64], semitones: NDArray[np.float64]) -> float:
    """Rise of the straight line of least squares through the contour, from its first voiced frame to its last."""
    length = float(times[-1] - times[0])
    place = (times - times[0]) / length if length > 0 else np.zeros(len(times))
    spread = float(np.square(place - place.mean()).sum())
    return float(((place - place.mean()) * semitones).sum() / spread) if spread > 0 else 0.0


def slope(times: NDArray[np.float64], semitones: NDArray[np.float64]) -> float | None:
    """Slope of the contour in semitones per second, after Theil and Sen (Sen 1968, JASA 63: 1379-1389).

    The median over all pairs of voiced frames at least 50 ms apart, of at most 150 frames spread evenly,
    so that it costs the same for any length. None where no two frames are so far apart.
    """
    pick = np.unique(np.linspace(0, len(times) - 1, PAIRED_FRAMES).astype(np.int64))
    first, second = _pairs(len(pick))
    at, height = times[pick], semitones[pick]
    apart = at[second] - at[first]
    far = np.flatnonzero(apart >= APART_S)
    if not len(far):
        return None
    return percentiles((height[second[far]] - height[first[far]]) / apart[far], [50])[0]


@cache
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The numbers of the first and the second of each pair of so many: shape (pairs,) each."""
    first, second = np.triu_indices(count, 1)
    return first, second
