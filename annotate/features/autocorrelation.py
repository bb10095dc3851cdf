"""Pitch by the normalised autocorrelation of windows, and the best path through its peaks, for all frames at once.

Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
sampled sound", IFA Proceedings 17: 97-110: the autocorrelation of a Hann window of three periods of the floor, over
that of the window itself; peaks of it are candidates, beside the one of no voice; costs of octaves, of jumps between
octaves and of changes of voicing choose among them (Viterbi). It is what Praat computes with "Sound: To Pitch (ac)",
which goes through the frames one at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

PERIODS = 3.0  # of the floor, in a window
USUAL_STEP_S = 0.010  # costs of changes are those of frames so far apart
TAPS, PHASES = 8, 16  # of the interpolation around a peak: lags on either side, and points between two lags
NEVER = -1e9  # the strength of a candidate that there is not


@dataclass(frozen=True)
class PitchSearch:
    """What is looked for.

    Attributes:
        floor: lowest pitch, Hz.
        ceiling: highest pitch, Hz.
        candidates: voiced ones that are kept in each frame.
        silent_below: of the largest sample; frames below it are the less voiced the quieter they are. 0: no frame is.
        voiced_above: the strength of no voice.
        octave_cost: for each octave below the ceiling.
        jump_cost: for each octave between neighbouring frames.
        voicing_cost: for each change between voice and none.
    """

    floor: float
    ceiling: float
    candidates: int
    silent_below: float
    voiced_above: float
    octave_cost: float
    jump_cost: float
    voicing_cost: float


@dataclass(frozen=True)
class PitchPath:
    """The best path.

    Attributes:
        f0: Hz, 0 where there is no voice, shape (frames,).
        strength: normalised autocorrelation at the period, 0 where there is no voice, shape (frames,).
    """

    f0: Floats
    strength: Floats


def path(samples: Floats, rate: int, centres: NDArray[np.int64], step: float, search: PitchSearch) -> PitchPath:
    """The best path through the peaks of the autocorrelation.

    Args:
        samples: shape (n,).
        rate: samples a second.
        centres: of the frames, between the sample of this number and the one before, shape (frames,). Where frames are
            left out, nothing is expected of the next one.
        step: seconds from frame to frame.
        search: what is looked for.
    """
    if not len(centres):
        return PitchPath(np.zeros(0), np.zeros(0))
    frames = _frames(samples, rate, centres, search.floor)
    r = _normalised(frames, math.floor(rate / search.floor) + TAPS + 2)
    lags, strengths = _candidates(r, rate, search)
    pitches = np.where(strengths > NEVER, rate / lags, 0.0)
    octaves = np.log2(np.where(pitches > 0, pitches, search.ceiling))
    scores = strengths - search.octave_cost * (math.log2(search.ceiling) - octaves)
    scores = np.concatenate([_unvoiced(frames, samples, rate, search)[:, None], scores], axis=1)
    octaves = np.concatenate([np.full((len(frames), 1), np.nan), octaves], axis=1)
    weights = np.where(np.diff(centres) < 1.5 * step * rate, USUAL_STEP_S / step, 0.0)
    chosen = best_path(scores, _changes(octaves, search, weights)) - 1
    voiced = np.flatnonzero(chosen >= 0)
    f0, strength = np.zeros(len(frames)), np.zeros(len(frames))
    lag, strength[voiced] = _refined(r[voiced], lags[voiced, chosen[voiced]])
    f0[voiced] = rate / lag
    return PitchPath(f0, strength)


def near(samples: Floats | Singles, rate: int, centres: NDArray[np.int64], f0: Floats, floor: float) -> PitchPath:
    """The peaks near pitches that are known, as from samples at a lower rate.

    Args:
        samples: shape (n,).
        rate: samples a second.
        centres: of the frames, as for ``path``, shape (frames,).
        f0: Hz, above 0, shape (frames,).
        floor: lowest pitch, Hz, whose window is taken.
    """
    r = _normalised(_frames(samples, rate, centres, floor), math.floor(rate / floor) + TAPS + 2)
    lag, strength = _refined(r, np.clip(rate / f0, 1.0, rate / floor))
    return PitchPath(rate / lag, strength)


def _frames(samples: Floats | Singles, rate: int, centres: NDArray[np.int64], floor: float) -> Singles:
    """Windows around centres, less the mean of the two periods in their middle as in Praat: shape (frames, width)."""
    half, period = max(2, math.floor(PERIODS / 2 * rate / floor)), round(rate / floor)
    padded = np.pad(np.asarray(samples, np.float32), half)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)[centres]
    frames -= frames[:, half - period : half + period].mean(axis=1, keepdims=True)
    return frames


def _normalised(frames: Singles, lags: int) -> Singles:
    """Autocorrelation of windowed frames over that of the window, 1 at lag 0: shape (frames, lags)."""
    window, of_window = _window(frames.shape[1], lags)
    of_frames = _correlation(frames, window.astype(np.float32), lags)
    scale = np.maximum(of_frames[:, :1], 1e-30)
    of_frames /= scale
    of_frames /= of_window
    return of_frames


@cache
def _window(width: int, lags: int) -> tuple[Floats, Singles]:
    """A Hann window, shape (width,), and its autocorrelation, 1 at lag 0, shape (lags,)."""
    window = np.hanning(width + 2)[1:-1]
    correlation = _correlation(np.ones((1, width)), window, lags)[0]
    return window, np.asarray(correlation / correlation[0], np.float32)


def _correlation(frames: NDArray[np.floating], window: NDArray[np.floating], lags: int) -> NDArray[np.floating]:
    """Autocorrelation of windowed frames, up to a factor: shape (frames, lags).

    That of a real signal is even, and so is its spectrum's power: a cosine transform leads back from it.
    """
    count, width = frames.shape
    half = scipy.fft.next_fast_len(-(-(width + lags) // 2), real=True)
    padded = np.zeros((count, 2 * half), frames.dtype)
    np.multiply(frames, window, out=padded[:, :width])
    spectrum = scipy.fft.rfft(padded, axis=1)
    power = np.square(spectrum.real)
    power += np.square(spectrum.imag)
    return np.asarray(scipy.fft.dct(power, 1, axis=1, overwrite_x=True)[:, :lags])


def _candidates(r: Singles, rate: int, search: PitchSearch) -> tuple[Floats, Floats]:
    """Lag and height of the best peaks, each through its three points a parabola: shape (frames, candidates) each."""
    low, high = max(2, math.floor(rate / search.ceiling)), math.floor(rate / search.floor) + 2
    here, before, after = r[:, low:high], r[:, low - 1 : high - 1], r[:, low + 1 : high + 1]
    peak = (here > 0.5 * search.voiced_above) & (here > before) & (here >= after)
    rank = np.where(peak, here + search.octave_cost * np.log2(rate / np.arange(low, high, dtype=np.float32)), NEVER)
    kept = min(search.candidates, high - low)
    best = np.argpartition(rank, -kept, axis=1)[:, -kept:]
    y, left, right = (np.take_along_axis(part, best, axis=1).astype(np.float64) for part in (here, before, after))
    shift, height = _parabola(left, y, right)
    lags = np.asarray(low + best + shift, np.float64)
    there = np.take_along_axis(peak, best, axis=1) & (rate / lags <= search.ceiling) & (rate / lags >= search.floor)
    return lags, np.where(there, height, NEVER)


def _parabola(left: Floats, middle: Floats, right: Floats) -> tuple[Floats, Floats]:
    """How far from the middle one of three points their parabola has its top, in their distance, and how high it is.

    A correlation above 1 is one that was interpolated too high, and counts as its inverse, as in Praat. Where the
    points have no top between them, what comes out is of no use, and finite.
    """
    shift = np.clip(0.5 * (right - left) / np.maximum(2 * middle - left - right, 1e-12), -1.0, 1.0)
    height = middle + 0.25 * (right - left) * shift
    return shift, np.where(height > 1, 1 / np.maximum(height, 1), height)


def _unvoiced(frames: Singles, samples: Floats, rate: int, search: PitchSearch) -> Floats:
    """The strength of no voice in each frame, more the quieter it is: shape (frames,)."""
    if not search.silent_below:
        return np.full(len(frames), search.voiced_above)
    middle, reach = frames.shape[1] // 2, round(rate / search.floor / 2) + 1
    peaks = np.abs(frames[:, middle - reach : middle + reach]).max(axis=1)
    loudness = peaks / max(float(np.abs(samples - samples.mean()).max()), 1e-30)
    quiet = 2 - loudness * (1 + search.voiced_above) / search.silent_below
    return np.asarray(search.voiced_above + np.maximum(quiet, 0.0))


def _changes(octaves: Floats, search: PitchSearch, weights: Floats) -> Floats:
    """What it costs to go from a candidate of one frame to one of the next: shape (frames - 1, candidates, candidates).

    Args:
        octaves: logarithm to the base of 2 of each candidate's pitch; NaN for the one of no voice.
        search: has the costs.
        weights: of the costs from each frame to the next, shape (frames - 1,).
    """
    jump = search.jump_cost * np.abs(octaves[:-1, :, None] - octaves[1:, None, :])
    changed = np.isnan(octaves[:-1, :, None]) != np.isnan(octaves[1:, None, :])
    return np.asarray(weights[:, None, None] * np.where(changed, search.voicing_cost, np.nan_to_num(jump)))


def best_path(scores: Floats, costs: Floats) -> NDArray[np.int64]:
    """The candidates with the largest sum of scores less costs (Viterbi 1967): shape (frames,).

    Sums of the frames of one block depend on those of the one before through its last frame alone: so the best ways
    through all blocks, from every candidate to every other, are found side by side, and then joined.

    Args:
        scores: shape (frames, candidates).
        costs: of going from one to the next, shape (frames - 1, candidates, candidates).
    """
    width = scores.shape[1]
    steps = scores[1:, None, :] - costs  # what a step from i to j adds, shape (frames - 1, i, j)
    size = max(1, round(math.sqrt(len(steps))))
    blocks = -(-len(steps) // size)
    padded = np.concatenate([steps, np.zeros((blocks * size - len(steps), width, width))])
    # shape (size, i, j, blocks): from the frame before a block to each of its frames
    ways = np.ascontiguousarray(padded.reshape(blocks, size, width, width).transpose(1, 2, 3, 0))
    for at in range(1, size):
        ways[at] = (ways[at - 1][:, :, None] + ways[at][None]).max(axis=1)
    starts, total = np.empty((width, blocks)), scores[0]
    for block in range(blocks):
        starts[:, block] = total
        total = (total[:, None] + ways[-1, :, :, block]).max(axis=0)
    totals = (starts[None, :, None] + ways).max(axis=1).transpose(2, 0, 1).reshape(-1, width)[: len(steps)]
    totals = np.concatenate([scores[:1], totals])
    before = (totals[:-1, :, None] + steps).argmax(axis=1).tolist()
    chosen = [int(totals[-1].argmax())]
    for back in reversed(before):
        chosen.append(back[chosen[-1]])
    return np.array(chosen[::-1])


def _refined(r: Singles, lags: Floats) -> tuple[Floats, Floats]:
    """Lag and height of the peak near each lag, interpolated by a windowed sinc: shape (frames,) each."""
    if not len(lags):
        return lags, lags
    nearest = np.rint(lags).astype(np.int64)
    around = np.arange(-TAPS, TAPS + 1)
    # an autocorrelation is even, so what lies before lag 0 is known
    points = r[np.arange(len(r))[:, None], np.abs(nearest[:, None] + around)].astype(np.float64)
    offsets = np.arange(-PHASES, PHASES + 1) / PHASES
    curve = points @ _sinc()
    top = np.clip(curve.argmax(axis=1), 1, len(offsets) - 2)
    rows = np.arange(len(curve))
    shift, height = _parabola(curve[rows, top - 1], curve[rows, top], curve[rows, top + 1])
    return nearest + offsets[top] + shift / PHASES, height


@cache
def _sinc() -> Floats:
    """Weights of the lags on either side for points between them: shape (2 * TAPS + 1, 2 * PHASES + 1)."""
    apart = np.arange(-PHASES, PHASES + 1)[None] / PHASES - np.arange(-TAPS, TAPS + 1)[:, None]
    return np.asarray(np.sinc(apart) * (0.5 + 0.5 * np.cos(np.pi * apart / (TAPS + 1.5))))
