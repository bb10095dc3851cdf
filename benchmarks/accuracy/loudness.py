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
from benchmarks.accuracy.line import Line
from benchmarks.recordings import clips

REACH_LU = 0.1
STANDARD_RATE = 48000
# BS.1770-4, tables 1 and 2: b and a of the shelf and of the high-pass at 48 kHz
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
FREQUENCIES_HZ = (50.0, 100.0, 300.0, 2000.0, 4000.0, 6000.0, 7000.0)
LEVELS_DBFS = (-40.0, -33.0, -23.0, -20.0)
GAINS_DB = (-12.0, -6.0, -3.0, 3.0, 6.0, 12.0)
COLUMNS = ("loudness_lufs",)
MADE = "BS.1770 tones made here, 20 s"


def lines(data: Path, workers: int) -> list[Line]:
    """The largest error over levels, over rates of the file, over frequencies, over gains."""
    speech = clips(data, "ravdess", "emodb")[::20]
    steps = [_gain_error(clip.recording(), db) for clip in speech for db in GAINS_DB]
    gains = [error for error in steps if error is not None]  # the quietest clips, made quieter, are below -70 LUFS
    found: list[tuple[str, float | None, str]] = [
        ("997 Hz tone, -40 to -20 dBFS", max(abs(_read(tone(997.0, db)) - (db - 3.01)) for db in LEVELS_DBFS), MADE),
        ("997 Hz tone from 44.1 and 48 kHz", max(map(_rate_error, (44100, 48000))), MADE),
        ("tones from 50 Hz to 7 kHz", max(map(_curve_error, FREQUENCIES_HZ)), MADE),
        (
            "gain steps of -12 to +12 dB",
            max(gains, default=None),
            f"{len(gains)} steps on {len(speech)} clips of speech",
        ),
    ]
    return [
        Line(f"loudness: {what}", worst, REACH_LU, True, "LU", said, COLUMNS, "energy: lufs")
        for what, worst, said in found
    ]


def _rate_error(rate: int) -> float:
    return abs(_read(resample(tone(997.0, -23.0, rate), rate, RATE)) + 26.01)


def _curve_error(hertz: float) -> float:
    return abs(_read(tone(hertz, -20.0)) - (-23.01 + k_weight(hertz) - k_weight(997.0)))


def tone(hertz: float, dbfs: float, rate: int = RATE, seconds: float = 20.0) -> NDArray[np.float32]:
    """A sine with the peak given."""
    time = np.arange(int(seconds * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def k_weight(hertz: float) -> float:
    """Gain of the standard's K-weighting in dB."""
    stages = (freqz(b, a, [hertz], fs=STANDARD_RATE)[1][0] for b, a in (SHELF, HIGH_PASS))
    return float(sum(20 * np.log10(abs(response)) for response in stages))


def _read(samples: NDArray[np.float32]) -> float:
    """The loudness that the estimator gives; NaN where it says that there is none."""
    return float(lufs.measure(Recording(samples, len(samples) / RATE), {}).values.get("loudness_lufs", np.nan))


def _gain_error(recording: Recording, db: float) -> float | None:
    error = abs(_read(recording.samples * np.float32(10 ** (db / 20))) - _read(recording.samples) - db)
    return None if np.isnan(error) else error
