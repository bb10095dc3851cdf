"""The picture of a clip: its spectrogram, and under it the pitch contour with the scale's edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features.contour import Contour
from annotate.report import svg

WINDOW = 512  # 32 ms: harmonics of a voice are seen apart
HIGHEST_HZ = 5000
RANGE_DB, STEP_DB = 60.0, 2.0
ROWS = HIGHEST_HZ * WINDOW // RATE
MOST_COLUMNS = 320


def spectrogram(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level in dB below the loudest point, shape (ROWS, columns), low frequencies first, cut at ``RANGE_DB``.

    Hann windows of 32 ms, a row per 31.25 Hz; in steps of ``STEP_DB``, which the eye does not see and which
    make the picture's bytes few.
    """
    padded = np.pad(samples.astype(np.float64), (WINDOW // 2, WINDOW))
    hop = max(RATE // 200, -(-len(samples) // MOST_COLUMNS))
    starts = np.arange(0, len(samples), hop)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[starts]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(WINDOW), axis=1))).T[:ROWS]
    level = 10 * np.log10(power + 1e-12)
    return np.asarray(np.clip(STEP_DB * np.round((level - level.max()) / STEP_DB), -RANGE_DB, 0.0))


def picture(
    recording: Recording, contour: Contour | None, edges: Sequence[float] | None, name: str, about: str
) -> Markup:
    """Spectrogram above, pitch below, on one time axis; the edges dashed."""
    import matplotlib
    from matplotlib.figure import Figure

    with svg.styled():
        figure = Figure(figsize=(svg.WIDTH_IN, 2.5))
        above = figure.add_axes((0.125, 0.5, 0.85, 0.46))
        below = figure.add_axes((0.125, 0.16, 0.85, 0.27), sharex=above)
        shades = matplotlib.colormaps["magma"](1 + spectrogram(recording.samples) / RANGE_DB, bytes=True)
        end = recording.duration
        above.imshow(shades, origin="lower", aspect="auto", extent=(0, end, 0, HIGHEST_HZ / 1000), interpolation="none")
        above.set_ylabel("kHz", labelpad=2)
        above.set_yticks([0, 2, 4])
        above.tick_params(labelbottom=False, length=2)
        _pitch(below, contour, edges)
        below.set_xlim(0, end)
        below.set_xlabel("s", labelpad=0)
        return svg.inline(figure, name, "Spectrogram and pitch contour", about)


def _pitch(axes: Any, contour: Contour | None, edges: Sequence[float] | None) -> None:
    axes.set_ylabel("Hz", labelpad=2)
    axes.tick_params(length=2)
    voiced = contour.f0[contour.f0 > 0] if contour is not None else np.empty(0)
    if contour is None or not len(voiced):
        axes.set_yticks([])
        said = "pitch not tracked" if contour is None else "no pitch found"
        axes.text(0.5, 0.5, said, transform=axes.transAxes, ha="center", va="center", color=svg.MUTED)
        return
    axes.plot(contour.times, np.where(contour.f0 > 0, contour.f0, np.nan), color=svg.INK, linewidth=1.5)
    low, high = float(voiced.min()), float(voiced.max())
    for edge in edges or ():
        axes.axhline(edge, color=svg.MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        low, high = min(low, edge), max(high, edge)
    axes.set_ylim(low - 0.1 * (high - low) - 1, high + 0.1 * (high - low) + 1)
