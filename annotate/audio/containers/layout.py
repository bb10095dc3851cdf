"""What is known of a recording's file before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.audio.refusal import Refused, seconds_or_bytes, truncated

# sizes that a writer leaves in the header when it cannot go back to it: SoX 0x7ffff000, others 0xffffffff, 0x7fffffff,
# 0x80000000 ...; a gigabyte is more than can be measured anyway
PLACEHOLDER_BYTES = 1 << 30
ROUND_BYTES = 1 << 24
TO_THE_END = "audio: the header does not state the recording's length (a pipe or a stream); read to the end of the file"
# what may follow the samples and holds no sound
TRAILERS = (b"TAG", b"ID3", b"APETAGEX", b"LYRICSBEGIN")
SLACK_S, SLACK_BYTES = 0.02, 512


@dataclass(frozen=True)
class Layout:
    """How a file is to be decoded.

    Attributes:
        notes: what there is to say of it.
        streams: files to decode one after another in place of this one: links of a chain, a mended header.
        frames: samples per channel that there are: decoding must give them, and what it gives more is none of them;
            None where only the decoder knows.
        seconds: the same in time, where the decoder's rate may be another one.
        md5: of the samples as integers of ``bits``, little-endian, interleaved.
        decoder: the library that reads it.
        checked: whether the file was held against its header.
    """

    notes: tuple[str, ...] = ()
    streams: tuple[bytes, ...] | None = None
    frames: int | None = None
    seconds: float | None = None
    md5: bytes | None = None
    bits: int = 0
    decoder: str = "soundfile"
    checked: bool = True


def is_placeholder(length: int) -> bool:
    """Whether a size in a header stands for "unknown"."""
    rounded = any((length + less) & 0xFFFF == 0 for less in (0, 1, 8, 36, 44))
    return length >= PLACEHOLDER_BYTES or (length >= ROUND_BYTES and rounded)


def require_sized(promised: int, there: int, following: int, per_second: float | None) -> None:
    """Hold the bytes of samples that a header promises against the file.

    Args:
        promised: bytes, as the header says.
        there: bytes from where the samples begin to the file's end.
        following: of them those behind the promised ones that belong to nothing the container knows.
        per_second: bytes of a second, None where that is not fixed.

    Raises:
        Refused: fewer are there, or so many follow that the header cannot be right.
    """
    if there < promised:
        raise truncated(there, promised, per_second)
    if following > max(SLACK_BYTES, SLACK_S * (per_second or 0), 0.01 * promised):
        promise = seconds_or_bytes(promised, per_second)
        raise Refused(f"damaged: the header promises {promise}, but {seconds_or_bytes(following, per_second)} follow")


def trailing(content: bytes) -> int:
    """How many of the bytes behind the samples are no tag and no padding."""
    if content.startswith(TRAILERS):
        return 0
    return len(content.rstrip(b"\0"))
