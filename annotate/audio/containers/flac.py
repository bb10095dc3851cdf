"""FLAC (RFC 9639): its own MD5 sum of the samples, and streams that were joined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from annotate.audio.containers.layout import TO_THE_END, Layout
from annotate.audio.refusal import Refused

START = b"fLaC"
BLOCKS = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608}  # samples of a frame by code; from 8 on 256 and its doubles
# of a stream: the marker, and the header of the block STREAMINFO (34 bytes), which comes first
JOINED = (START + b"\x00\x00\x00\x22", START + b"\x80\x00\x00\x22")


def examine(content: bytes) -> Layout:
    """The layout of a FLAC file; several that were joined are decoded one after another."""
    starts = sorted({0, *(at for marker in JOINED for at in _places(content, marker))})
    if len(starts) > 1:
        streams = tuple(content[a:b] for a, b in zip(starts, [*starts[1:], len(content)], strict=True))
        return Layout((f"audio: {len(streams)} FLAC recordings joined in one file, read one after another",), streams)
    if len(content) < 42:
        raise Refused("truncated: the file has a flac header but no samples")
    info = int.from_bytes(content[18:26], "big")
    bits, total = (info >> 36 & 31) + 1, info & (1 << 36) - 1
    md5 = content[26:42]
    known = md5 if any(md5) else None
    if total:
        return Layout(md5=known, bits=bits)
    total = _count(content)
    if not total:
        raise Refused("truncated: the last frame of the FLAC is cut off")
    # libsndfile cannot read one that does not say
    whole = (info | total).to_bytes(8, "big")
    return Layout((TO_THE_END,), (content[:18] + whole + content[26:],), md5=known, bits=bits)


def _count(content: bytes) -> int:
    """Samples up to the end of the last frame; 0 where what ends the file is no whole frame."""
    block = int.from_bytes(content[10:12], "big")  # the largest, which is every frame's but the last one's
    for place in _backwards(content):
        header = _header(content[place : place + 16])
        if header and checksum(content[place:], 16, 0x8005) == 0:
            number, length, by_frames = header
            return number * (block if by_frames else 1) + length
    return 0


def _backwards(content: bytes) -> Iterator[int]:
    """Places of what may be a frame's first two bytes, from the end on, as far as the longest frame may reach."""
    longest = int.from_bytes(content[15:18], "big") or 1 << 20
    at = len(content)
    while (at := content.rfind(b"\xff", max(42, len(content) - longest), at)) >= 0:
        if content[at + 1 : at + 2] in (b"\xf8", b"\xf9"):
            yield at


def _header(head: bytes) -> tuple[int, int, bool] | None:
    """Number of the frame (or of its first sample), samples in it, and which of both; None where it is no header."""
    by_frames, code = head[1] == 0xF8, head[2] >> 4 if len(head) > 4 else 0
    if not code:
        return None
    lead = head[4]
    more = 0 if lead < 0x80 else max(0, 7 - (lead ^ 0xFF).bit_length())
    at = 5 + more
    number = lead if not more else lead & (1 << (6 - more)) - 1
    for byte in head[5:at]:
        number = number << 6 | byte & 0x3F
    at += (wide := {6: 1, 7: 2}.get(code, 0))
    length = int.from_bytes(head[at - wide : at], "big") + 1 if wide else BLOCKS.get(code, 256 << (code - 8) % 8)
    at += {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    return (number, length, by_frames) if checksum(head[: at + 1], 8, 0x07) == 0 else None


def checksum(content: bytes, bits: int, polynomial: int) -> int:
    """FLAC's CRC of bytes; 0 where their own checksum is the end of them."""
    table = _table(bits, polynomial)
    mask, value = (1 << bits) - 1, 0
    for byte in content:
        value = (value << 8 & mask) ^ table[(value >> (bits - 8)) ^ byte]
    return value


@cache
def _table(bits: int, polynomial: int) -> tuple[int, ...]:
    table = []
    for value in range(256):
        value <<= bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (bits - 1) else 0)
            value &= (1 << bits) - 1
        table.append(value)
    return tuple(table)


def _places(content: bytes, marker: bytes) -> list[int]:
    places, at = [], content.find(marker)
    while at >= 0:
        places.append(at)
        at = content.find(marker, at + 1)
    return places
