"""Containers of named chunks with their lengths: WAV, RF64, BW64 and W64; AIFF, AIFC and SVX; CAF.

Sources: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF); EBU Tech 3306
(RF64); Sony, "Wave64 File Format"; Apple, "Audio Interchange File Format: AIFF-C" and "Core Audio Format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from annotate.audio.containers.layout import TO_THE_END, Layout, is_placeholder, require_sized, trailing
from annotate.audio.refusal import Refused

W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
MOST_CHUNKS = 10_000
SECOND_HEADER = (b"RIFF", b"RF64", b"BW64", b"riff", b"FORM", b"caff")
MENDED_BYTES = 1 << 30
LOOKED_AT = 4096  # bytes of what follows the samples
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
# AIFC compression -> bytes of a sample; None: as the header's bits say
AIFC_BYTES = {b"NONE": None, b"sowt": None, b"twos": None, b"in24": 3, b"in32": 4, b"fl32": 4, b"FL32": 4,
              b"fl64": 8, b"FL64": 8, b"ulaw": 1, b"ULAW": 1, b"alaw": 1, b"ALAW": 1, b"raw ": 1}  # fmt: skip


@dataclass(frozen=True)
class Chunk:
    """A chunk: its name, where its content begins, and how long it says that it is."""

    name: bytes
    start: int
    length: int

    def read(self, file: BinaryIO, most: int) -> bytes:
        """The first bytes of its content."""
        file.seek(self.start)
        return file.read(min(self.length, most))


@dataclass(frozen=True)
class ChunkForm:
    """How chunks are written: the struct of their header, what of it is no content, and what they are aligned to."""

    header: str
    align: int
    counted: int = 0  # bytes of the header that the length counts too


RIFF, IFF = ChunkForm("<4sI", 2), ChunkForm(">4sI", 2)
WAVE64, CAFF = ChunkForm("<16sQ", 8, counted=24), ChunkForm(">4sq", 1)


def walk(file: BinaryIO, size: int, place: int, grammar: ChunkForm) -> Iterator[Chunk]:
    """Chunks from a place on, until what is there is none; the last may reach beyond the file's end."""
    long = struct.calcsize(grammar.header)
    for _ in range(MOST_CHUNKS):
        file.seek(place)
        header = file.read(long)
        if len(header) < long:
            return
        name, length = struct.unpack(grammar.header, header)
        length -= grammar.counted
        if not all(32 <= byte < 127 for byte in name[:4]) or length < -1:
            return
        yield Chunk(name, place + long, length)
        if length < 0 or place + long + length > size:
            return
        place += long + length + -(length + grammar.counted) % grammar.align


def wave(file: BinaryIO, size: int) -> Layout:
    """WAV, RF64 and BW64."""
    file.seek(0)
    riff = file.read(12)
    form = None
    long = at = 0
    for chunk in walk(file, size, 12, RIFF):
        if chunk.name != b"data" and chunk.start + chunk.length > size:
            break
        if chunk.name == b"ds64" and riff[:4] != b"RIFF":
            long, at = struct.unpack("<QQ", chunk.read(file, 16).ljust(16, b"\0"))[1], chunk.start + 8
        elif chunk.name == b"fmt ":
            form = Form.of(chunk.read(file, 40))
        elif chunk.name == b"data":
            if at and chunk.length == 0xFFFFFFFF:
                return _samples(file, size, Chunk(b"data", chunk.start, long), form, RIFF, at, 8)
            return _samples(file, size, chunk, form, RIFF, chunk.start - 4, 4)
    raise Refused("truncated: the file has a wav header but no samples")


def wave64(file: BinaryIO, size: int) -> Layout:
    """Sony's Wave64."""
    form = None
    for chunk in walk(file, size, 40, WAVE64):
        if chunk.name[:4] == b"fmt ":
            form = Form.of(chunk.read(file, 40))
        elif chunk.name[:4] == b"data":
            return _samples(file, size, chunk, form, WAVE64, chunk.start - 8, 8)
    raise Refused("truncated: the file has a w64 header but no samples")


@dataclass(frozen=True)
class Form:
    """The format chunk of a WAV."""

    rate: int
    per_second: float | None
    notes: tuple[str, ...] = ()
    block: int = 0  # bytes of a sample over all channels, where that is fixed

    @classmethod
    def of(cls, content: bytes) -> Form:
        """Read the chunk; what contradicts itself in it is noted."""
        if len(content) < 16:
            raise Refused("damaged: the header does not state how the samples are stored")
        tag, channels, rate, byte_rate, block, bits = struct.unpack("<HHIIHH", content[:16])
        if tag == EXTENSIBLE and len(content) >= 26:
            tag = struct.unpack("<H", content[24:26])[0]
        if tag not in (PCM, FLOAT):
            return cls(rate, byte_rate or None)
        frame = channels * ((bits + 7) // 8)
        if block != frame or not frame or not rate:
            raise Refused(f"damaged: the header says {channels} channels of {bits} bits in {block} bytes")
        if byte_rate not in (0, rate * block):
            contradiction = (
                f"audio: the header says {rate} Hz and {byte_rate} bytes a second, which is {byte_rate / block:g} Hz"
            )
            return cls(rate, rate * block, (f"{contradiction}; {rate} Hz is taken",), block)
        return cls(rate, rate * block, (), block)


def _samples(
    file: BinaryIO, size: int, data: Chunk, form: Form | None, grammar: ChunkForm, at: int, width: int
) -> Layout:
    """Hold the chunk of samples, whose length stands in ``width`` bytes at a place, against the file."""
    if form is None:
        raise Refused("damaged: the header does not state how the samples are stored")
    there = size - data.start
    streamed = there < data.length and is_placeholder(data.length)
    if streamed or (data.length == 0 < there and _unnamed(file, size, data, grammar)):
        return _mended(file, size, {at: struct.pack("<I" if width == 4 else "<Q", there + grammar.counted)}, form.notes)
    if there >= data.length:
        require_sized(data.length, there, _unnamed(file, size, data, grammar), form.per_second)
    else:
        require_sized(data.length, there, 0, form.per_second)
    return Layout(form.notes, frames=data.length // form.block if form.block else None)


def _unnamed(file: BinaryIO, size: int, data: Chunk, grammar: ChunkForm) -> int:
    """Bytes behind the samples that are no chunk, no tag and no padding."""
    after = data.start + data.length
    place = after + -(data.length + grammar.counted) % grammar.align
    for chunk in walk(file, size, place, grammar):
        end = chunk.start + chunk.length
        if end > size or chunk.name[:4] in SECOND_HEADER:
            break  # the header of a second recording is no part of this one
        place = end + -(chunk.length + grammar.counted) % grammar.align
    left = size - place
    if left <= 0:
        return 0
    file.seek(place)
    return left if left > LOOKED_AT else trailing(file.read(left))


def _mended(file: BinaryIO, size: int, lengths: Mapping[int, bytes], notes: tuple[str, ...] = ()) -> Layout:
    """A file whose header does not say how long it is, with the real lengths put there: decoders read no other."""
    if size >= MENDED_BYTES:
        raise Refused("a stream: its header does not state its length; convert it, e.g. ffmpeg -i IN OUT")
    file.seek(0)
    content = bytearray(file.read())
    for place, length in lengths.items():
        content[place : place + len(length)] = length
    return Layout((TO_THE_END, *notes), (bytes(content),))


def iff(file: BinaryIO, size: int) -> Layout:
    """AIFF and AIFC; of other IFF (8SVX, 16SV) only the chunks' lengths."""
    file.seek(8)
    kind = file.read(4)
    if kind not in (b"AIFF", b"AIFC"):
        for chunk in walk(file, size, 12, IFF):
            if chunk.name == b"BODY":
                require_sized(chunk.length, size - chunk.start, _unnamed(file, size, chunk, IFF), None)
        return Layout()
    block, rate, frames, common = 0, 0.0, 0, 0
    for chunk in walk(file, size, 12, IFF):
        if chunk.name == b"COMM":
            frames, block, rate = _common(chunk.read(file, 32), kind)
            common = chunk.start + 2
        elif chunk.name == b"SSND":
            offset = struct.unpack(">I", chunk.read(file, 4).ljust(4, b"\0"))[0]
            there, length = size - chunk.start - 8 - offset, chunk.length - 8 - offset
            if there < 0 or length < 0:
                raise Refused("truncated: the file has an aiff header but no samples")
            if there < length and is_placeholder(chunk.length):
                lengths = {chunk.start - 4: struct.pack(">I", size - chunk.start)}
                return _mended(file, size, lengths | ({common: struct.pack(">I", there // block)} if block else {}))
            per_second = block * rate or None
            require_sized(length, there, _unnamed(file, size, chunk, IFF) if there >= length else 0, per_second)
            if block and frames:
                require_sized(frames * block, length, length - frames * block, per_second)
            return Layout()
    raise Refused("truncated: the file has an aiff header but no samples")


def _common(content: bytes, kind: bytes) -> tuple[int, int, float]:
    """Samples per channel, bytes of one over all channels (0: not fixed) and rate, from AIFF's common chunk."""
    if len(content) < 18:
        raise Refused("damaged: the header does not state how the samples are stored")
    channels, frames, bits = struct.unpack(">hIh", content[:8])
    exponent, mantissa = struct.unpack(">HQ", content[8:18])
    rate = float(mantissa) * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63) if exponent & 0x7FFF < 16500 else 0.0
    coding = content[18:22] if kind == b"AIFC" else b"NONE"
    if coding not in AIFC_BYTES:
        return frames, 0, rate
    return frames, channels * (AIFC_BYTES[coding] or (bits + 7) // 8), rate


def _valid_frames(file: BinaryIO, size: int) -> int:
    """Samples per channel of a CAF in packets, as the table of its packets says."""
    table = next((chunk for chunk in walk(file, size, 8, CAFF) if chunk.name == b"pakt"), None)
    frames = int(struct.unpack(">qq", table.read(file, 16).ljust(16, b"\0"))[1]) if table else 0
    if frames <= 0:
        raise Refused("damaged: its packet table is missing")
    return frames


def core_audio(file: BinaryIO, size: int) -> Layout:
    """Apple's CAF."""
    per_second, packed = None, False
    for chunk in walk(file, size, 8, CAFF):
        if chunk.name == b"desc":
            content = chunk.read(file, 32)
            if len(content) < 32:
                break
            rate, _, _, packet, frames = struct.unpack(">d4sIII", content[:24])
            packed = not packet
            per_second = rate * packet / frames if packet and frames and 0 < rate < 1e7 else None
        elif chunk.name == b"data":
            if chunk.length == -1:
                return _mended(file, size, {chunk.start - 8: struct.pack(">q", size - chunk.start)})
            following = _unnamed(file, size, chunk, CAFF) if size - chunk.start >= chunk.length else 0
            require_sized(chunk.length - 4, size - chunk.start - 4, following, per_second)
            return Layout(frames=_valid_frames(file, size) if packed else None)
    raise Refused("truncated: the file has a caf header but no samples")
