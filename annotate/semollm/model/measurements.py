"""What is measured in a clip without its words, as numbers for the read-outs: pitch, level, time, voice.

The same plug-ins that annotate a corpus, run on the samples alone: a model that was trained on them can be asked
of any recording. There is no speaking rate among them: that from a transcript needs one, and that from the signal
was itself fitted on clips that may be tested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotate import registry
from annotate.audio.decode import FAINT
from annotate.audio.recording import RATE, Recording
from annotate.features.feature import SLOT_COLUMNS, Feature
from annotate.features.measure import measure_recording

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
    measured = [_number(name, row.get(name)) for name in MEASURED]
    return np.asarray([*measured, *_cepstrum(recording)], np.float32)


def _features() -> dict[str, Feature]:
    return {slot: registry.load(slot, name) for slot, name in PLUGINS.items()}


def _number(name: str, value: float | None) -> float:
    if value is None or not np.isfinite(value):
        return float("nan")
    return float(np.log(max(value, 1e-3))) if name in LOGS else float(value)


def _cepstrum(recording: Recording) -> Sequence[float]:
    """Cosine coefficients of the mean voiced spectrum, the level left out; they tell the length of the tract."""
    from annotate.features.pitch.praat import track
    from annotate.features.speaker.vocal_tract import spectrum

    if recording.silent or not recording.once(track).voiced.any():
        return [float("nan")] * len(CEPSTRUM)
    return [float(value) for value in spectrum(recording)[1:]]


def version() -> str:
    """Names what is measured and by which plug-ins; another version is another folder of the cache."""
    parts = [*NAMES, *(f"{slot} {feature.version}" for slot, feature in _features().items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
