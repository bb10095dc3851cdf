"""One frame of MPEG audio, from its header (ISO/IEC 11172-3, 2.4.1.3, and 13818-3 for the lower rates)."""

from __future__ import annotations

from dataclasses import dataclass

# (MPEG 1, layer) -> kbit/s by index; 0 (free format) and 15 give no length
KBITS = {
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
MONO = 3


@dataclass(frozen=True)
class Frame:
    """A frame: its place, its length in bytes, and what its header says."""

    place: int
    length: int
    head: bytes
    layer: int
    rate: int
    samples: int

    @property
    def kind(self) -> tuple[bool, int, int, bool]:
        """What stays the same within a stream: version, layer, rate, whether it has one channel."""
        return self.head[1] >> 3 & 3 == 3, self.layer, self.rate, self.head[3] >> 6 == MONO

    @property
    def side(self) -> int:
        """Where the main data begin: behind the header, the checksum and layer III's side information."""
        mono = self.head[3] >> 6 == MONO
        size = (17 if mono else 32) if self.kind[0] else (9 if mono else 17)
        return 4 + (0 if self.head[1] & 1 else 2) + size


def frame_at(content: bytes, place: int) -> Frame | None:
    """The frame that begins at a place; None where none does, or one of free format."""
    head = content[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bits, hertz = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or hertz == 3 or bits in (0, 15):
        return None
    rate, kbits, pad = HERTZ[version][hertz], KBITS[version == 3, layer][bits], head[2] >> 1 & 1
    if layer == 1:
        return Frame(place, (12 * kbits * 1000 // rate + pad) * 4, head, 1, rate, 384)
    short = layer == 3 and version != 3
    length = (72 if short else 144) * kbits * 1000 // rate + pad
    return Frame(place, length, head, layer, rate, 576 if short else 1152)
