"""A network that tells men's voices from women's, learned from thousands of speakers of French radio and television.

Doukhan, Carrive, Vallet, Larcher and Meignier (2018), "An open-source speaker gender detection framework for
monitoring gender equality", ICASSP. The weights (MIT) are read from the installed package ``inaSpeechSegmenter`` and
from nowhere else; nothing of its code runs, so that neither TensorFlow nor FFmpeg is needed.
``pip install --no-deps inaSpeechSegmenter==0.6.8`` brings them, and ``pip install h5py`` what reads them.
"""

from __future__ import annotations

from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from annotate.audio.recording import RATE, Recording
from annotate.errors import SemoError
from annotate.features.activity import activity

Floats = NDArray[np.float32]
FILE = "keras_male_female_cnn.hdf5"
WINDOW, HOP, SIZE, EMPHASIS = 400, 160, 512, 0.97
BANDS, BAND_HZ = 24, (100.0, 8000.0)
PATCH, STEP = 68, 20  # frames of 10 ms: what the network sees at once, and how far it moves on
SUREST = 8.0  # log odds: beyond this a patch says no more
POOLS = {1: (1, 2), 3: (2, 2), 4: (28, 1)}  # after which convolution, over how many frames and bands
EPSILON = 1e-3  # of Keras's batch normalisation


def available() -> bool:
    """Whether the package that carries the weights is installed, and the one that reads them."""
    return _file() is not None and util.find_spec("h5py") is not None


def log_odds(recording: Recording) -> NDArray[np.float64]:
    """Mean log odds of a man's voice over the patches of 0.7 s that are mostly speech: shape (1,)."""
    levels = _spectrogram(recording.samples)
    starts = np.arange(0, len(levels) - PATCH + 1, STEP)
    frames = starts[:, None] + np.arange(PATCH)
    speech = recording.once(activity).speech
    speech = np.pad(speech, (0, max(0, len(levels) - len(speech))))[: len(levels)]
    spoken = speech[frames].mean(axis=1)
    chosen = frames[spoken >= min(0.5, spoken.max())]
    patches = levels[chosen]
    mean, spread = patches.mean(axis=(1, 2), keepdims=True), patches.std(axis=(1, 2), keepdims=True)
    odds = _network(((patches - mean) / (spread + 1e-9)).astype(np.float32))
    return np.array([np.clip(odds, -SUREST, SUREST).mean()])


def _spectrogram(samples: Floats) -> NDArray[np.float64]:
    """Natural logarithm of 24 mel bands every 10 ms, as the network was fed: shape (frames, 24), at least a patch."""
    padded = np.pad(np.asarray(samples, np.float64), (0, max(0, WINDOW - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    power = np.square(np.abs(rfft((frames - EMPHASIS * before) * np.hanning(WINDOW), SIZE, axis=1)))
    levels = np.log(power @ _filters().T + 1e-12)
    short = max(0, PATCH - len(levels))
    return np.pad(levels, ((0, short), (0, 0)), constant_values=float(levels.min()))


@cache
def _filters() -> NDArray[np.float64]:
    """Triangles of equal area on the mel scale of O'Shaughnessy: shape (24, 257).

    As in SIDEKIT, which the network was trained with: a falling edge ends one bin early.
    """
    low, high = 2595 * np.log10(1 + np.array(BAND_HZ) / 700)
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    bins, ends = np.arange(SIZE // 2 + 1), np.floor(edges * SIZE / RATE)[:, None]
    hertz = bins * RATE / SIZE
    up = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    rising, falling = (bins > ends[:-2]) & (bins <= ends[1:-1]), (bins > ends[1:-1]) & (bins < ends[2:])
    height = (2 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray((np.where(rising, up, 0) + np.where(falling, down, 0)) * height)


def _network(x: Floats) -> Floats:
    """Patches of shape (n, 68, 24) -> log odds, (n,)."""
    layers = _layers()
    x = x[..., None]
    for number in range(5):
        kernel, bias = layers[f"conv2d_{number + 1}"]
        windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
        windows = np.moveaxis(windows, 3, 5).reshape(*windows.shape[:3], -1)
        x = np.maximum(windows @ kernel.reshape(-1, kernel.shape[3]) + bias, 0)
        x = _pooled(x, *POOLS.get(number, (1, 1)))
    x = x.reshape(len(x), -1)
    for number in range(1, 5):
        kernel, bias = layers[f"dense_{number}"]
        x = np.maximum(x @ kernel + bias, 0)
    kernel, bias = layers["dense_5"]
    women, men = (x @ kernel + bias).T
    return np.asarray(men - women)


def _pooled(x: Floats, high: int, wide: int) -> Floats:
    count, rows, columns, channels = x.shape
    x = x[:, : rows // high * high, : columns // wide * wide]
    return np.asarray(x.reshape(count, rows // high, high, columns // wide, wide, channels).max(axis=(2, 4)))


@cache
def _layers() -> dict[str, tuple[Floats, Floats]]:
    """Kernel and bias by layer, each batch normalisation folded into the layer before it."""
    file = _file()
    if file is None or util.find_spec("h5py") is None:
        raise SemoError(
            "features.gender=ensemble needs weights and a package that reads them: "
            "pip install h5py, and pip install --no-deps inaSpeechSegmenter==0.6.8"
        )
    import h5py

    with h5py.File(file) as stored:
        arrays: dict[str, dict[str, Any]] = {}
        stored["model_weights"].visititems(lambda name, item: _collect(arrays, name, item))
    layers = {}
    normalised = [*(f"conv2d_{n}" for n in range(1, 6)), *(f"dense_{n}" for n in range(1, 5))]
    for number, name in enumerate(normalised, start=1):
        layer, norm = arrays[name], arrays[f"batch_normalization_{number}"]
        gain = norm["gamma"] / np.sqrt(norm["moving_variance"] + EPSILON)
        layers[name] = (layer["kernel"] * gain, (layer["bias"] - norm["moving_mean"]) * gain + norm["beta"])
    return {**layers, "dense_5": (arrays["dense_5"]["kernel"], arrays["dense_5"]["bias"])}


def _collect(arrays: dict[str, dict[str, Any]], name: str, item: Any) -> None:
    if hasattr(item, "shape"):
        arrays.setdefault(name.split("/")[0], {})[name.rsplit("/", 1)[1].split(":")[0]] = np.asarray(item, np.float32)


def _file() -> Path | None:
    spec = util.find_spec("inaSpeechSegmenter")
    if spec is None or not spec.submodule_search_locations:
        return None
    file = Path(spec.submodule_search_locations[0]) / FILE
    return file if file.is_file() else None
