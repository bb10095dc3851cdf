"""Loudness against the tones of ITU-R BS.1770-4 and against known gains.

A sine of 997 Hz at 0 dBFS in one channel reads -3.01 LKFS (BS.1770-4, annex 1). Other frequencies read that plus
the difference of the K-weighting's gain, which is computed here from the coefficients that the standard prints for
48 kHz. The tones are made here; ``DATA`` gives speech for the gain steps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import freqz

from annotate.audio.decode import resample
from annotate.audio.recording import RATE, Recording
from annotate.features.energy import lufs
from benchmarks.recordings import clips
from benchmarks.table import Line

REACH_LU = 0.1
STANDARD_RATE = 48000
# BS.1770-4, tables 1 and 2: b and a of the shelf and of the high-pass at 48 kHz
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
FREQUENCIES_HZ = (50.0, 100.0, 300.0, 2000.0, 4000.0, 6000.0, 7000.0)
LEVELS_DBFS = (-40.0, -33.0, -23.0, -20.0)
GAINS_DB = (-12.0, -6.0, -3.0, 3.0, 6.0)
TOLD = {"tells": ("loudness_lufs",), "estimator": "energy: lufs", "digits": 3}


def lines(data: Path, workers: int) -> list[Line]:
    """The largest error over levels, over rates of the file, over frequencies, and over gains."""
    level = max(abs(_read(tone(997.0, db)) - (db - 3.01)) for db in LEVELS_DBFS)
    rates = max(abs(_read(resample(tone(997.0, -23.0, rate), rate, RATE)) + 26.01) for rate in (44100, 48000))
    curve = max(
        abs(_read(tone(hertz, -20.0)) - (-23.01 + k_weight(hertz) - k_weight(997.0))) for hertz in FREQUENCIES_HZ
    )
    speech = clips(data, "ravdess", "emodb")[::40]
    gains = [_gain_error(clip.recording(), db) for clip in speech for db in GAINS_DB]
    most = max(gains) if gains else None
    return [
        Line("loudness: 997 Hz tone, -40 to -20 dBFS", level, "LU", REACH_LU, data="BS.1770 tones made here", **TOLD),  # type: ignore[arg-type]
        Line("loudness: the same from 44.1 and 48 kHz", rates, "LU", REACH_LU, data="resampled to 16 kHz", **TOLD),  # type: ignore[arg-type]
        Line(
            "loudness: tones from 50 Hz to 7 kHz", curve, "LU", REACH_LU, data="against the standard's filter", **TOLD
        ),  # type: ignore[arg-type]
        Line(
            "loudness: gain steps of -12 to +6 dB", most, "LU", REACH_LU, data=f"{len(speech)} clips of speech", **TOLD
        ),  # type: ignore[arg-type]
    ]


def tone(hertz: float, dbfs: float, rate: int = RATE, seconds: float = 20.0) -> NDArray[np.float32]:
    """A sine with the peak given."""
    time = np.arange(int(seconds * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def k_weight(hertz: float) -> float:
    """Gain of the standard's K-weighting in dB."""
    stages = (freqz(b, a, [hertz], fs=STANDARD_RATE)[1][0] for b, a in (SHELF, HIGH_PASS))
    return float(sum(20 * np.log10(abs(response)) for response in stages))


def _read(samples: NDArray[np.float32]) -> float:
    return float(lufs.measure(Recording(samples, len(samples) / RATE), {}).values["loudness_lufs"])


def _gain_error(recording: Recording, db: float) -> float:
    changed = (recording.samples * np.float32(10 ** (db / 20))).astype(np.float32)
    return abs(_read(changed) - _read(recording.samples) - db)
