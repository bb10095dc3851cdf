"""Voice quality over the voiced parts, how much of the speech is voiced or pause, and how its level changes.

Connected speech gives a higher jitter and a lower HNR than the sustained vowels that published norms are
for: compare clips with each other, not with clinical limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from annotate.audio.recording import Recording
from annotate.features import spectra
from annotate.features.activity import activity, frame_level_db
from annotate.features.feature import FURTHER_COLUMNS, SLOT_COLUMNS, Feature, Measured
from annotate.features.pitch.praat import Track, track

COLUMNS = SLOT_COLUMNS["voice"]
FEWEST_VOICED = 10  # frames of 5 ms
FEWEST_SPEECH = 9  # frames of 10 ms: three for each third


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """All of them; null where there is too little voice.

    jitter: Praat manual, "PointProcess: Get jitter (local)...", shortest period 0.1 ms, longest that of the
    pitch floor, maximum period factor 1.3. shimmer: "PointProcess & Sound: Get shimmer (local)...", maximum
    amplitude factor 1.6. Periods: "Sound & Pitch: To PointProcess (cc)".
    """
    from parselmouth.praat import call

    pitch = recording.once(track)
    if np.count_nonzero(pitch.voiced) < FEWEST_VOICED or pitch.wide is None:
        return Measured({}, ["voice: no voiced speech found"])
    points = call([pitch.sound, pitch.wide], "To PointProcess (cc)")
    longest = 1.0 / pitch.floor_hz
    measured = {
        "jitter": call(points, "Get jitter (local)", 0, 0, 0.0001, longest, 1.3),
        "shimmer": call([pitch.sound, points], "Get shimmer (local)", 0, 0, 0.0001, longest, 1.3, 1.6),
        "hnr_db": hnr_db(pitch),
        **_of_spectra(recording, pitch),
        **_of_speech(recording, pitch),
    }
    values = {name: float(value) for name, value in measured.items() if value is not None and np.isfinite(value)}
    missing = [name for name in measured if name not in values]
    return Measured(values, [f"voice: too few periods for {', '.join(missing)}"] if missing else [])


def _of_spectra(recording: Recording, pitch: Track) -> dict[str, float | None]:
    measured = spectra.spectra(recording.samples, pitch.times[pitch.voiced], pitch.f0[pitch.voiced])
    if measured is None:
        return dict.fromkeys(("tilt_db", "h1_h2_db", "spectral_flux"))
    return {
        "tilt_db": spectra.tilt_db(measured),
        "h1_h2_db": spectra.h1_h2_db(measured),
        "spectral_flux": spectra.flux(measured),
    }


def hnr_db(pitch: Track) -> float | None:
    """Mean over voiced frames of 10 log10(r / (1 - r)), r the normalised autocorrelation at the period.

    Boersma (1993); Praat manual, "Harmonicity". r comes from the first pass with the octave cost in it, which
    lowers it by less than 0.035, and is kept below 0.99999 (50 dB).
    """
    path = pitch.wide.selected_array
    voiced = path["frequency"] > 0
    if not voiced.any():
        return None
    r = np.clip(path["strength"][voiced], 1e-5, 0.99999)
    return float(np.mean(10 * np.log10(r / (1 - r))))


def _of_speech(recording: Recording, pitch: Track) -> dict[str, float | None]:
    """How much of the speech is voiced, and how its level changes."""
    active = recording.once(activity)
    level = frame_level_db(recording.samples)
    speech = np.flatnonzero(active.speech[: len(level)])
    if not active.spoken_s or len(speech) < FEWEST_SPEECH:
        return dict.fromkeys(("voiced_share", "pause_share", "level_change_db"))
    place = (speech - speech[0]) / (speech[-1] - speech[0] + 1)
    first, last = level[speech[place < 1 / 3]], level[speech[place >= 2 / 3]]
    change = float(last.mean() - first.mean()) if len(first) and len(last) else None
    step = float(pitch.times[1] - pitch.times[0])
    return {
        "voiced_share": min(1.0, np.count_nonzero(pitch.voiced) * step / active.spoken_s),
        "pause_share": active.pause_s / (active.pause_s + active.spoken_s),
        "level_change_db": change,
    }


plugin = Feature(
    version=f"5 parselmouth {version('praat-parselmouth')}",
    writes=(*COLUMNS, *FURTHER_COLUMNS["voice"]),
    measure=measure,
)
