"""The samples of a file or of a part of one, as they are stored: every refusal is a reason for the summary."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from annotate.audio import ffmpeg
from annotate.audio.containers import examine
from annotate.audio.containers.layout import Layout
from annotate.audio.refusal import Refused
from annotate.corpora import locator
from annotate.corpora.recording_path import stand_in

Samples = NDArray[np.float32]
SHORTEST_S = 0.1
# an utterance of more is a recording that somebody forgot to cut, and its samples would fill the memory
LONGEST_S = 600.0
MOST_SAMPLES = 100_000_000  # of all channels
LOWEST_RATE, HIGHEST_RATE = 4000, 400_000
UNKNOWN = 1 << 62  # how many frames a decoder gives for a stream that does not say
BEYOND_S = 0.1  # a part may end so much behind its recording: tables round
ALREADY_CUT = 0.02  # of its length


@dataclass(frozen=True)
class Sound:
    """What a file, or a part of one, holds.

    Attributes:
        samples: float32, shape (n, channels); of fixed-point formats full scale is 1.
        rate: samples a second.
        kind: the container, as the decoder names it.
        notes: what there is to say of the file.
    """

    samples: Samples
    rate: int
    kind: str
    notes: tuple[str, ...] = ()


def read(path: Path, content: bytes | None = None) -> Sound:
    """Read all samples of a recording, or of the part that its path names (``a.wav#t=1.5,3``).

    Args:
        path: of the file, with the part.
        content: of the whole file, where it has been read already.

    Raises:
        Refused: absent, empty, not audio, damaged, truncated, too short, too long, not numbers, or a part that
            is not there.
    """
    whole, part = locator.part(str(path))
    with refusals():
        sound = _part(Path(whole), *part) if part else _whole(Path(whole), content)
    refuse_unmeasurable(sound.samples, sound.rate)
    return sound


def refuse_unmeasurable(samples: Samples, rate: int) -> None:
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
    except MemoryError:
        raise Refused("too large: it does not fit in memory") from None
    # soundfile raises ValueError and TypeError for some codecs that cannot seek
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        raise Refused(f"not audio that can be decoded: {_plain(error)}") from None


def _whole(path: Path, content: bytes | None = None) -> Sound:
    with io.BytesIO(content) if content is not None else locator.opened(path) as file:
        layout = _examined(file)
        streams = layout.streams or (file,)
        pieces = [_decoded(_file(stream), layout, path) for stream in streams]
    if len(pieces) > 1:
        return _joined(pieces, layout)
    sound = pieces[0]
    expected = layout.frames / sound.rate if layout.frames else layout.seconds
    there = len(sound.samples) / sound.rate
    if expected and there < 0.99 * expected:
        raise Refused(f"damaged: {there:.2f} s of {expected:.2f} s can be decoded")
    if layout.frames and len(sound.samples) > layout.frames:
        return replace(sound, samples=sound.samples[: layout.frames])
    return sound


def _file(stream: bytes | BinaryIO) -> Any:
    return _Seekable(io.BytesIO(stream) if isinstance(stream, bytes) else stream)


class _Seekable(io.RawIOBase):
    """A file for a decoder in C: where a damaged header sends it is no error of Python's, which nobody would catch."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """The new place; the old one where there is no such place."""
        with suppress(OSError, ValueError, OverflowError):
            return self.file.seek(offset, whence)
        return self.file.tell()

    def tell(self) -> int:
        return self.file.tell()

    def readinto(self, buffer: Any) -> int:
        return self.file.readinto(buffer)  # type: ignore[attr-defined, no-any-return]


def _examined(file: BinaryIO) -> Layout:
    head = file.read(256)
    if not head:
        raise Refused("empty: the file has no bytes")
    if refused := stand_in(head):
        raise Refused(refused)
    file.seek(0)
    return examine(file)


def _decoded(file: BinaryIO, layout: Layout, path: Path) -> Sound:
    """One stream of a file; libsndfile reads it, or FFmpeg where libsndfile does not know it."""
    import soundfile

    if layout.decoder != "av":
        try:
            with soundfile.SoundFile(file) as sound:
                return _by_libsndfile(sound, layout)
        except soundfile.LibsndfileError:
            if layout.checked or not ffmpeg.available():
                raise
            file.seek(0)
    samples, rate, kind, notes = ffmpeg.decode(file, LONGEST_S, path.suffix[1:].lower() or "foreign")
    _require_rate(rate)
    unchecked = () if layout.checked else (_unchecked(kind),)
    return Sound(samples, rate, kind, (*layout.notes, *notes, *unchecked))


def _by_libsndfile(sound: Any, layout: Layout) -> Sound:
    expected, rate, channels = sound.frames, sound.samplerate, sound.channels
    _require_rate(rate)
    most = min(round(LONGEST_S * rate), MOST_SAMPLES // channels)
    if most < expected < UNKNOWN:
        raise Refused(_long(expected, rate, channels))
    samples = _read_up_to(sound, most + 1, "int32" if layout.md5 else "float32")
    if len(samples) > most:
        raise Refused(_long(len(samples), rate, channels))
    if expected < UNKNOWN and len(samples) < expected:
        raise Refused(f"truncated: the file contains only {len(samples) / rate:.2f} s of {expected / rate:.2f} s")
    if layout.md5:
        if _md5(samples, layout.bits) != layout.md5:
            raise Refused("damaged: the samples do not match the MD5 sum in the FLAC file")
        samples = np.asarray(samples / np.float64(2**31), np.float32)
    notes = layout.notes if layout.checked else (*layout.notes, _unchecked(sound.format))
    return Sound(samples, rate, str(sound.format), notes)


def _read_up_to(sound: Any, most: int, dtype: str) -> Any:
    """At most so many samples; in pieces where the stream does not say how many there are."""
    if sound.frames < UNKNOWN:
        return sound.read(min(sound.frames, most), dtype=dtype, always_2d=True)
    pieces = []
    left = most
    while left > 0 and len(piece := sound.read(min(left, 1 << 20), dtype=dtype, always_2d=True)):
        pieces.append(piece)
        left -= len(piece)
    return np.concatenate(pieces) if pieces else np.zeros((0, sound.channels), dtype)


def _md5(samples: Any, bits: int) -> bytes:
    """The sum that FLAC's header has: of the samples in whole bytes, little-endian, interleaved."""
    width = (bits + 7) // 8
    whole = (samples >> (32 - bits)).astype("<i4").reshape(-1)
    return hashlib.md5(whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes(), usedforsecurity=False).digest()


def _joined(pieces: list[Sound], layout: Layout) -> Sound:
    """Streams one after another at the rate and with the channels of the first."""
    rate, channels = pieces[0].rate, pieces[0].samples.shape[1]
    made = []
    for piece in pieces:
        samples = piece.samples
        if samples.shape[1] != channels:
            raise Refused(f"joined recordings of {channels} and {samples.shape[1]} channels: rewrite it")
        made.append(samples if piece.rate == rate else _resampled(samples, piece.rate, rate))
    return Sound(np.concatenate(made), rate, pieces[0].kind, layout.notes)


def _resampled(samples: Samples, rate: int, to: int) -> Samples:
    import soxr

    return np.asarray(soxr.resample(samples, rate, to, quality="HQ"), np.float32)


def _part(path: Path, start: float, end: float | None) -> Sound:
    """The part of a recording between two times; only it is decoded where the format can be sought in."""
    inner = locator.parse(str(path))
    stat = Path(inner.file if inner else path).stat()
    version = (str(path), stat.st_size, stat.st_mtime_ns)
    layout = _layout(version)
    if layout.decoder == "av" or (layout.streams and len(layout.streams) > 1):
        return _of_decoded(_kept(version), start, end)
    import soundfile

    with locator.opened(path) as file:
        stream = _file(layout.streams[0]) if layout.streams else file
        with soundfile.SoundFile(stream) as sound:
            _require_rate(sound.samplerate)
            if sound.frames >= UNKNOWN:
                raise Refused("segments of a stream of unstated length: convert it first, e.g. ffmpeg -i IN OUT")
            first, last, notes = _bounds(start, end, sound.frames, sound.samplerate)
            count = last - first
            if count > min(LONGEST_S * sound.samplerate, MOST_SAMPLES // sound.channels):
                raise Refused(_long(count, sound.samplerate, sound.channels))
            sound.seek(first)
            samples = sound.read(count, dtype="float32", always_2d=True)
            if len(samples) < count:
                raise Refused(f"damaged: {len(samples) / sound.samplerate:.2f} s of the part can be decoded")
            return Sound(samples, sound.samplerate, str(sound.format), (*layout.notes, *notes))


# the parts of a recording come one after another: its frames are walked once
@lru_cache(maxsize=2)
def _layout(version: locator.Version) -> Layout:
    with locator.opened(Path(version[0])) as file:
        return _examined(file)


@lru_cache(maxsize=1)
def _kept(version: locator.Version) -> Sound:
    return _whole(Path(version[0]))


def _of_decoded(sound: Sound, start: float, end: float | None) -> Sound:
    first, last, notes = _bounds(start, end, len(sound.samples), sound.rate)
    return Sound(sound.samples[first:last], sound.rate, sound.kind, (*sound.notes, *notes))


def _bounds(start: float, end: float | None, frames: int, rate: int) -> tuple[int, int, tuple[str, ...]]:
    """The samples of a part: from, up to, and what there is to say of it."""
    length = frames / rate
    stop = length if end is None else end
    named = f"{start:.2f} to {stop:.2f} s"
    if stop > length + BEYOND_S and abs((stop - start) - length) <= ALREADY_CUT * length:
        return 0, frames, (f"audio: as long as the segment from {named}, so taken as already cut to it",)
    if start >= length or stop > length + BEYOND_S:
        raise Refused(f"the segment from {named} extends beyond the end of the recording at {length:.2f} s")
    return round(start * rate), min(frames, round(stop * rate)), ()


def _require_rate(rate: int) -> None:
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise Refused(f"a sampling rate of {rate} Hz: expected {LOWEST_RATE} to {HIGHEST_RATE}")


def _unchecked(kind: str) -> str:
    return f"audio: the {kind} file does not show whether it is complete"


def _long(frames: int, rate: int, channels: int) -> str:
    length = f"{frames / rate / 60:.0f} min of {channels} channel{'s' * (channels > 1)} at {rate} Hz"
    return f"too long: {length}, at most {LONGEST_S / 60:.0f} min can be measured: cut it into utterances"


def _plain(error: BaseException) -> str:
    return re.sub(r"^Error (opening|in) .*?: ", "", str(error)).strip().rstrip(".") or type(error).__name__
