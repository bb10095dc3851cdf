"""Containers that FFmpeg reads (PyAV) and libsndfile does not: MP4 and 3GP, Matroska and WebM, ASF, AMR, ADTS.

Only what tells a cut file is looked at. Sources: ISO/IEC 14496-12 (boxes); RFC 8794 and 9559 (EBML, Matroska);
Microsoft, "Advanced Systems Format Specification", 3.2; RFC 4867, 5 (AMR); ISO/IEC 13818-7, 6.2 (ADTS).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from annotate.audio.containers.layout import Layout
from annotate.audio.refusal import Refused, truncated

EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
ASF_FILE = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
# bytes of a frame by its type, narrow and wide band
AMR_BYTES = {
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1),
}
UNSTATED = "audio: a {} file does not say how long it is, read to its end"


def examiner(head: bytes) -> Callable[[BinaryIO, int], Layout] | None:
    """Who looks at a file that begins so; None where it is none of these."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"):
        return boxes
    if head[:4] == EBML:
        return matroska
    if head[:8] == ASF:
        return asf
    magic = next((magic for magic in AMR_BYTES if head.startswith(magic)), None)
    if magic:
        return partial(amr, magic)
    if len(head) > 6 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return adts
    return None


def boxes(file: BinaryIO, size: int) -> Layout:
    """MP4, M4A, 3GP, MOV: boxes with their lengths."""
    place, names = 0, set()
    while place + 8 <= size:
        file.seek(place)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0]
        if length == 0:
            length = size - place
        if length < 8:
            raise Refused(f"damaged: what should be a box of the MP4 is none, from byte {place} of {size} on")
        if place + length > size:
            raise truncated(size, place + length, None)
        names.add(name)
        place += length
    if b"moov" not in names:
        raise Refused("truncated: the index of the MP4 (its moov box) is not there")
    return Layout(decoder="av")


def matroska(file: BinaryIO, size: int) -> Layout:
    """WebM and Matroska: the segment's length, where it is known."""
    file.seek(4)
    head, at = file.read(64), 0
    length, at = _number(head, at)
    place = 4 + at + (length or 0)
    file.seek(place)
    head = file.read(12)
    if head[:4] != SEGMENT:
        raise Refused("damaged: the Matroska file has no segment behind its header")
    length, at = _number(head, 4)
    if length is None:  # as browsers write while they record
        return Layout((UNSTATED.format("WebM"),), decoder="av")
    if place + at + length > size:
        raise truncated(size, place + at + length, None)
    return Layout(decoder="av")


def _number(content: bytes, at: int) -> tuple[int | None, int]:
    """A length of EBML and the place behind it; None for "unknown"."""
    width = 9 - content[at].bit_length() if at < len(content) and content[at] else 9
    if width > 8:
        raise Refused("damaged: the Matroska header cannot be read")
    value = int.from_bytes(content[at : at + width], "big") & (1 << 7 * width) - 1
    return (None if value == (1 << 7 * width) - 1 else value), at + width


def asf(file: BinaryIO, size: int) -> Layout:
    """WMA: the size of the file as its own header says."""
    file.seek(0)
    head = file.read(8192)
    at = head.find(ASF_FILE)
    if at < 0 or at + 48 > len(head):
        raise Refused("damaged: the WMA file has no properties in its header")
    promised = struct.unpack("<Q", head[at + 40 : at + 48])[0]
    if not promised:
        return Layout((UNSTATED.format("WMA"),), decoder="av")
    if promised > size:
        raise truncated(size, promised, None)
    return Layout(decoder="av")


def amr(magic: bytes, file: BinaryIO, size: int) -> Layout:
    """AMR: frames of 20 ms, whose first byte says how long they are."""
    file.seek(0)
    content = file.read(1 << 26)
    place = len(magic)
    while place < len(content):
        place += AMR_BYTES[magic][content[place] >> 3 & 15]
    if place > size:
        raise Refused("truncated: the last frame of the AMR file is cut off")
    return Layout((UNSTATED.format("AMR"),), decoder="av")


def adts(file: BinaryIO, size: int) -> Layout:
    """AAC in ADTS frames, each with its length."""
    file.seek(0, os.SEEK_SET)
    content = file.read(1 << 28)
    place = 0
    while place + 7 <= len(content):
        if content[place] != 0xFF or content[place + 1] & 0xF6 != 0xF0:
            if content.startswith((b"TAG", b"ID3", b"APETAGEX"), place):
                return Layout((UNSTATED.format("AAC"),), decoder="av")
            raise Refused(f"damaged: what should be a frame of the AAC is none, from byte {place} of {size} on")
        length = (content[place + 3] & 3) << 11 | content[place + 4] << 3 | content[place + 5] >> 5
        if length < 7:
            raise Refused(f"damaged: what should be a frame of the AAC is none, from byte {place} of {size} on")
        place += length
    if place != len(content):
        raise Refused("truncated: the last frame of the AAC file is cut off")
    return Layout((UNSTATED.format("AAC"),), decoder="av")
