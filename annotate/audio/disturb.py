"""Disturbances that change no word of what is said: file formats, gain, noise. Samples in, samples out.

The accuracy bench and the sureness of a word ask the same question with them: is the word still the same? Each is a
pure function of the samples, so a clip gives the same disturbed clip wherever and however often it is asked.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from annotate.audio.decode import resample
from annotate.audio.recording import RATE, Recording

Samples = NDArray[np.float32]
STUDIO_RATE = 48000
# libsndfile maps 0 to 1 onto LAME's range of rates for MPEG-2, 160 down to 8 kbit/s: this is 64
MP3_64K = (160 - 64) / (160 - 8)
FRAME = RATE // 50
ACTIVE_MARGIN_DB = 15.9  # ITU-T P.56: speech is active down to this much below its active level


def wav(samples: Samples, rate: int = RATE) -> Samples:
    """Resampled to ``rate``, stored as 16-bit wav, read and resampled back to ``RATE``; shape (n,) stays."""
    stored = _stored(resample(samples, RATE, rate), rate, format="WAV", subtype="PCM_16")
    return _fitted(resample(stored, rate, RATE), len(samples))


def flac(samples: Samples) -> Samples:
    """Stored as 16-bit FLAC and read."""
    return _fitted(_stored(samples, RATE, format="FLAC", subtype="PCM_16"), len(samples))


def mp3(samples: Samples) -> Samples:
    """Stored as MP3 at a constant 64 kbit/s (LAME, one channel) and read, the codec's delay taken off."""
    stored = _stored(
        samples, RATE, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=MP3_64K
    )
    return _fitted(stored, len(samples))


def gain(samples: Samples, db: float) -> Samples:
    """Louder or quieter by ``db``; nothing is clipped, as nothing is in a float file."""
    return np.asarray(samples * np.float32(10 ** (db / 20)), np.float32)


def noise(samples: Samples, snr_db: float = 20.0, seed: int = 0) -> Samples:
    """White Gaussian noise added, ``snr_db`` below the active speech level; another seed is another noise.

    The level is that of the speech, not of the clip, so that silence around it does not soften the noise.
    """
    dice = np.random.default_rng([seed, zlib.crc32(np.ascontiguousarray(samples).tobytes())])
    spread = np.sqrt(active_power(samples) * 10 ** (-snr_db / 10))
    return np.asarray(samples + spread * dice.standard_normal(len(samples)), np.float32)


def active_power(samples: Samples) -> float:
    """Mean power of the active speech: of the 20 ms frames within 15.9 dB of that mean (after ITU-T P.56)."""
    whole = np.square(samples[: len(samples) // FRAME * FRAME], dtype=np.float64).reshape(-1, FRAME).mean(axis=1)
    if not len(whole) or not whole.any():
        return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    power = float(whole.mean())
    for _ in range(20):  # settles after three or four
        new = float(whole[whole >= power * 10 ** (-ACTIVE_MARGIN_DB / 10)].mean())
        if np.isclose(new, power, rtol=1e-6):
            break
        power = new
    return power


DISTURBANCES: Mapping[str, Callable[[Samples], Samples]] = {
    "wav 16 kHz": wav,
    "wav 48 kHz": partial(wav, rate=STUDIO_RATE),
    "FLAC": flac,
    "MP3 64 kbit/s": mp3,
    "+6 dB": partial(gain, db=6.0),
    "-6 dB": partial(gain, db=-6.0),
    "noise 20 dB": noise,
}


def silence(samples: Samples, seconds: float = 1.5, below_db: float = 65.0, seed: int = 1) -> Samples:
    """Silence before and after, as an editor puts it there: noise ``below_db`` below the active speech level.

    Shape (n,) to (n + 2 * seconds * RATE,).
    """
    dice = np.random.default_rng([seed, zlib.crc32(np.ascontiguousarray(samples).tobytes())])
    spread = np.sqrt(active_power(samples) * 10 ** (-below_db / 10))
    around = (spread * dice.standard_normal((2, round(seconds * RATE)))).astype(np.float32)
    return np.concatenate([around[0], samples, around[1]])


def faint(samples: Samples, db: float = -40.0) -> Samples:
    """Quieter by 40 dB and stored in 16 bits: the steps are a noise then."""
    stored = np.round(gain(samples, db) * 32768) / 32768
    return np.asarray(gain(stored.astype(np.float32), -db), np.float32)


def room(samples: Samples, decay_s: float = 0.4, direct_db: float = 3.0, seed: int = 2) -> Samples:
    """Heard in a room: noise that falls by 60 dB in ``decay_s``, its power ``direct_db`` below the direct sound's.

    Polack's model of a late reverberation (Polack 1988, "La transmission de l'énergie sonore dans les salles"); shape
    (n,) stays, what rings on behind the end is cut.
    """
    from scipy.signal import fftconvolve

    dice = np.random.default_rng(seed)
    time = np.arange(round(decay_s * RATE)) / RATE
    tail = dice.standard_normal(len(time)) * 10 ** (-3 * time / decay_s)
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.square(tail).sum())
    tail[0] += 1.0
    return np.asarray(fftconvolve(samples, tail)[: len(samples)], np.float32)


# what a corpus's makers do to whole recordings; these may move the time axis and the level
FURTHER: Mapping[str, Callable[[Samples], Samples]] = {
    "silence 1.5 s": silence,
    "-40 dB in 16 bits": faint,
    "cut off at 4 kHz": partial(wav, rate=8000),
    "room 0.4 s": room,
}


def disturbed(recording: Recording, name: str) -> Recording:
    """The recording under one of ``DISTURBANCES`` or ``FURTHER``; nothing computed of the clean one is kept."""
    samples = {**DISTURBANCES, **FURTHER}[name](recording.samples)
    return Recording(samples, recording.duration + (len(samples) - len(recording.samples)) / RATE, recording.silent)


def _stored(samples: Samples, rate: int, **settings: object) -> Samples:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, rate, **settings)
    file.seek(0)
    stored: Samples = soundfile.read(file, dtype="float32")[0]
    return stored


def _fitted(samples: Samples, length: int) -> Samples:
    """Exactly ``length`` samples: a codec or a resampler may give a few more or fewer at the end."""
    return np.ascontiguousarray(np.pad(samples[:length], (0, max(0, length - len(samples)))))
