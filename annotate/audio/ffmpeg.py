"""Decoding through FFmpeg (PyAV, the extra ``av``): what phones and browsers record and libsndfile does not read."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from annotate.audio.refusal import Refused

Decoding = tuple[NDArray[np.float32], int, str, tuple[str, ...]]
NEEDED = "{} recordings need PyAV: pip install 'semo-annotate[av]', or convert this one, e.g. ffmpeg -i IN OUT.wav"
# lengths in these headers are exact to a packet
STATED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "asf")
MISSING_S, MISSING_FRAMES = 0.02, 2  # a codec's delay and the last, shorter frame


def available() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


def decode(file: BinaryIO, longest_s: float, name: str) -> Decoding:
    """The first audio stream of a file: samples, shape (n, channels), its rate, the container's name, and notes.

    Args:
        file: opened at its beginning.
        longest_s: no more than a little beyond this is decoded.
        name: of the format, for the refusal where PyAV is not installed.

    Raises:
        Refused: PyAV is not installed, or the file cannot be decoded whole.
    """
    if not available():
        raise Refused(NEEDED.format(name))
    import av

    try:
        with av.open(file, mode="r", **_lenient(av.__version__)) as container:
            if not container.streams.audio:
                raise Refused("no sound: the file contains no audio stream")
            stream = container.streams.audio[0]
            rate = int(stream.rate or 0)
            frame_s = (stream.codec_context.frame_size or 1024) / max(1, rate)
            samples, lasting = _samples(container, stream, round(longest_s * rate) + rate)
            stated = container.duration / 1e6 if container.duration and container.format.name in STATED else None
            kind = str(container.format.name)
    # a damaged header makes streams that lack what every stream has
    except (av.error.FFmpegError, ValueError, EOFError, AttributeError, TypeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Refused(f"not audio that can be decoded: {reason}") from None
    there = len(samples) / rate if rate else 0.0
    if stated and there < min(stated, longest_s) - MISSING_S - MISSING_FRAMES * frame_s:
        raise Refused(f"truncated: the file contains only {there:.2f} s of {stated:.2f} s")
    notes: tuple[str, ...] = ()
    if abs(lasting - there) > MISSING_S + MISSING_FRAMES * frame_s:
        notes = (f"audio: packets that last {lasting:.2f} s hold {there:.2f} s of sound: some are missing or repeated",)
    return samples, rate, kind, notes


def _lenient(version: str) -> dict[str, Any]:
    """The option by which titles that are no UTF-8 do not stop decoding; PyAV 19 ignores them without one."""
    return {"metadata_errors": "ignore"} if int(version.split(".")[0]) < 19 else {}


def _samples(container: Any, stream: Any, most: int) -> tuple[NDArray[np.float32], float]:
    """The samples, and the seconds from the first to the last as the file's own clock has them."""
    import av

    resampler = av.AudioResampler(format="flt", layout=stream.layout, rate=stream.rate)
    pieces: list[NDArray[np.float32]] = []
    total, first, last = 0, None, 0.0
    for packet in container.demux(stream):
        for frame in packet.decode():
            if frame.time is not None:
                first = frame.time if first is None else first
                last = frame.time + frame.samples / frame.sample_rate
            for same in resampler.resample(frame):  # the same rate: only another form of samples
                piece = same.to_ndarray().reshape(-1, len(stream.layout.channels))
                pieces.append(piece.astype(np.float32, copy=False))
                total += len(piece)
        if total > most:
            break
    if not pieces:
        raise Refused("no sound: the audio stream is empty")
    return np.concatenate(pieces), total / stream.rate if first is None else last - first
