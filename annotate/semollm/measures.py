"""What is measured in a clip without its words, as numbers for the read-outs: pitch, level, time, voice.

The same plug-ins that annotate a corpus, run on the samples alone: a model that was trained on them can be asked
of any recording. There is no speaking rate among them: that from a transcript needs one, and that from the signal
was itself fitted on clips that may be tested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate import registry
from annotate.audio.decode import FAINT
from annotate.audio.recording import RATE, Recording
from annotate.features.feature import SLOT_COLUMNS, Feature
from annotate.features.measure import measure_recording
from annotate.semollm.data import Clip, Corpus
from annotate.store import files

Numbers = NDArray[np.float32]

PLUGINS = {"pitch": "praat", "energy": "lufs", "rate": "signal", "voice": "praat"}
# measurements that are ratios to the ear, or times: on their logarithm
LOGS = ("pitch_median_hz", "pitch_mean_hz", "spoken_s", "duration")
MEASURED = (
    *SLOT_COLUMNS["pitch"],
    *SLOT_COLUMNS["energy"],
    "spoken_s",
    "pause_s",
    "snr_db",
    *SLOT_COLUMNS["voice"],
    "duration",
)
CEPSTRUM = tuple(f"voiced_cepstrum_{number}" for number in range(1, 13))
NAMES = (*MEASURED, *CEPSTRUM)


def measure(samples: NDArray[np.float32]) -> Numbers:
    """The measurements of a clip at 16 kHz, shape (len(NAMES),); NaN where there is nothing to measure."""
    silent = not len(samples) or float(np.abs(samples).max()) < FAINT
    recording = Recording(samples, len(samples) / RATE, silent=silent)
    row = {**measure_recording(recording, PLUGINS), "duration": recording.duration}
    found = [_number(name, row.get(name)) for name in MEASURED]
    return np.asarray([*found, *_cepstrum(recording)], np.float32)


def _features() -> dict[str, Feature]:
    return {slot: registry.load(slot, name) for slot, name in PLUGINS.items()}


def _number(name: str, value: float | None) -> float:
    if value is None or not np.isfinite(value):
        return float("nan")
    return float(np.log(max(value, 1e-3))) if name in LOGS else float(value)


def _cepstrum(recording: Recording) -> Sequence[float]:
    """Cosine coefficients of the mean voiced spectrum, the level left out; they tell the length of the tract."""
    from annotate.features.pitch.praat import track
    from annotate.features.speaker.voice import spectrum

    if recording.silent or not recording.once(track).voiced.any():
        return [float("nan")] * len(CEPSTRUM)
    return [float(value) for value in spectrum(recording)[1:]]


def version() -> str:
    """Names what is measured and by which plug-ins; another version is another folder of the cache."""
    said = [*NAMES, *(f"{slot} {feature.version}" for slot, feature in _features().items())]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def ensure(
    corpus: Corpus, clips: Sequence[Clip], folder: Path, max_s: float, tell: Callable[[int], None]
) -> dict[str, Numbers]:
    """Clip id -> its measurements, kept on disk like the encoder's output and computed where they are lacking."""
    found: dict[str, Numbers] = {}
    place = folder / f"measures-{version()}"
    for clip in clips:
        digest, samples = corpus.audio(clip)
        taken = samples[: round(max_s * RATE)]
        path = place / digest[:2] / f"{digest[:32]}-{len(taken)}.npy"
        found[clip.id] = _kept(path, taken)
        tell(1)
    return found


def _kept(path: Path, samples: NDArray[np.float32]) -> Numbers:
    try:
        held: Numbers = np.load(path)
        if held.shape == (len(NAMES),):
            return held
    except Exception:  # numpy reads the header as a line of Python, and lets through whatever that raises
        pass
    values = measure(samples)
    files.write(path, lambda temporary: _put(temporary, values))
    return values


def _put(path: Path, values: Numbers) -> None:
    with open(path, "wb") as file:
        np.save(file, values)
