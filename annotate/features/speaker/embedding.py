"""A speaker embedding by Resemblyzer's encoder, run in NumPy, so that nothing needs torch.

Wan, Wang, Papir and Lopez Moreno (2018), "Generalized end-to-end loss for speaker verification". The weights
(Apache 2.0) are read from the installed package ``Resemblyzer`` and from nowhere else; nothing of its code runs.
``pip install --no-deps Resemblyzer==0.1.4`` brings them.
"""

from __future__ import annotations

from functools import cache
from importlib import util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.special import expit

from annotate.audio.recording import Recording
from annotate.errors import SemoError
from annotate.features.speaker.mel import mel_filters
from annotate.features.speaker.weights import read_state

Floats = NDArray[np.float32]
SIZE = 256


def available() -> bool:
    """Whether the package that carries the weights is installed."""
    return util.find_spec("resemblyzer") is not None


@cache
def _weights() -> dict[str, Floats]:
    spec = util.find_spec("resemblyzer")
    if spec is None or not spec.submodule_search_locations:
        raise SemoError(
            "features.gender=encoder and ensemble need weights: pip install --no-deps Resemblyzer==0.1.4 installs them"
        )
    state = read_state(Path(spec.submodule_search_locations[0]) / "pretrained.pt")
    return {name: value.astype(np.float32) for name, value in state.items()}


def embedding(recording: Recording) -> Floats:
    """Speaker embedding of unit length, shape (256,): Resemblyzer's encoder.

    40 mel bands (power, no logarithm), 25 ms windows every 10 ms, level raised to -30 dBFS, quiet
    frames dropped; windows of 1.6 s every 0.8 s through three LSTM layers at once; their last
    states through a linear layer and ReLU, each of unit length, averaged. The only loop is the
    LSTM's own, 160 steps whatever the number of windows.
    """
    x = recording.samples
    level = 10 * np.log10(float(np.mean(np.square(x, dtype=np.float64))) + 1e-12)
    x = x * np.float32(10 ** (max(0.0, -30 - level) / 20))
    padded = np.pad(x, (200, 200 + 400))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][: 1 + len(x) // 160]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)).astype(np.float32)
    power = np.square(np.abs(rfft(frames * window, axis=1))).astype(np.float32)
    mel = power @ mel_filters(400, 40, 0.0, 8000.0).T.astype(np.float32)
    energy = np.convolve(mel.sum(1), np.ones(9) / 9, "same")
    mel = mel[energy > energy.max() * 10**-3.5]
    mel = np.pad(mel, ((0, max(0, 160 - len(mel))), (0, 0)), mode="wrap")
    count = int(np.ceil((len(mel) - 160) / 80)) + 1
    starts = np.minimum(80 * np.arange(count), len(mel) - 160)
    states = _lstm(mel[starts[:, None] + np.arange(160)])
    weights = _weights()
    out = np.maximum(states @ weights["linear.weight"].T + weights["linear.bias"], 0)
    mean = (out / np.linalg.norm(out, axis=1, keepdims=True)).mean(0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def _lstm(x: Floats) -> Floats:
    """(windows, steps, 40) -> last hidden state of the third layer, (windows, 256). Gates i f g o."""
    weights = _weights()
    for layer in range(3):
        inputs = (
            x @ weights[f"lstm.weight_ih_l{layer}"].T
            + weights[f"lstm.bias_ih_l{layer}"]
            + weights[f"lstm.bias_hh_l{layer}"]
        )
        recurrent = np.ascontiguousarray(weights[f"lstm.weight_hh_l{layer}"].T)
        h = c = np.zeros((len(x), recurrent.shape[0]), np.float32)
        out = np.empty((*x.shape[:2], recurrent.shape[0]), np.float32)
        for step in range(x.shape[1]):
            i, f, g, o = np.split(inputs[:, step] + h @ recurrent, 4, axis=1)
            c = expit(f) * c + expit(i) * np.tanh(g)
            out[:, step] = h = expit(o) * np.tanh(c)
        x = out
    return x[:, -1]
