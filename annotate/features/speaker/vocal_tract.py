"""What tells a man's voice from a woman's in one utterance: pitch, formants, the voiced spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from parselmouth.praat import call
from scipy.fft import dct, rfft

from annotate.audio.recording import RATE, Recording
from annotate.features.pitch.praat import track
from annotate.features.praat_objects import sound
from annotate.features.speaker.mel import mel_filters

Floats = NDArray[np.float64]
FORMANT_CEILING_HZ = 5000.0  # Praat advises 5000 for men and 5500 for women; one for all, since none is told


def tract(recording: Recording) -> Floats:
    """Log of median F0 and of the medians of F1-F4 over voiced frames: shape (5,).

    Formants: Praat manual, "Sound: To Formant (burg)...", 5 formants up to 5000 Hz, 25 ms, 10 ms.
    F3 and F4 follow the length of the vocal tract more than the vowel (Fant 1960).
    """
    pitch = recording.once(track)
    formants = recording.once(sound).to_formant_burg(
        time_step=0.010, max_number_of_formants=5, maximum_formant=FORMANT_CEILING_HZ, window_length=0.025
    )
    voiced = pitch.times[pitch.voiced]
    at = np.unique(np.clip(np.rint((voiced - formants.x1) / formants.dx).astype(int), 0, formants.nx - 1))
    values = np.stack([call(formants, "To Matrix", k).values[0][at] for k in (1, 2, 3, 4)])
    values[values <= 0] = np.nan  # Praat found fewer formants in that frame
    usual = np.array([500.0, 1500.0, 2500.0, 3500.0])
    medians = np.array([np.nanmedian(v) if np.isfinite(v).any() else u for v, u in zip(values, usual, strict=True)])
    return np.asarray(np.log(np.concatenate([[np.median(pitch.f0[pitch.voiced])], medians])))


def spectrum(recording: Recording) -> Floats:
    """Log median F0 and 12 cosine coefficients of the mean voiced log mel spectrum: shape (13,).

    32 mel bands from 80 to 7600 Hz, 32 ms Hann windows on every second voiced frame. Coefficient
    0, the level, is left out, so gain doesn't count.
    """
    pitch, samples = recording.once(track), recording.samples
    starts = (pitch.times[pitch.voiced][::2] * RATE).astype(np.int64) - 256
    starts = np.clip(starts, 0, max(0, len(samples) - 512))
    frames = samples.astype(np.float64)[np.minimum(starts[:, None] + np.arange(512), len(samples) - 1)] * np.hanning(
        512
    )
    power = np.square(np.abs(rfft(frames, axis=1)))
    mean = np.mean(10 * np.log10(power @ mel_filters(512, 32, 80.0, 7600.0).T + 1e-9), axis=0)
    return np.concatenate([[np.log(np.median(pitch.f0[pitch.voiced]))], dct(mean, norm="ortho")[1:13]])
