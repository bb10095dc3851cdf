"""Decode a recording once, whole or not at all: every refusal is a reason that ends up in the summary."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.audio import sound
from annotate.audio.recording import RATE, Recording
from annotate.audio.refusal import Refused
from annotate.audio.sound import refuse_unmeasurable

__all__ = ["Decoded", "Mono", "Refused", "decode", "decode_samples", "mono", "one_channel", "refuse_unmeasurable"]

# ending -> what is to be expected in such a file, as its decoder names it
HELD = {
    ".wav": ("WAV", "WAVEX", "RF64", "W64"), ".wave": ("WAV", "WAVEX", "RF64"), ".rf64": ("RF64",), ".w64": ("W64",),
    ".flac": ("FLAC",), ".mp3": ("MP3",), ".ogg": ("OGG",), ".oga": ("OGG",), ".opus": ("OGG",),
    ".aiff": ("AIFF",), ".aif": ("AIFF",), ".aifc": ("AIFF",), ".au": ("AU",), ".snd": ("AU",), ".sph": ("NIST",),
    ".caf": ("CAF",),
}  # fmt: skip
# below half a step of 16 bits there is nothing; below eight steps rounding is a tenth of the sound and more
SILENCE = 0.5 / 32768
FAINT = 8 / 32768
# an offset of so large a part of the sound's power moves levels and is heard as a pitch at the ends
OFFSET = 0.01
# lossy codecs overshoot a little; what is beyond is no overshoot (1 dB)
OVERSHOOT = 1.12
LARGEST_FLOAT = 512.0  # a float peak above this is that of integers
INTEGERS = (2.0**15, 2.0**23, 2.0**31)
USUAL_RATES = frozenset((
    8000, 10000, 11025, 12000, 16000, 18900, 20000, 22050, 24000, 25000, 32000, 37800, 44056, 44100, 47250, 48000,
    50000, 50400, 64000, 88200, 96000, 100000, 176400, 192000, 352800, 384000,
))  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """A decoded file.

    Attributes:
        recording: at the one rate.
        notes: what there is to say of how it was decoded.
        digest: of the channel at the file's own rate; another recording has another one.
        clipped: more than 1 % of the samples are at full scale.
    """

    recording: Recording
    notes: tuple[str, ...]
    digest: str = ""
    clipped: bool = False

    @property
    def flaw(self) -> str | None:
        """``silent``, ``clipped`` or None."""
        return "silent" if self.recording.silent else "clipped" if self.clipped else None


@dataclass(frozen=True)
class Mono:
    """The channel of a file that is measured and published, at the file's own rate.

    Attributes:
        samples: float32, shape (n,), within full scale.
        rate: samples a second.
        kind: the container, as the decoder names it.
        notes: what there is to say of it.
        as_stored: whether the file's samples are these very ones: one channel, nothing scaled, nothing mended.
    """

    samples: NDArray[np.float32]
    rate: int
    kind: str
    notes: tuple[str, ...]
    as_stored: bool

    @property
    def digest(self) -> str:
        """A digest of the samples and their rate."""
        return digest_of(self.samples, self.rate)


def decode(path: Path) -> Decoded:
    """Decode a file, or the part of one that the path names, to one channel at ``RATE``.

    Channel rule: of several channels the one with the most energy is taken, the first of equals. Nothing
    is summed, so nothing cancels, and a silent channel does not halve the level.

    Raises:
        Refused: absent, empty, not audio, damaged, shorter than 0.1 s or longer than 10 min, or with samples
            that are not numbers.
    """
    stored = sound.read(path)
    notes = list(stored.notes)
    if stored.kind not in HELD.get(_ending(path), (stored.kind,)):
        notes.append(f"audio: the name says {_ending(path)[1:]}, the content is {stored.kind}")
    return decode_samples(stored.samples, stored.rate, notes)


def decode_samples(stored: NDArray[np.float32], rate: int, notes: Sequence[str] = ()) -> Decoded:
    """The recording that is measured of samples in memory: one channel at ``RATE``, by the same rules as a file's.

    Args:
        stored: float32, shape (n, channels), full scale is 1.
        rate: their sampling rate, Hz.
        notes: what there is to say of them already.

    ``refuse_unmeasurable`` says what samples can be measured.
    """
    samples, of_channels = one_channel(stored)
    samples, of_scale = within_full_scale(samples)
    digest = digest_of(samples, rate)
    notes = [*of_channels, *notes, *of_scale]
    whole = len(samples) / rate
    offset = float(samples.mean(dtype=np.float64))
    loudest = float(np.abs(samples - np.float32(offset)).max())
    silent = loudest < FAINT  # a constant is no sound either
    if silent:
        notes.append(f"audio: {_why_silent(samples, loudest)}")
    elif offset**2 > OFFSET * float(samples.var(dtype=np.float64)):
        samples = samples - np.float32(offset)
        notes.append(f"audio: a constant offset of {offset:.3f} was removed before measuring")
    clipped = not silent and bool(np.count_nonzero(np.abs(samples) >= 0.999) > 0.01 * len(samples))
    if clipped:
        notes.append("audio: clipped, more than 1 % of the samples are at full scale")
    if rate < RATE:
        notes.append(f"audio: {rate} Hz, nothing above {rate // 2} Hz")
    if rate not in USUAL_RATES:
        notes.append(f"audio: {rate} Hz is an unusual sampling rate; if the header is wrong, so are pitch and time")
    return Decoded(Recording(resample(samples, rate, RATE), whole, silent=silent), tuple(notes), digest, clipped)


def digest_of(samples: NDArray[np.float32], rate: int) -> str:
    """A digest of one channel, shape (n,), and its rate."""
    digest = hashlib.blake2b(np.ascontiguousarray(samples).view(np.uint8).data, digest_size=16)
    digest.update(str(rate).encode())
    return digest.hexdigest()


def mono(path: Path, content: bytes | None = None) -> Mono:
    """The channel that is measured and published.

    Args:
        path: the recording, or a part of one.
        content: of the file, where it has been read already.

    Raises:
        Refused: as ``decode``.
    """
    stored = sound.read(path, content)
    samples, chosen = one_channel(stored.samples)
    samples, scaled = within_full_scale(samples)
    changed = bool(stored.notes or chosen or scaled)
    return Mono(samples, stored.rate, stored.kind, (*stored.notes, *chosen, *scaled), not changed)


def _ending(path: Path) -> str:
    from annotate.corpora import locator

    return Path(locator.part(str(path))[0]).suffix.lower()


def _why_silent(samples: NDArray[np.float32], loudest: float) -> str:
    if loudest >= SILENCE:
        return f"too faint to measure: the peak is {loudest:.1e} of full scale (8 steps of 16 bits are needed)"
    quiet = float(np.abs(samples).max()) < SILENCE
    kind_of = "digital silence" if quiet else "a constant level and no sound"
    return f"{kind_of}, nothing to measure"


def one_channel(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], list[str]]:
    """The channel that the rule of ``decode`` chooses, shape (n,), and a note where there was a choice.

    Args:
        samples: shape (n, channels).
    """
    channels = samples.shape[1]
    if channels == 1:
        return np.ascontiguousarray(samples[:, 0]), []
    energy = samples.var(axis=0, dtype=np.float64)  # about the mean: a constant offset is no sound
    # nearly equal channels count as equal, so that rounding in a codec does not choose
    chosen = int(np.flatnonzero(energy >= 0.999 * energy.max())[0])
    note = f"audio: {channels} channels, channel {chosen + 1} used, the one with the most energy"
    return np.ascontiguousarray(samples[:, chosen]), [note]


def within_full_scale(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], list[str]]:
    """Samples of a float file brought within full scale, as they can be published, and a note where that is much.

    Up to 1 dB over is clipped, as any player does; what is more is divided by a power of two.

    Raises:
        Refused: larger than any integers.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    if peak <= OVERSHOOT:
        return (samples if peak <= 1 else np.clip(samples, -1.0, 1.0)), []
    if peak > INTEGERS[-1]:
        raise Refused(f"samples up to {peak:.2g}, where full scale is 1: not a recording")
    if peak <= LARGEST_FLOAT:
        by, of = float(2.0 ** np.ceil(np.log2(peak))), "so its level is not the file's"
    else:
        by = next(full for full in INTEGERS if peak <= full)
        of = f"as integers of {int(np.log2(by)) + 1} bits are"
    note = f"audio: samples up to {peak:.6g}, beyond full scale: divided by {by:.0f} here and in the data set, {of}"
    return np.asarray(samples / np.float32(by), np.float32), [note]


def resample(mono: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Resample one channel (soxr, high quality); the same array where the rates are equal."""
    if rate == to:
        return mono
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(mono, rate, to, quality="HQ")
    return resampled
