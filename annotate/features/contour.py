"""Statistics of an F0 contour, over voiced frames only, whoever tracked it.

Spread, range and slope are in semitones: the ear hears ratios, and a spread in hertz grows with the voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.features.feature import Measured

COLUMNS = (
    "pitch_median_hz",
    "pitch_mean_hz",
    "pitch_sd_st",
    "pitch_range_st",
    "pitch_slope_st_s",
    "voiced_fraction",
)
# fewer voiced frames than this say nothing of a voice: 50 ms at steps of 10 ms
FEWEST_VOICED = 5


@dataclass(frozen=True)
class Contour:
    """F0 over time.

    Attributes:
        times: centre of each frame in seconds, shape (frames,).
        f0: Hz, 0 where unvoiced, shape (frames,).
    """

    times: NDArray[np.float64]
    f0: NDArray[np.float64]


def statistics(contour: Contour) -> Measured:
    """Median and mean in Hz; standard deviation, 5th-to-95th-percentile range and slope in semitones."""
    voiced = contour.f0 > 0
    count = int(voiced.sum())
    fraction = count / len(voiced) if len(voiced) else 0.0
    if count < FEWEST_VOICED:
        return Measured({"voiced_fraction": fraction}, ["pitch: no voiced speech found"])
    f0 = contour.f0[voiced]
    semitones = 12 * np.log2(f0)
    low, high = np.percentile(semitones, [5, 95])
    return Measured(
        {
            "pitch_median_hz": float(np.median(f0)),
            "pitch_mean_hz": float(f0.mean()),
            "pitch_sd_st": float(semitones.std()),
            "pitch_range_st": float(high - low),
            "pitch_slope_st_s": slope(contour.times[voiced], semitones),
            "voiced_fraction": fraction,
        }
    )


def slope(times: NDArray[np.float64], semitones: NDArray[np.float64]) -> float:
    """Least-squares slope of the contour, semitones per second."""
    centred = times - times.mean()
    return float(centred @ (semitones - semitones.mean()) / (centred @ centred))
