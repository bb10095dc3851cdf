"""Whether a recording's file is whole, by its container: what the header promises is held against what is there.

Decoders read what is left of a cut file without a word, stop at what a header promises, and pass over damaged
pieces. Each module here knows one family of containers and answers with a ``Layout``, or refuses the file with the
reason. Nothing is decoded here.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import BinaryIO

from annotate.audio.containers import au_and_sphere, chunks, ffmpeg_formats, flac, mpeg, ogg
from annotate.audio.containers.layout import Layout
from annotate.audio.refusal import Refused

HEAD = 64
# a whole file is read into memory to walk its frames; ten minutes of anything need less
LARGEST_BYTES = 1_000_000_000
Examine = Callable[[BinaryIO, int], Layout]


def examine(file: BinaryIO) -> Layout:
    """The layout of an opened recording; its place in the file is at the beginning afterwards.

    Raises:
        Refused: it is cut, damaged, or holds more than its header knows of.
    """
    head = file.read(HEAD)
    size = file.seek(0, os.SEEK_END)
    # an MP3 that was cut out of another begins with anything
    known = by_content(head) or _in_memory(mpeg.examine)
    try:
        return known(file, size)
    except (struct.error, IndexError):
        raise Refused("damaged: its header cannot be read") from None
    finally:
        file.seek(0)


def by_content(head: bytes) -> Examine | None:
    """Who knows a container, by the first bytes of the file; None where nobody does."""
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return chunks.wave
    if head[:16] == chunks.W64_RIFF:
        return chunks.wave64
    if head[:4] == b"FORM":
        return chunks.iff
    if head[:4] == b"caff":
        return chunks.core_audio
    if head[:4] in (b".snd", b"dns."):
        return au_and_sphere.sun
    if head[:7] == b"NIST_1A":
        return au_and_sphere.sphere
    if head[:4] == b"OggS":
        return _in_memory(ogg.examine)
    if head[:4] == b"fLaC":
        return _in_memory(flac.examine)
    if ffmpeg_formats.examiner(head):
        return ffmpeg_formats.examiner(head)
    return None


def _in_memory(look: Callable[[bytes], Layout]) -> Examine:
    def examined(file: BinaryIO, size: int) -> Layout:
        if size > LARGEST_BYTES:
            most = LARGEST_BYTES / 1e9
            raise Refused(f"too large: a file of {size / 1e9:.1f} GB, at most {most:.0f} GB of this format are read")
        file.seek(0)
        return look(file.read())

    return examined
