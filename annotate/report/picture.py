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


LEFT, WIDTH = 0.145, 0.83  # of the picture's width: where its time axis begins, and how long it is


def level_db(samples: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times in s and level in dB re full scale, root mean square over 25 ms each 10 ms; NaN for digital silence."""
    window, hop = RATE * 25 // 1000, RATE // 100
    padded = np.pad(samples.astype(np.float64), (window // 2, window))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[: len(samples) : hop]
    power = np.mean(np.square(frames), axis=1)
    return np.arange(len(frames)) * hop / RATE, 10 * np.log10(np.where(power > 0, power, np.nan))


def picture(
    recording: Recording,
    contour: Contour | None,
    edges: Sequence[float] | None,
    name: str,
    about: str,
    *,
    level: bool = False,
) -> Markup:
    """Spectrogram above, pitch below it, with ``level`` the level below that, on one time axis; the edges dashed."""
    import matplotlib
    from matplotlib.figure import Figure

    with svg.styled():
        heights = (1.15, 0.675, 0.5) if level else (1.15, 0.675)  # inches
        total = sum(heights) + 0.185 * len(heights) + 0.3
        figure = Figure(figsize=(svg.WIDTH_IN, total))
        panels: list[Any] = []
        top = total - 0.1
        for height in heights:
            top -= height
            place = (LEFT, top / total, WIDTH, height / total)
            panels.append(figure.add_axes(place, sharex=panels[0] if panels else None))
            top -= 0.185
        above, below = panels[:2]
        shades = matplotlib.colormaps["magma"](1 + spectrogram(recording.samples) / RANGE_DB, bytes=True)
        end = recording.duration
        above.imshow(shades, origin="lower", aspect="auto", extent=(0, end, 0, HIGHEST_HZ / 1000), interpolation="none")
        above.set_ylabel("kHz", labelpad=2)
        above.set_yticks([0, 2, 4])
        above.tick_params(labelbottom=False, length=2)
        _pitch(below, contour, edges)
        if level:
            below.tick_params(labelbottom=False)
            _level(panels[2], recording)
        panels[-1].set_xlim(0, end)
        panels[-1].set_xlabel("s", labelpad=0)
        title = "Spectrogram, pitch contour and level" if level else "Spectrogram and pitch contour"
        return svg.inline(figure, name, title, about)


def _level(axes: Any, recording: Recording) -> None:
    times, values = level_db(recording.samples)
    axes.set_ylabel("dB", labelpad=2)
    axes.tick_params(length=2)
    axes.plot(times, values, color=svg.INK, linewidth=1.0)
    there = values[np.isfinite(values)]
    if len(there):
        top = float(there.max())
        axes.set_ylim(max(float(there.min()), top - RANGE_DB) - 1, top + 3)


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
