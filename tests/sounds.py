"""Recordings in every format that is read, as bytes; what PyAV says of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]
# name of a format -> ending, and what libsndfile calls it
BY_LIBSNDFILE = {
    "wav": (".wav", "WAV", "PCM_16"), "wav float": (".wav", "WAV", "FLOAT"), "wav 24": (".wav", "WAV", "PCM_24"),
    "wavex": (".wav", "WAVEX", "PCM_16"), "wav ulaw": (".wav", "WAV", "ULAW"),
    "wav adpcm": (".wav", "WAV", "IMA_ADPCM"),
    "rf64": (".rf64", "RF64", "PCM_16"), "w64": (".w64", "W64", "PCM_16"), "aiff": (".aiff", "AIFF", "PCM_16"),
    "aifc ulaw": (".aifc", "AIFF", "ULAW"), "au": (".au", "AU", "PCM_16"), "snd ulaw": (".snd", "AU", "ULAW"),
    "sph": (".sph", "NIST", "PCM_16"), "caf": (".caf", "CAF", "PCM_16"), "caf alac": (".caf", "CAF", "ALAC_16"),
    "flac": (".flac", "FLAC", "PCM_16"), "flac 24": (".flac", "FLAC", "PCM_24"), "ogg": (".ogg", "OGG", "VORBIS"),
    "oga": (".oga", "OGG", "VORBIS"), "opus": (".opus", "OGG", "OPUS"), "mp3": (".mp3", "MP3", "MPEG_LAYER_III"),
}  # fmt: skip
# name of a format -> ending, FFmpeg's container, its codec and the rate that the codec wants
BY_FFMPEG = {
    "m4a": (".m4a", "ipod", "aac", 0), "mp4": (".m4a", "mp4", "aac", 0), "3gp": (".3gp", "3gp", "aac", 0),
    "aac": (".aac", "adts", "aac", 0), "webm": (".webm", "webm", "libopus", 48000),
    "mka": (".mka", "matroska", "pcm_s16le", 0),    "wma": (".wma", "asf", "wmav2", 44100),
}  # fmt: skip
FORMATS = (*BY_LIBSNDFILE, *BY_FFMPEG)


def ending(name: str) -> str:
    """The ending of a format's files."""
    return {**BY_LIBSNDFILE, **BY_FFMPEG}[name][0]


def encoded(name: str, samples: Samples, rate: int) -> bytes:
    """A recording in a format; skips where what writes it is not installed."""
    if name in BY_LIBSNDFILE:
        _, kind, subtype = BY_LIBSNDFILE[name]
        held = io.BytesIO()
        soundfile.write(held, samples, rate, format=kind, subtype=subtype)
        return held.getvalue()
    av = pytest.importorskip("av")
    _, container, codec, wanted = BY_FFMPEG[name]
    held = io.BytesIO()
    try:
        with av.open(held, "w", format=container) as output:
            stream = output.add_stream(codec, rate=wanted or rate, layout="mono")
            stream.bit_rate = 64000
            resampler = av.AudioResampler(format=stream.format, layout="mono", rate=wanted or rate)
            frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="flt", layout="mono")
            frame.rate = rate
            fifo = av.AudioFifo()
            for same in resampler.resample(frame) + resampler.resample(None):
                same.pts = None
                fifo.write(same)
            size = stream.codec_context.frame_size or 1024
            while (piece := fifo.read(size, partial=True)) is not None:
                piece.pts = None
                output.mux(stream.encode(piece))
            output.mux(stream.encode(None))
    except (av.error.FFmpegError, ValueError) as error:
        pytest.skip(f"this FFmpeg does not write {name}: {error}")
    return held.getvalue()


def seconds_by_ffmpeg(content: bytes) -> float:
    """How many seconds FFmpeg decodes, damaged packets passed over."""
    av = pytest.importorskip("av")
    total, rate = 0, 1
    with av.open(io.BytesIO(content)) as container:
        for packet in container.demux(audio=0):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                total, rate = total + frame.samples, frame.sample_rate
    return total / rate


def mp3_frames(content: bytes) -> tuple[list[bytes], int]:
    """The frames of an MP3 without tags, its Xing frame first; and the samples of each."""
    from annotate.audio.containers import mpeg

    frames, _ = mpeg.all_frames(content)
    return [content[one.place : one.place + one.length] for one in frames], frames[0].samples


Harm = Callable[[bytes], bytes]


def cut(share: float) -> Harm:
    return lambda content: content[: int(share * len(content))]


def patched(content: bytes, at: int, value: Any, width: int = 4, order: str = "little") -> bytes:
    """The content with a number written over it."""
    made = bytearray(content)
    made[at : at + width] = int(value).to_bytes(width, order)  # type: ignore[arg-type]
    return bytes(made)
