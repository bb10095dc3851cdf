"""Voice quality over the voiced parts, how much of the speech is voiced or pause, and how its level changes.

Connected speech gives a higher jitter and a lower HNR than the sustained vowels that published norms are
for: compare clips with each other, not with clinical limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE, Recording
from annotate.features import autocorrelation, contour, praat_objects, spectra
from annotate.features.activity import activity, frame_level_db
from annotate.features.feature import FURTHER_COLUMNS, SLOT_COLUMNS, Feature, Measured
from annotate.features.pitch.praat import WIDE_HZ, WIDE_STEP_S, WIDE_VOICED_ABOVE, Track, track

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
    sound = recording.once(praat_objects.sound)
    first, strength = _at_full_rate(recording, pitch.wide)
    points = call([sound, praat_objects.pitch(first, WIDE_STEP_S)], "To PointProcess (cc)")
    longest = 1.0 / pitch.floor_hz
    measured = {
        "jitter": call(points, "Get jitter (local)", 0, 0, 0.0001, longest, 1.3),
        "shimmer": call([sound, points], "Get shimmer (local)", 0, 0, 0.0001, longest, 1.3, 1.6),
        "hnr_db": hnr_db(strength),
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


def _at_full_rate(recording: Recording, coarse: contour.Contour) -> tuple[contour.Contour, NDArray[np.float64]]:
    """The contour of the first pass from all that was recorded, and the strengths of its voiced frames.

    The pass itself hears what is below 4 kHz, which is enough for a pitch. But noise above is noise too: frames that
    are voiced below and hardly periodic as a whole are unvoiced here.
    """
    centres = np.rint(coarse.times[coarse.voiced] * RATE).astype(np.int64)
    pitches = np.asarray(coarse.f0[coarse.voiced], np.float64)
    exact = autocorrelation.near(recording.samples, RATE, centres, pitches, WIDE_HZ[0])
    periodic = exact.strength > WIDE_VOICED_ABOVE
    f0 = np.zeros(len(coarse.times))
    f0[coarse.voiced] = np.where(periodic, exact.f0, 0.0)
    return contour.Contour(coarse.times, f0), exact.strength[periodic]


def hnr_db(strength: NDArray[np.float64]) -> float | None:
    """Mean over voiced frames of 10 log10(r / (1 - r)), r the normalised autocorrelation at the period.

    Boersma (1993); Praat manual, "Harmonicity". r is kept below 0.99999 (50 dB).
    """
    r = np.minimum(strength, 0.99999)
    return float(np.mean(10 * np.log10(r / (1 - r)))) if len(r) else None


def _of_speech(recording: Recording, pitch: Track) -> dict[str, float | None]:
    """How much of the speech is voiced, and how its level changes."""
    active = recording.once(activity)
    level = recording.once(frame_level_db)
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
    version=f"7 parselmouth {version('praat-parselmouth')}",
    writes=(*COLUMNS, *FURTHER_COLUMNS["voice"]),
    measure=measure,
)
