"""Praat's autocorrelation (Boersma 1993) in two passes, with a smoothed voicing decision.

The speaker and the sex are never asked. The autocorrelation is computed here, for all frames at once
(``annotate/features/autocorrelation.py``), and not in those without sound.

Sources: Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17: 97-110; Praat manual, "Sound: To Pitch
(raw autocorrelation)..."; De Looze and Hirst (2008), "Detecting changes in key and range for the automatic
modelling and coding of intonation", Speech Prosody, for a second pass within limits taken from the
quartiles of a first. The Gaussian low-pass before the second pass is that of Praat 6.4's "Sound: To Pitch
(filtered autocorrelation)...".

The settings were chosen on Bagshaw's FDA sentences (docs/measurements.md has the errors, and what was
fitted on what).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features import autocorrelation, contour, periodicity
from annotate.features.autocorrelation import PitchSearch
from annotate.features.bands import Bands
from annotate.features.feature import Feature, Measured
from annotate.features.level import level_db
from annotate.features.percentile import percentiles

Floats = NDArray[np.float64]

STEP_S, WIDE_STEP_S = 0.005, 0.010  # hop of the second pass, and of the first
# First pass: no speaker, no sex assumed. A floor of 75 Hz scores better on FDA and calls a voice of 68 Hz one of
# 368 Hz: low voices exist, and a wrong octave is a wrong word.
WIDE_HZ = (60.0, 900.0)
SILENT_BELOW = 0.03  # of the largest sample: the first pass calls what stays below unvoiced
FLOOR_OF_Q1, CEILING_OF_Q3 = 0.55, 2.2  # of the first pass: an octave error there can still be mended
LIMITS_HZ = (50.0, 1000.0)  # the second pass never leaves these
# of the passes, Hz: what lies above half of it says nothing of a period; and of the likeness of two periods
WIDE_RATE, FINE_RATE, ALIKE_RATE = 8000, 4000, 8000
FILTER_TOP_HZ = 600.0
SMOOTH_FRAMES = 5  # 25 ms boxcar on strength and level before the decision
LEVEL_SPAN_DB = 36.0  # this many dB of level weigh as much as 1.0 of strength
LEVEL_FLOOR_DB = -30.0
LEVEL_HALF_S = 0.003  # the level of a frame is that of 6 ms around it
CANDIDATES = 5  # in each frame, beside that of no voice
OCTAVE_COST, JUMP_COST = 0.02, 0.35  # the first is twice Praat's: fewer halvings
WIDE_VOICED_ABOVE, WIDE_VOICING_COST = 0.45, 0.14  # of the first pass, as in Praat
VOICED_ABOVE = 0.46
LONG_FRAMES = 7  # 35 ms boxcar on the long window's strength
RUN_ABOVE, CLIP_ABOVE = 0.40, 0.47  # what the long window must reach somewhere in a run of voice, and in the clip
EDGE_FRAMES, MOST_DRIFT = 2, 0.1  # at an edge of voicing long and short view must agree on the period within a tenth
# of the frames looked at, every tenth, so many may be pulses slower than the floor; where the pitch found is near the
# floor it is their own
MOST_PULSES, PULSE_FRAMES, ABOVE_FLOOR = 0.3, 10, 1.5
SHORTEST_S = 0.064  # three periods of the floor, and a little


@dataclass(frozen=True)
class Track(contour.Contour):
    """A contour with what the voice measures need of how it was found.

    Attributes:
        floor_hz: the lowest F0 that the second pass looked for.
        wide: the first pass, a frame each ``WIDE_STEP_S``; None for a clip too short to have one.
    """

    floor_hz: float
    wide: contour.Contour | None = None


def track(recording: Recording) -> Track:
    """F0 every 5 ms over the whole recording; empty or all zero where there is nothing periodic.

    1. The autocorrelation over 60 to 900 Hz gives the quartiles.
    2. Again over 0.55 times the first quartile to 2.2 times the third, on the low-passed signal, with every
       frame given its best path (voicing threshold 0), so that each frame has a strength.
    3. A frame is voiced where the likeness of its two neighbouring periods, as a mean over 25 ms, plus its mean
       level over 25 ms relative to the clip's 95th percentile in units of 36 dB, is above ``VOICED_ABOVE``. Two
       periods are alike by chance too: a run of voice stays only if the long window's strength, judged in the same
       way, agrees somewhere in it, and a clip has a voice only if it does so clearly somewhere.
    4. In the two frames inside either edge of a run, the period that the long window found and the one at which two
       neighbouring periods are most alike must agree within a tenth; elsewise the frame is unvoiced. There the long
       window still sees the voice next to the frame, and its F0 is not the frame's.
    """
    empty = np.zeros(0)
    if len(recording.samples) < SHORTEST_S * RATE:
        return Track(empty, empty, WIDE_HZ[0])
    bands = Bands(recording.samples)
    wide = _first_pass(bands.at(WIDE_RATE), _frames(len(recording.samples), WIDE_STEP_S, WIDE_HZ[0]))
    floor, ceiling = _limits(wide.f0)
    times = _frames(len(recording.samples), STEP_S, floor)
    if not len(times):
        return Track(empty, empty, floor, wide)
    low = bands.at(ALIKE_RATE, max(FILTER_TOP_HZ, ceiling))
    threshold = _threshold(low, times)
    possible = scipy.ndimage.binary_dilation(threshold < 1.0, np.ones(2 * LONG_FRAMES + 1))
    search = PitchSearch(
        floor, ceiling, CANDIDATES, silent_below=0.0, voiced_above=0.0,
        octave_cost=OCTAVE_COST, jump_cost=JUMP_COST, voicing_cost=0.0,
    )  # fmt: skip
    best = _path(low[:: ALIKE_RATE // FINE_RATE], FINE_RATE, times, possible, STEP_S, search)
    voiced = _voiced(low, times, best.f0, best.strength, threshold)
    return Track(times, np.where(voiced, best.f0, 0.0), floor, wide)


def _frames(count: int, step: float, floor: float) -> Floats:
    """Centres in seconds of the frames of a pass over so many samples, where Praat lays them: shape (frames,).

    As many as fit with the window of the floor, around the middle.
    """
    duration, window = count / RATE, autocorrelation.PERIODS / floor
    fitting = math.floor((duration - window) / step) + 1
    first = 0.5 * duration - 0.5 * (fitting * step) + 0.5 * step
    return np.asarray(first + step * np.arange(fitting))


def _path(
    samples: Floats, rate: int, times: Floats, possible: NDArray[np.bool_], step: float, search: PitchSearch
) -> autocorrelation.PitchPath:
    """The best path through the frames that may have a voice; the others have none."""
    f0, strength = np.zeros(len(times)), np.zeros(len(times))
    centres = np.rint(times[possible] * rate).astype(np.int64)
    best = autocorrelation.path(samples, rate, centres, step, search)
    f0[possible], strength[possible] = best.f0, best.strength
    return autocorrelation.PitchPath(f0, strength)


def _first_pass(samples: Floats, times: Floats) -> contour.Contour:
    """Step 1 of ``track``, on samples at ``WIDE_RATE``."""
    heights = np.abs(samples - samples.mean())
    # a little quieter than what is silent, and a little around it: the silence of neighbours counts in a path
    loud = np.concatenate([[0], np.cumsum(heights > SILENT_BELOW / 2 * heights.max())])
    centres, reach = np.rint(times * WIDE_RATE).astype(np.int64), round(2 * WIDE_STEP_S * WIDE_RATE)
    near = loud[np.minimum(centres + reach, len(samples))] > loud[np.maximum(centres - reach, 0)]
    search = PitchSearch(
        *WIDE_HZ, CANDIDATES, silent_below=SILENT_BELOW, voiced_above=WIDE_VOICED_ABOVE,
        octave_cost=OCTAVE_COST, jump_cost=JUMP_COST, voicing_cost=WIDE_VOICING_COST,
    )  # fmt: skip
    best = _path(samples, WIDE_RATE, times, near, WIDE_STEP_S, search)
    return contour.Contour(times, best.f0)


def _threshold(low: Floats, times: Floats) -> Floats:
    """What the likeness of neighbouring periods must be above in each frame, by its level: shape (frames,)."""
    level = level_db(low, np.rint(times * ALIKE_RATE).astype(np.int64), round(LEVEL_HALF_S * ALIKE_RATE))
    relative = np.maximum(level - percentiles(level, [95])[0], LEVEL_FLOOR_DB)
    level = scipy.ndimage.uniform_filter1d(relative, SMOOTH_FRAMES)
    return np.asarray(VOICED_ABOVE - level / LEVEL_SPAN_DB)


def _voiced(low: Floats, times: Floats, f0: Floats, strength: Floats, threshold: Floats) -> NDArray[np.bool_]:
    """Steps 3 and 4 of ``track``, on the low-passed signal: shape (frames,)."""
    # shape (frames,): the long view's own decision
    excess = scipy.ndimage.uniform_filter1d(strength, LONG_FRAMES) - threshold
    possible = scipy.ndimage.binary_dilation(threshold < 1.0, np.ones(SMOOTH_FRAMES))
    if not (excess > CLIP_ABOVE - VOICED_ABOVE).any():
        return np.zeros(len(times), bool)
    # where no period was found, that of the neighbours serves to look for one
    tried = np.interp(times[possible], times[f0 > 0], f0[f0 > 0])
    alike = np.zeros(len(times))
    alike[possible] = periodicity.strength(low, ALIKE_RATE, times[possible], tried)
    voiced = (scipy.ndimage.uniform_filter1d(alike, SMOOTH_FRAMES) > threshold) & (f0 > 0)
    runs, _ = scipy.ndimage.label(voiced)
    voiced &= np.isin(runs, runs[voiced & (excess > RUN_ABOVE - VOICED_ABOVE)])
    edge = np.flatnonzero(voiced & ~scipy.ndimage.binary_erosion(voiced, np.ones(2 * EDGE_FRAMES + 1)))
    voiced[edge[periodicity.drift(low, ALIKE_RATE, times[edge], f0[edge]) > MOST_DRIFT]] = False
    return np.asarray(voiced)


def _limits(first: Floats) -> tuple[float, float]:
    """Floor and ceiling of the second pass from the F0 of the first."""
    voiced = first[first > 0]
    if len(voiced) < 3:
        return WIDE_HZ
    q1, q3 = percentiles(voiced, [25, 75])
    return max(LIMITS_HZ[0], FLOOR_OF_Q1 * q1), min(LIMITS_HZ[1], CEILING_OF_Q3 * q3)


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Statistics of Praat's contour; none of a creak below the floor, of which it finds an overtone."""
    tracked = recording.once(track)
    statistics = contour.statistics(tracked)
    median = statistics.values.get("pitch_median_hz")
    if median is not None and median > ABOVE_FLOOR * WIDE_HZ[0]:
        times = tracked.times[tracked.voiced][::PULSE_FRAMES]
        if periodicity.slow_pulses(recording.samples, RATE, times, WIDE_HZ[0]) > MOST_PULSES:
            note = f"pitch: pulses slower than {WIDE_HZ[0]:.0f} a second, of which only an overtone is found"
            return Measured({"voiced_fraction": statistics.values["voiced_fraction"]}, [note])
    return statistics


plugin = Feature(version="8", writes=contour.COLUMNS, measure=measure)
