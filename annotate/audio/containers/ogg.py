"""Ogg (RFC 3533): pages with their order and checksum, an end mark, and chains of streams.

A decoder passes over damaged pages, stops where a cut file stops, and of a chain libsndfile reads the first link.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from annotate.audio.containers.layout import TRAILERS, Layout
from annotate.audio.refusal import Refused

BEGINS, ENDS = 2, 4
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
NO_END = "audio: the Ogg stream has no end mark; it may be cut off"


@dataclass
class Link:
    """One logical stream of a chain.

    Attributes:
        start, end: where its pages lie in the file.
        serial: its number.
        pages: how many there are.
        ended: whether the last one says that it is the last.
    """

    start: int
    serial: int
    end: int = 0
    pages: int = 0
    ended: bool = False


def examine(content: bytes) -> Layout:
    """The layout of an Ogg file: each link of a chain is decoded on its own."""
    links: list[Link] = []
    place = 0
    while place < len(content):
        length = _page(content, place)
        if length:
            _take(links, content, place, length)
            place += length
            continue
        rest = content[place:]
        if rest.startswith(TRAILERS) or not rest.strip(b"\0"):
            break
        if rest.startswith(b"OggS") or b"OggS".startswith(rest[:4]):
            raise Refused("truncated: the last page of the Ogg stream is cut off")
        raise Refused(f"damaged: the Ogg stream has no valid page at byte {place} of {len(content)}")
    notes = (NO_END,) if not all(link.ended for link in links) else ()
    if len(links) == 1:
        return Layout(notes)
    joined = f"audio: {len(links)} Ogg streams joined in one file, read one after another"
    return Layout((joined, *notes), tuple(content[link.start : link.end] for link in links))


def _page(content: bytes, place: int) -> int:
    """Bytes of the page at a place; 0 where none begins there or it is not whole."""
    if content[place : place + 4] != b"OggS" or place + 27 > len(content):
        return 0
    segments = content[place + 26]
    table = content[place + 27 : place + 27 + segments]
    length = 27 + segments + sum(table)
    return length if len(table) == segments and place + length <= len(content) else 0


def _take(links: list[Link], content: bytes, place: int, length: int) -> None:
    page = content[place : place + length]
    if checksum(page) != page[22:26]:
        raise Refused(
            f"damaged: a page of the Ogg stream does not match its checksum, at byte {place} of {len(content)}"
        )
    kind, _, serial, number = struct.unpack("<BqII", page[5:22])
    if kind & BEGINS:
        if links and not links[-1].ended and links[-1].pages <= 1:
            raise Refused("several Ogg streams at once: extract the sound first, e.g. ffmpeg -i IN -vn OUT.wav")
        links.append(Link(place, serial))
    if not links or links[-1].serial != serial:
        raise Refused("damaged: a page of the Ogg stream belongs to another stream")
    link = links[-1]
    if number != link.pages:
        raise Refused(f"damaged: {abs(number - link.pages)} pages of the Ogg stream are missing")
    link.pages, link.end, link.ended = number + 1, place + length, bool(kind & ENDS)


def checksum(page: bytes) -> bytes:
    """The page's checksum as it should stand in it: CRC-32 of polynomial 0x04c11db7, most significant bit first."""
    blank = page[:22] + b"\0\0\0\0" + page[26:]
    # zlib counts from the least significant bit: the bits of what goes in and comes out are turned round
    turned = zlib.crc32(blank.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return struct.pack(">I", turned).translate(REVERSED)
