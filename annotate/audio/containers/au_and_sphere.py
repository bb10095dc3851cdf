"""Containers of one header and the samples behind it: Sun's AU (``.au``, ``.snd``) and NIST's SPHERE (``.sph``).

Sources: Sun Microsystems, ``audio_filehdr`` (au(5)); NIST, "SPeech HEader REsources (SPHERE) 2.6".
"""

from __future__ import annotations

import re
import struct
from typing import BinaryIO

from annotate.audio.containers.layout import TO_THE_END, Layout, is_placeholder, require_sized, trailing
from annotate.audio.refusal import Refused

AU_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
FIELD = re.compile(rb"^(\w+) -(?:i|r|s\d+) (\S+)", re.MULTILINE)


def sun(file: BinaryIO, size: int) -> Layout:
    """AU: offset, length, coding, rate and channels in the header."""
    file.seek(0)
    content = file.read(24)
    if len(content) < 24:
        raise Refused("truncated: the file has an au header but no samples")
    order = ">" if content[:4] == b".snd" else "<"
    offset, length, coding, rate, channels = struct.unpack(f"{order}IIIII", content[4:24])
    per_second = rate * channels * AU_BYTES.get(coding, 0) or None
    there = size - offset
    if length == 0xFFFFFFFF or (there < length and is_placeholder(length)):
        return Layout((TO_THE_END,))
    require_sized(length, there, _behind(file, size, offset + length), per_second)
    return Layout()


def sphere(file: BinaryIO, size: int) -> Layout:
    """SPHERE: a header of text."""
    file.seek(0)
    head = file.read(16)
    header = int(head[8:16].strip() or b"0") if head[8:16].strip().isdigit() else 0
    if header < 16 or size <= header:
        raise Refused("truncated: the file has a sphere header but no samples")
    file.seek(0)
    fields = dict(FIELD.findall(file.read(min(header, 1 << 16))))
    count, width, channels, rate = (
        int(value) if (value := fields.get(name, b"0")).isdigit() else 0
        for name in (b"sample_count", b"sample_n_bytes", b"channel_count", b"sample_rate")
    )
    if not count or not width or b"shorten" in fields.get(b"sample_coding", b""):
        return Layout((TO_THE_END,) if not count else ())
    block = width * max(1, channels)
    require_sized(count * block, size - header, _behind(file, size, header + count * block), block * rate or None)
    return Layout(frames=count)


def _behind(file: BinaryIO, size: int, end: int) -> int:
    """Bytes behind the samples that are neither a tag nor padding."""
    if size - end > 4096:
        return size - end
    file.seek(min(end, size))
    return trailing(file.read())
