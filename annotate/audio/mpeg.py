"""Whether an MP3 is whole: decoders pass over damaged frames, and what is left sounds as if nothing were missing.

Frames follow one another without a gap, each with its own header (ISO/IEC 11172-3, 2.4.1.3, and 13818-3 for the
lower rates): from one header the place of the next one is known.
"""

from __future__ import annotations

# kbit/s by index, layer III; 0 (free format) and 15 give no length
RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SAMPLES_A_SECOND = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
TAGS_AT_THE_END = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"\0")


def damage(content: bytes) -> str | None:
    """Why an MP3 is not whole, or None where it is, or where it is no MP3 that can be told.

    Args:
        content: the whole file.
    """
    place = first = _after_id3(content)
    if not _length(content, first):
        return None
    while place < len(content):
        length = _length(content, place)
        if length and place + length <= len(content):
            place += length
            continue
        if length:
            return "truncated: the last frame of the MP3 is cut off"
        if content.startswith(TAGS_AT_THE_END, place):
            return None
        return f"damaged: what should be a frame of the MP3 is none, from byte {place} of {len(content)} on"
    return None


def _after_id3(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:  # seven bits each
        size = size << 7 | byte & 0x7F
    return 10 + size


def _length(content: bytes, place: int) -> int:
    """Bytes of the layer III frame that begins at a place; 0 where none does."""
    head = content[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, per_second = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or per_second == 3 or rate in (0, 15):
        return 0
    kbits = (RATES_1 if version == 3 else RATES_2)[rate]
    return (144 if version == 3 else 72) * kbits * 1000 // SAMPLES_A_SECOND[version][per_second] + (head[2] >> 1 & 1)
