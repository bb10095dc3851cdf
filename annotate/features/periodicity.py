"""How alike two neighbouring periods are: the short view of voicing, beside the long one of an autocorrelation.

An autocorrelation looks at three periods of the lowest voice that is looked for, 50 ms and more, which smears the
edges of voicing over their surroundings. The normalised cross-correlation of the one period before a point with the
one after it (Talkin 1995, "A robust algorithm for pitch tracking (RAPT)", in Speech Coding and Synthesis) sees two
periods of the voice that is there.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 256  # frames
LONGEST_S = 1 / 40.0  # no period is longer
NEAR = np.linspace(-0.03, 0.03, 3)  # the long view's period is exact to about this part of itself
WIDE = np.linspace(-0.4, 0.4, 21)  # less than an octave either way
# of ``slow_pulses``: the envelope, thinned, and how alike it must be a pulse later and how unlike in between
ENVELOPE_S, ENVELOPE_THIN, TREND_S, FRAME_S = 0.0008, 8, 0.06, 0.12
SLOWEST_HZ, SHORTEST_GAP_S = 25.0, 0.004
ALIKE, DIP = 0.6, 0.4


def likeness(samples: Floats, rate: float, times: Floats, f0: Floats, deviations: Floats) -> Floats:
    """Normalised correlation of the period before each point with the period after it, -1 to 1.

    Args:
        samples: shape (n,).
        rate: samples a second.
        times: seconds, shape (frames,).
        f0: Hz, above 0, shape (frames,).
        deviations: each is tried as 1 + deviation times the period, shape (lags,).

    Returns:
        Shape (frames, lags); 0 where the signal is silent.
    """
    if not len(times):
        return np.zeros((0, len(deviations)))
    longest = int(LONGEST_S * rate)
    padded = np.pad(samples, longest)
    energy = np.concatenate([[0.0], np.cumsum(np.square(padded))])
    centre = np.rint(times * rate).astype(np.int64)[:, None] + longest
    lags = np.rint(np.minimum(rate / f0[:, None] * (1 + deviations), longest)).astype(np.int64)
    power = (energy[centre] - energy[centre - lags]) * (energy[centre + lags] - energy[centre])
    products = np.empty(lags.shape)
    order = np.argsort(lags[:, 0])  # in blocks of like periods, so that no short one is padded to a long one's length
    for block in np.array_split(order, max(1, len(order) // BLOCK)):
        reach = np.arange(lags[block].max())
        periods = np.lib.stride_tricks.sliding_window_view(padded, len(reach))
        before = periods[centre[block] - lags[block]]
        before *= reach < lags[block, :, None]
        products[block] = np.einsum("flr,fr->fl", before, periods[centre[block, 0]])
    return np.asarray(products / np.sqrt(power + 1e-20))


def strength(samples: Floats, rate: float, times: Floats, f0: Floats) -> Floats:
    """The likeness at the period given, or up to 3 % beside it: shape (frames,)."""
    return np.asarray(likeness(samples, rate, times, f0, NEAR).max(axis=1, initial=-1.0))


def drift(samples: Floats, rate: float, times: Floats, f0: Floats) -> Floats:
    """How far the most alike period lies from the one given, as a part of it: shape (frames,), 0 to 0.4."""
    return np.asarray(np.abs(WIDE[likeness(samples, rate, times, f0, WIDE).argmax(axis=1)]))


def slow_pulses(samples: Floats | NDArray[np.float32], rate: float, times: Floats, floor_hz: float) -> float:
    """The share of some points at which the sound is a train of pulses slower than any pitch that is looked for.

    Between the pulses of a creak, or of a machine, the vocal tract rings on, and a pitch tracker takes the ringing (its
    first formant, some 600 Hz) for the voice. The envelope tells them apart: it comes back after a pulse's period and
    not before, while that of a voice comes back after each of its own, shorter periods.

    Args:
        samples: shape (n,).
        rate: samples a second.
        times: seconds, shape (points,).
        floor_hz: the lowest pitch that is looked for.

    Returns:
        0 to 1; 0 without points.
    """
    whole = len(samples) // ENVELOPE_THIN * ENVELOPE_THIN
    heights = np.abs(samples[:whole]).reshape(-1, ENVELOPE_THIN)
    envelope = np.asarray(heights @ np.full(ENVELOPE_THIN, 1 / ENVELOPE_THIN, heights.dtype), np.float64)
    thin = rate / ENVELOPE_THIN
    envelope = scipy.ndimage.gaussian_filter1d(envelope, ENVELOPE_S * thin)
    envelope -= scipy.ndimage.uniform_filter1d(envelope, round(TREND_S * thin))
    width = round(FRAME_S * thin)
    if len(envelope) < width or not len(times):
        return 0.0
    first = np.clip(np.rint(times * thin).astype(np.int64) - width // 2, 0, len(envelope) - width)
    frames = np.lib.stride_tricks.sliding_window_view(envelope, width)[first]
    spectrum = scipy.fft.rfft(frames, 2 * width, axis=1)
    lags = round(thin / SLOWEST_HZ)
    alike = scipy.fft.dct(np.square(spectrum.real) + np.square(spectrum.imag), 1, axis=1)[:, :lags]
    alike *= width / (width - np.arange(lags))
    return float(_slow(alike / (alike[:, :1] + 1e-20), thin, floor_hz).mean())


def _slow(alike: Floats, rate: float, floor_hz: float) -> NDArray[np.bool_]:
    """Whether an envelope comes back after a slow pulse's period and not before.

    Args:
        alike: its autocorrelation by lag, shape (frames, lags).
        rate: lags a second.
        floor_hz: the lowest pitch that is looked for.

    Returns:
        Shape (frames,).
    """
    low, high, gap = round(rate / floor_hz), round(rate / SLOWEST_HZ), round(SHORTEST_GAP_S * rate)
    frames, lags = np.arange(len(alike)), np.arange(alike.shape[1])
    enough = alike[:, low:high] > 0.9 * alike[:, low:high].max(axis=1, keepdims=True)
    lag = low + enough.argmax(axis=1)
    # on to the top of the hill that the lag lies on
    down = np.diff(alike[:, :high], axis=1) <= 0
    down = np.pad(down, ((0, 0), (0, 1)), constant_values=True) & (lags[:high] >= lag[:, None])
    lag = down.argmax(axis=1)
    before = (lags >= gap) & (lags < np.maximum(gap + 1, 3 * lag // 4)[:, None])
    between = np.where(before, alike, -np.inf).max(axis=1)
    top = alike[frames, lag]
    return np.asarray((top > ALIKE) & (top - between > DIP))
