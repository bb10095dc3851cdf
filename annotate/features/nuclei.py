"""Syllable nuclei by a small detector of vowels, learned from synthetic speech whose vowels are known.

Two convolutions over a mel spectrogram give a curve that rises over each vowel; its area, in units of one vowel's, is
the number of nuclei. Every coefficient stands in ``nuclei.json`` and comes from the voices of Flite, whose phones
and their times are known exactly (``benchmarks/fit/nuclei.py``). No recording of a person, and so none of the corpora
that the rate is scored on, had a part in it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray

from annotate.audio.recording import RATE
from annotate.features.speaker.mel import mel_filters

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

HOP_S, WINDOW, SIZE = 0.010, 320, 512  # the frames of ``activity``, seen through 20 ms
BANDS, BAND_HZ = 24, (60.0, 7500.0)
RANGE_DB, SPEECH_DB = 55.0, 28.0
VOWEL_FRAMES = 2.0  # standard deviation of the bump that stands for a vowel: 20 ms
VOWEL_AREA = VOWEL_FRAMES * float(np.sqrt(2 * np.pi))


def nuclei(samples: NDArray[np.float32], speech: Mask) -> float:
    """How many vowels are spoken, not rounded; any gain gives the same.

    Args:
        samples: shape (n,) at 16 kHz.
        speech: per frame of 10 ms whether there is speech.
    """
    curve = np.maximum(_curve(spectrogram(samples)), 0.0)
    frames = min(len(curve), len(speech))
    return float(curve[:frames][speech[:frames]].sum()) / VOWEL_AREA


def spectrogram(samples: NDArray[np.float32]) -> Floats:
    """Mel levels in units of 10 dB, each band relative to its mean over the speech: shape (frames, 24)."""
    padded = np.pad(np.asarray(samples, np.float32), (WINDOW // 2, WINDOW))
    hop = round(HOP_S * RATE)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop][: max(1, len(samples) // hop)]
    power = np.square(np.abs(scipy.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32), SIZE, axis=1)))
    mel = power @ mel_filters(SIZE, BANDS, *BAND_HZ).T.astype(np.float32)
    floor = 1e-10 * max(float(mel.max()), 1e-20)
    level, whole = 10 * np.log10(mel + floor), 10 * np.log10(mel.sum(axis=1) + floor)
    level = np.maximum(level, np.percentile(level, 99) - RANGE_DB)
    speech = whole > np.percentile(whole, 95) - SPEECH_DB
    return np.asarray((level - level[speech].mean(axis=0)) / 10, np.float32)


@cache
def _layers() -> tuple[tuple[Floats, Floats], ...]:
    stored = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))["layers"]
    return tuple((np.asarray(layer["weights"], np.float32), np.asarray(layer["bias"], np.float32)) for layer in stored)


def _curve(levels: Floats) -> Floats:
    """The detector's output, shape (frames,)."""
    x = levels
    for number, (weights, bias) in enumerate(_layers()):  # weights: (outputs, inputs, width)
        width = weights.shape[2]
        padded = np.pad(x, ((width // 2, width // 2), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=0)
        x = windows.reshape(len(x), -1) @ weights.reshape(len(weights), -1).T + bias
        if number < len(_layers()) - 1:
            x = np.maximum(x, 0.0)
    return np.asarray(x[:, 0])
