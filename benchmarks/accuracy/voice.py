"""Voice quality, pauses and signal-to-noise ratio against sounds whose values are known; no human truth was at hand.

Voice quality: pulse trains at 120 Hz through three formants, each period and each amplitude drawn around its mean, so
that jitter and shimmer are known from what was drawn (the definitions of Praat's "local" measures), and white noise at
a known ratio for the HNR. Pauses, time spoken and SNR: eSpeak NG's phrases (``spoken``), clean and with noise.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from annotate import espeak_ng
from annotate.audio import disturb
from annotate.audio.recording import RATE, Recording
from annotate.features.activity import Activity, activity
from annotate.features.voice import praat
from benchmarks.accuracy import spoken
from benchmarks.accuracy.line import Line

PERIODS, F0_HZ, LEAD_S = 400, 120.0, 0.05
FORMANTS = ((500.0, 80.0), (1500.0, 120.0), (2500.0, 160.0))  # Hz, bandwidth
JITTERS, SHIMMERS, HNRS_DB, SNRS_DB = (0.005, 0.01, 0.02), (0.03, 0.05, 0.08), (20.0, 15.0, 10.0), (30.0, 20.0, 10.0)
MADE = "pulse trains with known periods, made here"
SPOKEN = ("spoken_s", "pause_s", "snr_db")


def lines(data: Path, workers: int) -> list[Line]:
    """Mean absolute errors, in the measurement's own unit or as part of the truth."""
    return [*_quality(), *_activity()]


def _quality() -> list[Line]:
    jitter, shimmer = [], []
    for seed, spread in enumerate(JITTERS):
        sound, truth, _ = pulses(jitter=spread, seed=seed)
        jitter.append(abs(_measured(sound)["jitter"] / truth - 1))
    for seed, spread in enumerate(SHIMMERS):
        sound, _, truth = pulses(shimmer=spread, seed=seed)
        shimmer.append(abs(_measured(sound)["shimmer"] / truth - 1))
    clean, _, _ = pulses()
    hnr = [abs(_measured(_noisy(clean, ratio, int(ratio)))["hnr_db"] - ratio) for ratio in HNRS_DB]
    found = (
        ("jitter: mean error, 0.6 to 2.3 %", 100 * np.mean(jitter), "%", "jitter"),
        ("shimmer: mean error, 3 to 9 %", 100 * np.mean(shimmer), "%", "shimmer"),
        ("HNR: mean error, 10 to 20 dB", np.mean(hnr), "dB", "hnr_db"),
    )
    return [Line(what, float(v), None, True, unit, MADE, (column,), "voice: praat") for what, v, unit, column in found]


def pulses(jitter: float = 0.0, shimmer: float = 0.0, seed: int = 0) -> tuple[NDArray[np.float64], float, float]:
    """A pulse train through formants, and the local jitter and shimmer of what was drawn for it.

    Args:
        jitter: standard deviation of a period, as a part of it.
        shimmer: the same of an amplitude.
        seed: of the draw.
    """
    dice = np.random.default_rng(seed)
    periods = (1 + jitter * dice.standard_normal(PERIODS)) / F0_HZ
    heights = 1 + shimmer * dice.standard_normal(PERIODS)
    times = np.cumsum(periods) + LEAD_S
    sound, around = np.zeros(int((times[-1] + 2 * LEAD_S) * RATE)), np.arange(-16, 17)
    for time, height in zip(times, heights, strict=True):
        place = around + round(time * RATE)
        sound[place] += height * np.sinc((place / RATE - time) * RATE / 2) * np.hanning(len(around))
    for hertz, width in FORMANTS:
        radius = np.exp(-np.pi * width / RATE)
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2], sound)
    return 0.5 * sound / np.abs(sound).max(), _local(periods), _local(heights)


def _local(values: NDArray[np.float64]) -> float:
    return float(np.abs(np.diff(values)).mean() / values.mean())


def _noisy(sound: NDArray[np.float64], ratio_db: float, seed: int) -> NDArray[np.float64]:
    inside = sound[int(2 * LEAD_S * RATE) : -int(3 * LEAD_S * RATE)]
    spread = np.sqrt(np.mean(inside**2) * 10 ** (-ratio_db / 10))
    return sound + spread * np.random.default_rng(seed).standard_normal(len(sound))


def _measured(sound: NDArray[np.float64]) -> dict[str, float]:
    return dict(praat.measure(Recording(sound.astype(np.float32), len(sound) / RATE), {}).values)


def _activity() -> list[Line]:
    if not espeak_ng.available():
        return [Line("time spoken, pauses, SNR", None, note="the extra espeak is not installed")]
    made = list(spoken.recordings())
    note = f"{len(made)} recordings of eSpeak NG, times known"
    found = []
    for name in ("", "noise 20 dB"):
        heard = [activity(disturb.disturbed(one.recording, name) if name else one.recording) for one in made]
        told = [(one.spoken_s, one.pause_s) for one in made]
        off = np.abs(
            [(got.spoken_s / spoke - 1, got.pause_s - paused) for got, (spoke, paused) in zip(heard, told, strict=True)]
        )
        said = f", {name}" if name else ""
        found += [
            Line(
                f"time spoken: mean error{said}",
                100 * off[:, 0].mean(),
                None,
                True,
                "%",
                note,
                SPOKEN[:1],
                "rate: transcript",
            ),
            Line(f"pauses: mean error{said}", off[:, 1].mean(), None, True, "s", note, SPOKEN[1:2], "rate: transcript"),
        ]
    off_db = [abs(got - ratio) for ratio in SNRS_DB for one in made if (got := _noised(one, ratio).snr_db) is not None]
    what = "SNR: mean error, 10 to 30 dB"
    return [*found, Line(what, float(np.mean(off_db)), None, True, "dB", note, SPOKEN[2:], "rate: transcript")]


def _noised(one: spoken.Spoken, ratio_db: float) -> Activity:
    noisy = disturb.noise(one.recording.samples, ratio_db)
    return activity(Recording(noisy, one.recording.duration))
