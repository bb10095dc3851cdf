"""Decode a file once, whole or not at all: every refusal is a reason that ends up in the summary."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from annotate.audio import mpeg
from annotate.audio.recording import RATE, Recording
from annotate.corpora import locator
from annotate.corpora.place import stand_in

SHORTEST_S = 0.1
# an utterance of more is a recording that somebody forgot to cut, and its samples would fill the memory
LONGEST_S = 600.0
MOST_SAMPLES = 100_000_000  # of all channels
UNKNOWN = 1 << 62  # how many frames a decoder gives for a stream that does not say
# ending -> what is to be expected in such a file, as libsndfile names it
HELD = {
    ".wav": ("WAV", "WAVEX", "RF64", "W64"), ".flac": ("FLAC",), ".mp3": ("MP3",), ".ogg": ("OGG",), ".opus": ("OGG",),
    ".aiff": ("AIFF",), ".aif": ("AIFF",), ".au": ("AU",), ".sph": ("NIST",),
}  # fmt: skip
# below half a step of 16 bits there is nothing to measure
SILENCE = 0.5 / 32768
# an offset of so large a part of the sound's power moves levels and is heard as a pitch at the ends
OFFSET = 0.01


class Refused(Exception):
    """The recording is not measured; the message is the reason."""


@dataclass(frozen=True)
class Decoded:
    """A decoded file: the recording, and what there is to say of how it was decoded."""

    recording: Recording
    notes: tuple[str, ...]


def decode(path: Path) -> Decoded:
    """Decode a file to one channel at ``RATE``.

    Channel rule: of several channels the one with the most energy is taken, the first of equals. Nothing
    is summed, so nothing cancels, and a silent channel does not halve the level.

    Raises:
        Refused: absent, empty, not audio, damaged, shorter than 0.1 s or longer than 10 min, or with samples
            that are not numbers.
    """
    samples, rate, kind = read_whole(path)
    notes = []
    if kind not in HELD.get(path.suffix.lower(), (kind,)):
        notes.append(f"audio: the name says {path.suffix[1:]}, the content is {kind}")
    return decode_samples(samples, rate, notes)


def decode_samples(samples: NDArray[np.float32], rate: int, notes: Sequence[str] = ()) -> Decoded:
    """The recording that is measured of samples in memory: one channel at ``RATE``, by the same rules as a file's.

    Args:
        samples: float32, shape (n, channels), full scale is 1.
        rate: their sampling rate, Hz.
        notes: what there is to say of them already.

    ``refuse_unmeasurable`` says what samples can be measured.
    """
    mono, of_channels = one_channel(samples)
    notes = [*of_channels, *notes]
    duration = len(mono) / rate
    offset = float(mono.mean(dtype=np.float64))
    silent = float(np.abs(mono - np.float32(offset)).max()) < SILENCE  # a constant is no sound either
    if silent:
        quiet = float(np.abs(mono).max()) < SILENCE
        kind_of = "digital silence" if quiet else "a constant level and no sound"
        notes.append(f"audio: {kind_of}, nothing to measure")
    elif offset**2 > OFFSET * float(mono.var(dtype=np.float64)):
        mono = mono - np.float32(offset)
        notes.append(f"audio: a constant offset of {offset:.3f} was taken off before measuring")
    if not silent and np.count_nonzero(np.abs(mono) >= 0.999) > 0.01 * len(mono):
        notes.append("audio: clipped, more than 1 % of the samples are at full scale")
    if rate < RATE:
        notes.append(f"audio: {rate} Hz, nothing above {rate // 2} Hz")
    return Decoded(Recording(resample(mono, rate, RATE), duration, silent=silent), tuple(notes))


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


def read_whole(path: Path) -> tuple[NDArray[np.float32], int, str]:
    """All samples of a file as float32, shape (n, channels), its rate and kind; refuses what is not whole."""
    import soundfile

    with refusals(), locator.opened(path) as file:
        _refuse_by_content(file)
        with soundfile.SoundFile(file) as sound:
            expected, rate = sound.frames, sound.samplerate
            if expected >= UNKNOWN:
                raise Refused("a stream: its header does not say how long it is; write it anew, e.g. ffmpeg -i IN OUT")
            most = min(round(LONGEST_S * rate), MOST_SAMPLES // sound.channels)
            samples: NDArray[np.float32] = sound.read(min(expected, most + 1), dtype="float32", always_2d=True)
            if len(samples) > most:
                raise Refused(_long(expected, rate, sound.channels))
            kind = str(sound.format)
    if len(samples) < expected:
        raise Refused(f"truncated: {len(samples) / rate:.2f} s of {expected / rate:.2f} s are there")
    refuse_unmeasurable(samples, rate)
    return samples, rate, kind


def refuse_unmeasurable(samples: NDArray[np.float32], rate: int) -> None:
    """Refuse samples, shape (n, channels), that are too few, too many, or not numbers."""
    if len(samples) < SHORTEST_S * rate:
        raise Refused(f"too short: {len(samples)} samples at {rate} Hz, at least {SHORTEST_S} s are needed")
    if len(samples) > LONGEST_S * rate:
        raise Refused(_long(len(samples), rate, samples.shape[1]))
    if not np.isfinite(samples).all():
        raise Refused("samples that are not numbers (NaN or infinite)")


@contextmanager
def refusals() -> Iterator[None]:
    """Whatever keeps a recording from being read is a reason to refuse it, never the end of a run."""
    import soundfile

    try:
        yield
    except FileNotFoundError:
        raise Refused("missing: there is no such file") from None
    except OSError as error:
        raise Refused(f"unreadable: {error.strerror or error}") from None
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise Refused(f"not audio that can be decoded: {_plain(error)}") from None


def _long(frames: int, rate: int, channels: int) -> str:
    length = f"{frames / rate / 60:.0f} min of {channels} channel{'s' * (channels > 1)} at {rate} Hz"
    return f"too long: {length}, at most {LONGEST_S / 60:.0f} min can be measured: cut it into utterances"


def resample(mono: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Resample one channel (soxr, high quality); the same array where the rates are equal."""
    if rate == to:
        return mono
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(mono, rate, to, quality="HQ")
    return resampled


def _refuse_by_content(file: BinaryIO) -> None:
    head = file.read(256)
    if not head:
        raise Refused("empty: the file has no bytes")
    if refused := stand_in(head):
        raise Refused(refused)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        _refuse_truncated_wav(file, file.seek(0, os.SEEK_END))
    elif head[:3] == b"ID3" or (head[0] == 0xFF and file.seek(0, os.SEEK_END) < MOST_SAMPLES):
        file.seek(0)
        if found := mpeg.damage(file.read()):
            raise Refused(found)
    file.seek(0)


def _refuse_truncated_wav(file: BinaryIO, size: int) -> None:
    """A decoder reads what is there of a cut wav without a word: hold the header against the file."""
    position = 12
    byte_rate = 0
    while position + 8 <= size:
        file.seek(position)
        header = file.read(24)
        name, length = struct.unpack("<4sI", header[:8])
        if name == b"fmt " and len(header) >= 20:
            byte_rate = struct.unpack("<I", header[16:20])[0]
        if name == b"data":
            there = size - position - 8
            # a stream of unknown length writes 0 or the largest number
            if there < length and length < 0xFFFFFF00 and byte_rate:
                raise Refused(f"truncated: {there / byte_rate:.2f} s of {length / byte_rate:.2f} s are there")
            return
        position += 8 + length + (length & 1)
    raise Refused("truncated: the wav header is there, its samples are not")


def _plain(error: Exception) -> str:
    return re.sub(r"^Error (opening|in) .*?: ", "", str(error)).strip().rstrip(".") or type(error).__name__
