"""When somebody speaks: spoken time, inner pauses and signal-to-noise ratio, from energy and voicing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features.level import level_db
from annotate.features.percentile import percentiles
from annotate.features.pitch.praat import track

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

HOP_S, WINDOW_S = 0.010, 0.025
PAUSE_S = 0.200  # a silence inside speech counts as a pause from here on
BURST_S = 0.040  # an unvoiced patch of energy shorter than this is a click
BELOW_SPEECH_DB = 28.0
ABOVE_NOISE_DB = 4.0  # a steady noise's frames spread by 0.3 dB; more margin costs weak ends of speech
VOICED_MARGIN_S = 0.030
AROUND_S, ADDED_BELOW_DB = 0.5, 10.0  # silence beyond so much around the voice, and so much quieter, was added
FEWEST_QUIET = 5  # frames without speech from which a noise level can be told


@dataclass(frozen=True)
class Activity:
    """Speech and pauses of one recording.

    Attributes:
        speech: per frame of 10 ms whether there is speech, frame k centred at (k + 0.5) * 10 ms.
        spoken_s: time spoken; silence before, after, and pauses are not in it.
        pause_s: silences of 200 ms or more between the first and the last speech.
        snr_db: mean power of the speech frames, less that of the others, over that of the others; None
            where there are too few others to compare with.
    """

    speech: Mask
    spoken_s: float
    pause_s: float
    snr_db: float | None


def frame_level_db(recording: Recording) -> Floats:
    """Level of 25 ms around each 10 ms frame's centre, dB re full scale, DC and rumble removed.

    Shape (samples // 160,). The one-pole high-pass at 60 Hz keeps mains hum and DC, which
    no voice can be told from by level, out of the noise floor.
    """
    pole = float(np.exp(-2 * np.pi * 60.0 / RATE))
    x = scipy.signal.lfilter([1.0, -1.0], [1.0, -pole], recording.samples)
    hop, half = round(HOP_S * RATE), round(WINDOW_S * RATE / 2)
    return level_db(x, np.arange(len(x) // hop) * hop + hop // 2, half)


def activity(recording: Recording) -> Activity:
    """Find the speech in a recording, by its energy and its voicing.

    A frame is speech when its level is within 28 dB of the clip's 95th percentile and 4 dB above
    the noise floor (10th percentile), or when it is voiced and not silent. Gaps below 200 ms are
    closed (stop closures are up to 150 ms; 200 ms is the usual least pause: Goldman-Eisler 1968
    used 250 ms, Campione & Veronis 2002 200 ms); bursts under 40 ms that aren't voiced go.

    Every threshold is relative to the clip's own levels, so gain changes nothing. A clip without any voiced
    frame (noise, but a whisper too) has no speech.
    """
    level = recording.once(frame_level_db)
    none = Activity(np.zeros(len(level), bool), 0.0, 0.0, None)
    if not len(level) or level.max() < -90.0:
        return none
    pitch = recording.once(track)
    if not pitch.voiced.any():  # a hiss has a level too: without any voice nothing tells speech from noise
        return none
    recorded = _recorded(level, pitch.times[pitch.voiced])
    loud, floor = percentiles(level[recorded], [95, 10])
    threshold = max(loud - BELOW_SPEECH_DB, min(floor + ABOVE_NOISE_DB, loud - 8.0))
    energetic = level > threshold
    voiced = _mark(pitch.times[pitch.voiced], len(level)) & (level > loud - 45.0)
    if len(energetic) > 2:
        energetic = scipy.ndimage.binary_opening(energetic, np.ones(round(BURST_S / HOP_S)))
    speech: Mask = energetic | voiced
    gap = round(PAUSE_S / HOP_S)
    # closing fills holes shorter than the structuring element; the pad keeps the ends as they are
    speech = scipy.ndimage.binary_closing(np.pad(speech, gap), np.ones(gap))[gap:-gap]
    return _summary(speech, level, recorded, none)


def _recorded(level: Floats, voiced: Floats) -> Mask:
    """Which frames are of the recording: not the silence that was put around it, which no room has.

    Such silence lies far from any voice, and is quieter than what is near the voice ever is. It would move the levels
    that speech is held against.
    """
    first, last = (int(time / HOP_S) for time in (voiced.min(), voiced.max()))
    near = np.zeros(len(level), bool)
    margin = round(AROUND_S / HOP_S)
    near[max(0, first - margin) : last + margin + 1] = True
    return np.asarray(near | (level > percentiles(level[near], [10])[0] - ADDED_BELOW_DB))


def timed(measured: Activity) -> tuple[dict[str, Any], list[str]]:
    """The columns ``spoken_s``, ``pause_s`` and ``snr_db``, and why one of them is null."""
    notes = []
    if not measured.spoken_s:
        notes.append("rate: no voiced speech found")
    elif measured.snr_db is None:
        notes.append("rate: no signal-to-noise ratio, there is hardly a moment without speech")
    return {"spoken_s": measured.spoken_s, "pause_s": measured.pause_s, "snr_db": measured.snr_db}, notes


def _mark(times: Floats, frames: int) -> Mask:
    mask = np.zeros(frames, bool)
    if not len(times) or not frames:
        return mask
    mask[np.clip((times / HOP_S).astype(np.int64), 0, frames - 1)] = True
    dilated: Mask = scipy.ndimage.binary_dilation(mask, np.ones(2 * round(VOICED_MARGIN_S / HOP_S) - 1))
    return dilated


def _summary(speech: Mask, level: Floats, recorded: Mask, none: Activity) -> Activity:
    on = np.flatnonzero(speech)
    if not len(on):
        return none
    inner = ~speech[on[0] : on[-1] + 1]
    power = 10 ** (level / 10)
    snr = None
    quiet = ~speech & recorded
    if quiet.sum() >= FEWEST_QUIET:
        noise = float(power[quiet].mean())
        snr = float(np.clip(10 * np.log10(max(float(power[speech].mean()) - noise, 1e-12) / noise), -10.0, 90.0))
    return Activity(speech, len(on) * HOP_S, float(inner.sum()) * HOP_S, snr)
