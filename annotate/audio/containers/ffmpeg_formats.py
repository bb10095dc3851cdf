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

from annotate.audio.containers.layout import SLACK_BYTES, Layout
from annotate.audio.refusal import Refused, truncated

EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
CLUSTER = b"\x1f\x43\xb6\x75"
# of a segment (SeekHead, Void, CRC-32, Info, Tracks, Cluster, Cues, Tags, Attachments, Chapters) and of a cluster
# (Timestamp, SimpleBlock, BlockGroup, PrevSize, Position, SilentTracks)
ELEMENTS = frozenset((
    b"\x11\x4d\x9b\x74", b"\xec", b"\xbf", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", CLUSTER, b"\x1c\x53\xbb\x6b",
    b"\x12\x54\xc3\x67", b"\x19\x41\xa4\x69", b"\x10\x43\xa7\x70", b"\xe7", b"\xa3", b"\xa0", b"\xab", b"\xa7",
    b"\x58\x54",
))  # fmt: skip
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
ASF_FILE = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
# bytes of a frame by its type, narrow and wide band
AMR_BYTES = {
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1),
}
AAC_HERTZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350, 0, 0, 0)
AAC_SAMPLES = 1024  # of a block
SECOND = (
    "damaged: a second recording follows in the file, and players read only the first: split the file, or convert it"
)
UNSTATED = "audio: the {} file does not state its length; read to the end"


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
            raise Refused(f"damaged: the MP4 has no valid box from byte {place} of {size} onwards")
        if place + length > size:
            raise truncated(size, place + length, None)
        if name in names and name in (b"ftyp", b"moov"):
            raise Refused(SECOND)
        names.add(name)
        place += length
    if b"moov" not in names:
        raise Refused("truncated: the index of the MP4 (its moov box) is missing")
    return Layout(decoder="av")


def matroska(file: BinaryIO, size: int) -> Layout:
    """WebM and Matroska: the segment's length, where it is known."""
    file.seek(4)
    head, at = file.read(64), 0
    length, at = _number(head, at)
    place = min(size, 4 + at + (length or 0))  # a header of noise may name a place that no file can have
    file.seek(place)
    head = file.read(12)
    if head[:4] != SEGMENT:
        raise Refused("damaged: the Matroska file has no segment after its header")
    length, at = _number(head, 4)
    if length is not None and place + at + length > size:
        raise truncated(size, place + at + length, None)
    _require_elements(file, place + at, size)
    # without a length as browsers write while they record
    return Layout((UNSTATED.format("WebM"),) if length is None else (), decoder="av")


def _require_elements(file: BinaryIO, place: int, size: int) -> None:
    """Elements of a segment and of its clusters must follow one another: players pass over what is broken."""
    while place < size:
        file.seek(place)
        head = file.read(12)
        width = 9 - head[0].bit_length() if head[0] else 9
        if head[:4] == EBML:
            raise Refused(SECOND)
        if head[:width] not in ELEMENTS:
            raise Refused(f"damaged: the WebM has no valid element from byte {place} of {size} onwards")
        length, at = _number(head, width)
        if head[:width] == CLUSTER:  # its blocks are looked at too
            place += at
            continue
        if length is None or place + at + length > size:
            raise Refused("truncated: the last element of the WebM is cut off")
        place += at + length


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
    if size - promised > SLACK_BYTES:
        raise Refused(SECOND)
    return Layout(decoder="av")


def amr(magic: bytes, file: BinaryIO, size: int) -> Layout:
    """AMR: frames of 20 ms, whose first byte says how long they are."""
    file.seek(0)
    content = file.read(1 << 26)
    place = len(magic)
    while place < len(content):
        if content.startswith(magic, place):
            raise Refused(SECOND)
        place += AMR_BYTES[magic][content[place] >> 3 & 15]
    if place > size:
        raise Refused("truncated: the last frame of the AMR file is cut off")
    return Layout((UNSTATED.format("AMR"),), decoder="av")


def adts(file: BinaryIO, size: int) -> Layout:
    """AAC in ADTS frames, each with its length."""
    file.seek(0, os.SEEK_SET)
    content = file.read(1 << 28)
    place = blocks = rate = 0
    while place + 7 <= len(content):
        if content[place] != 0xFF or content[place + 1] & 0xF6 != 0xF0:
            if content.startswith((b"TAG", b"ID3", b"APETAGEX"), place):
                return Layout((UNSTATED.format("AAC"),), decoder="av")
            raise Refused(f"damaged: the AAC has no valid frame from byte {place} of {size} onwards")
        length = (content[place + 3] & 3) << 11 | content[place + 4] << 3 | content[place + 5] >> 5
        if length < 7:
            raise Refused(f"damaged: the AAC has no valid frame from byte {place} of {size} onwards")
        blocks += (content[place + 6] & 3) + 1
        rate = AAC_HERTZ[content[place + 2] >> 2 & 15]
        place += length
    if place != len(content):
        raise Refused("truncated: the last frame of the AAC file is cut off")
    return Layout((UNSTATED.format("AAC"),), decoder="av", seconds=AAC_SAMPLES * blocks / rate if rate else None)
