"""The picture of a clip: its spectrogram, and under it the pitch contour with the scale's edges."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

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
TOP, GAP, BELOW = 7.2, 13.3, 28.0  # points: above the panels, between them, below them
HIGH = {"spectrogram": 82.8, "pitch": 48.6, "level": 36.0}
NAMES = {"spectrogram": "Spectrogram", "pitch": "pitch contour", "level": "level"}
SHADES = round(RANGE_DB / STEP_DB) + 1
COLOURS = ((0, 0, 0), (40, 20, 90), (120, 35, 130), (210, 70, 95), (250, 155, 85), (255, 250, 205))


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
    below: Sequence[str] = ("pitch",),
) -> Markup:
    """Spectrogram and what is to stand below it, ``pitch`` and ``level``, on one time axis.

    Args:
        recording: of the clip.
        contour: its pitch; None where it was not tracked.
        edges: of the scale of pitch, dashed; None where it has none.
        name: unique in the page.
        about: what a listener needs in place of the picture.
        below: the panels below the spectrogram.
    """
    heights = (HIGH["spectrogram"], *(HIGH[panel] for panel in below))
    drawing = svg.Drawing(TOP + sum(heights) + GAP * (len(heights) - 1) + BELOW)
    tops = [TOP + sum(heights[:place]) + GAP * place for place in range(len(heights))]
    marks = svg.ticks(0.0, recording.duration, 6)
    for kind, top, tall in zip(("spectrogram", *below), tops, heights, strict=True):
        if kind == "spectrogram":
            ends = HIGHEST_HZ / 1000, 0.0
        else:
            ends = _pitch_range(contour, edges) if kind == "pitch" else _level_range(recording)
        panel = svg.Panel(drawing, LEFT * svg.WIDTH, top, WIDTH * svg.WIDTH, tall, (0.0, recording.duration), ends)
        if kind == "spectrogram":
            drawing.image(panel.left, panel.top, panel.width, panel.height, shaded(spectrogram(recording.samples)))
            panel.y_axis([0, 2, 4], "kHz")
        elif kind == "pitch":
            _pitch(panel, contour, edges)
        else:
            _level(panel, recording)
        panel.x_axis(marks, "s" if top == tops[-1] else None)
    names = [NAMES[kind] for kind in ("spectrogram", *below)]
    return drawing.markup(name, (", ".join(names[:-1]) + " and " if names[:-1] else "") + names[-1], about)


def shaded(levels: NDArray[np.float64]) -> bytes:
    """A spectrogram in dB, shape (ROWS, columns), as a PNG; a shade for each step of the level."""
    from PIL import Image

    steps = np.round((levels + RANGE_DB) / STEP_DB).astype(np.uint8)
    # low frequencies at the foot
    image = Image.frombytes("P", (steps.shape[1], steps.shape[0]), steps[::-1].tobytes())
    image.putpalette(_palette())
    held = io.BytesIO()
    image.save(held, format="PNG")
    return held.getvalue()


@cache
def _palette() -> bytes:
    """The shades, three bytes each, from black over violet and orange to a pale yellow, ever lighter."""
    at = np.linspace(0.0, 1.0, len(COLOURS))
    shades = [np.interp(np.linspace(0.0, 1.0, SHADES), at, channel) for channel in np.array(COLOURS).T]
    palette: bytes = np.stack(shades, axis=1).round().astype(np.uint8).tobytes()
    return palette


def _level_range(recording: Recording) -> tuple[float, float]:
    """The values at the upper and the lower edge of the panel."""
    _, values = level_db(recording.samples)
    there = values[np.isfinite(values)]
    if not len(there):
        return 0.0, -RANGE_DB
    top = float(there.max())
    return top + 3, max(float(there.min()), top - RANGE_DB) - 1


def _level(panel: svg.Panel, recording: Recording) -> None:
    times, values = level_db(recording.samples)
    panel.y_axis(svg.ticks(panel.y[1], panel.y[0], 3), "dB")
    panel.drawing.stroke(panel.across(times), panel.down(values), svg.INK, 1.0)


def _pitch_range(contour: Contour | None, edges: Sequence[float] | None) -> tuple[float, float]:
    """The values at the upper and the lower edge of the panel."""
    voiced = contour.f0[contour.f0 > 0] if contour is not None else np.empty(0)
    if not len(voiced):
        return 1.0, 0.0
    low, high = min([float(voiced.min()), *(edges or ())]), max([float(voiced.max()), *(edges or ())])
    return high + 0.1 * (high - low) + 1, low - 0.1 * (high - low) - 1


def _pitch(panel: svg.Panel, contour: Contour | None, edges: Sequence[float] | None) -> None:
    voiced = contour is not None and bool(np.any(contour.f0 > 0))
    low, high = panel.y[1], panel.y[0]
    panel.y_axis(svg.ticks(low, high, 4) if voiced else [], "Hz")
    if contour is None or not voiced:
        shown = "pitch not tracked" if contour is None else "no pitch found"
        panel.drawing.text(panel.left + panel.width / 2, panel.top + panel.height / 2, shown)
        return
    for edge in edges or ():
        y = float(panel.down(edge))
        panel.drawing.stroke([panel.left, panel.left + panel.width], [y, y], svg.MUTED, 0.8, dash="2.4 1.6")
    f0 = np.where(contour.f0 > 0, contour.f0, np.nan)
    panel.drawing.stroke(panel.across(contour.times), panel.down(f0), svg.INK, 1.5)
