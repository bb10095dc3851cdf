"""Praat's autocorrelation (Boersma 1993) through parselmouth, in two passes, with a smoothed voicing decision.

The speaker and the sex are never asked.

Sources: Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17: 97-110; Praat manual, "Sound: To Pitch
(raw autocorrelation)..."; De Looze and Hirst (2008), "Detecting changes in key and range for the automatic
modelling and coding of intonation", Speech Prosody, for a second pass within limits taken from the
quartiles of a first. The Gaussian low-pass before the second pass is that of Praat 6.4's "Sound: To Pitch
(filtered autocorrelation)...", done here because the Praat inside parselmouth 0.4 is 6.1.38 and lacks it.

The settings were chosen on Bagshaw's FDA sentences (docs/measurements.md has the errors, and what was
fitted on what).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features import contour, periodicity
from annotate.features.feature import Feature, Measured
from annotate.features.level import level_db

Floats = NDArray[np.float64]

STEP_S = 0.005  # hop of the second pass
# First pass: no speaker, no sex assumed. A floor of 75 Hz scores better on FDA and calls a voice of 68 Hz one of
# 368 Hz: low voices exist, and a wrong octave is a wrong word.
WIDE_HZ = (60.0, 900.0)
FLOOR_OF_Q1, CEILING_OF_Q3 = 0.55, 2.2  # of the first pass: an octave error there can still be mended
LIMITS_HZ = (50.0, 1000.0)  # the second pass never leaves these
FILTER_TOP_HZ, FILTER_ATTENUATION = 600.0, 0.03
SMOOTH_FRAMES = 5  # 25 ms boxcar on strength and level before the decision
LEVEL_SPAN_DB = 36.0  # this many dB of level weigh as much as 1.0 of strength
LEVEL_FLOOR_DB = -30.0
LEVEL_HALF = int(0.003 * RATE)  # the level of a frame is that of 6 ms around it
OCTAVE_COST = 0.02  # twice Praat's: fewer halvings
VOICED_ABOVE = 0.46
LONG_FRAMES = 7  # 35 ms boxcar on the long window's strength
RUN_ABOVE, CLIP_ABOVE = 0.40, 0.47  # what the long window must reach somewhere in a run of voice, and in the clip
THIN = 2  # every second sample of the low-passed signal says the same
EDGE_FRAMES, MOST_DRIFT = 2, 0.1  # at an edge of voicing long and short view must agree on the period within a tenth
# of the frames looked at, every tenth, so many may be pulses slower than the floor; where the pitch found is near the
# floor it is their own
MOST_PULSES, PULSE_FRAMES, ABOVE_FLOOR = 0.3, 10, 1.5
SHORTEST_S = 0.064  # below three periods of the floor Praat has no frame to give


@dataclass(frozen=True)
class Track(contour.Contour):
    """A contour with what the voice measures need of how it was found.

    Attributes:
        floor_hz: the lowest F0 that the second pass looked for.
        sound: Praat's Sound of the samples.
        wide: Praat's Pitch of the first pass; None for a clip too short to have one.
    """

    floor_hz: float
    sound: Any = None
    wide: Any = None


def track(recording: Recording) -> Track:
    """F0 every 5 ms over the whole recording; empty or all zero where there is nothing periodic.

    1. Praat's autocorrelation over 60 to 900 Hz gives the quartiles.
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
    import parselmouth

    samples = recording.samples.astype(np.float64)
    empty = np.zeros(0)
    if len(samples) < SHORTEST_S * RATE:
        return Track(empty, empty, WIDE_HZ[0])
    sound = parselmouth.Sound(samples, RATE)
    wide = _praat(sound, 0.010, *WIDE_HZ, silence_threshold=0.03, voicing_threshold=0.45, voiced_unvoiced_cost=0.14)
    floor, ceiling = _limits(wide.selected_array["frequency"])
    if len(samples) <= 3.2 * RATE / floor:
        return Track(empty, empty, floor, sound)
    low = lowpass(samples, max(FILTER_TOP_HZ, ceiling))
    pitch = _praat(
        parselmouth.Sound(low, RATE), STEP_S, floor, ceiling,
        silence_threshold=0.0, voicing_threshold=0.0, voiced_unvoiced_cost=0.0,
    )  # fmt: skip
    path = pitch.selected_array
    times = pitch.xs()
    f0 = np.asarray(path["frequency"])
    return Track(times, np.where(_voiced(low, times, f0, path["strength"]), f0, 0.0), floor, sound, wide)


def _voiced(low: Floats, times: Floats, f0: Floats, strength: Floats) -> NDArray[np.bool_]:
    """Steps 3 and 4 of ``track``, on the low-passed signal: shape (frames,)."""
    level = level_db(low, np.rint(times * RATE).astype(np.int64), LEVEL_HALF)
    level = scipy.ndimage.uniform_filter1d(np.maximum(level - np.percentile(level, 95), LEVEL_FLOOR_DB), SMOOTH_FRAMES)
    threshold = VOICED_ABOVE - level / LEVEL_SPAN_DB
    # shape (frames,): the long view's own decision
    excess = scipy.ndimage.uniform_filter1d(strength, LONG_FRAMES) - threshold
    possible = scipy.ndimage.binary_dilation(threshold < 1.0, np.ones(SMOOTH_FRAMES))
    if not (excess > CLIP_ABOVE - VOICED_ABOVE).any():
        return np.zeros(len(times), bool)
    # where no period was found, that of the neighbours serves to look for one
    tried = np.interp(times[possible], times[f0 > 0], f0[f0 > 0])
    thin, rate = low[::THIN], RATE / THIN
    alike = np.zeros(len(times))
    alike[possible] = periodicity.strength(thin, rate, times[possible], tried)
    voiced = (scipy.ndimage.uniform_filter1d(alike, SMOOTH_FRAMES) > threshold) & (f0 > 0)
    runs, _ = scipy.ndimage.label(voiced)
    voiced &= np.isin(runs, runs[voiced & (excess > RUN_ABOVE - VOICED_ABOVE)])
    edge = np.flatnonzero(voiced & ~scipy.ndimage.binary_erosion(voiced, np.ones(2 * EDGE_FRAMES + 1)))
    voiced[edge[periodicity.drift(thin, rate, times[edge], f0[edge]) > MOST_DRIFT]] = False
    return np.asarray(voiced)


def _limits(first: Floats) -> tuple[float, float]:
    """Floor and ceiling of the second pass from the F0 of the first."""
    voiced = first[first > 0]
    if len(voiced) < 3:
        return WIDE_HZ
    q1, q3 = np.percentile(voiced, [25, 75])
    return max(LIMITS_HZ[0], FLOOR_OF_Q1 * float(q1)), min(LIMITS_HZ[1], CEILING_OF_Q3 * float(q3))


def _praat(sound: Any, step: float, floor: float, ceiling: float, **settings: float) -> Any:
    return sound.to_pitch_ac(
        time_step=step, pitch_floor=floor, pitch_ceiling=ceiling, max_number_of_candidates=15,
        very_accurate=False, octave_cost=OCTAVE_COST, octave_jump_cost=0.35, **settings,
    )  # fmt: skip


def lowpass(samples: Floats, top_hz: float) -> Floats:
    """Zero-phase Gaussian low-pass, gain ``FILTER_ATTENUATION`` at ``top_hz``; same shape as ``samples``.

    It takes away the formants and the breath noise that make neighbouring periods of one voice differ, so
    that weakly voiced frames still correlate.
    """
    size = scipy.fft.next_fast_len(len(samples) + RATE // 50, real=True)  # 20 ms of room: no wrap-around
    frequency = np.arange(size // 2 + 1) * (RATE / size)
    gain = np.exp(np.log(FILTER_ATTENUATION) * np.square(frequency / top_hz))
    return np.asarray(scipy.fft.irfft(scipy.fft.rfft(samples, size) * gain, size)[: len(samples)])


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Statistics of Praat's contour; none of a creak below the floor, of which it finds an overtone."""
    tracked = recording.once(track)
    statistics = contour.statistics(tracked)
    median = statistics.values.get("pitch_median_hz")
    if median is not None and median > ABOVE_FLOOR * WIDE_HZ[0]:
        times = tracked.times[tracked.voiced][::PULSE_FRAMES]
        if periodicity.slow_pulses(recording.samples.astype(np.float64), RATE, times, WIDE_HZ[0]) > MOST_PULSES:
            note = f"pitch: pulses slower than {WIDE_HZ[0]:.0f} a second, of which only an overtone is found"
            return Measured({"voiced_fraction": statistics.values["voiced_fraction"]}, [note])
    return statistics


# the version of the library says which Praat is in it, and is known without loading it
plugin = Feature(version=f"6 parselmouth {version('praat-parselmouth')}", writes=contour.COLUMNS, measure=measure)
