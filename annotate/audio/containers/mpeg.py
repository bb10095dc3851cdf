"""MPEG audio (MP3, MP2): its frames are walked, so that all of them are decoded and none is missing in silence.

Frames follow one another without a gap, each with its own header (ISO/IEC 11172-3, 2.4.1.3, and 13818-3 for the lower
rates): from one header the place of the next one is known. libsndfile takes the length of the whole from the first
frame: of a stream without a Xing frame, of joined files and of one cut in mid-stream it reads too little. Such a file
is decoded from its frames put anew behind an Info frame that says how many there are.
"""

from __future__ import annotations

import io
import struct

from annotate.audio.containers.layout import Layout
from annotate.audio.containers.mpeg_frame import Frame, frame_at
from annotate.audio.containers.mpeg_rebuild import rebuilt
from annotate.audio.refusal import Refused

# so many frames in a row make the beginning of a stream: two bytes of a header are in any noise
SURE = 3
FARTHEST_START = 1 << 16  # bytes of something else before the first frame
SPACE = 4096  # bytes of padding in one piece


def examine(content: bytes) -> Layout:
    """The layout of an MPEG file.

    Raises:
        Refused: cut, damaged, or with fewer frames than its Xing frames promise.
    """
    if _of_another_kind(content):
        return Layout(checked=False)
    frames, lead = all_frames(content)
    if not frames:
        return Layout(checked=False)
    notes = [f"audio: {lead:,} bytes before the first MP3 frame skipped"] if lead else []
    infos = [frame for frame in frames if is_info(content, frame)]
    silent = {frame.place for frame in infos}
    sound = [frame for frame in frames if frame.place not in silent]
    if not sound:
        raise Refused("truncated: the file has an MP3 header but no frames")
    _hold_promises(content, infos, len(sound), sound[0])
    first = frames[0]
    whole_tag = all(_is_whole_tag(content, frame) for frame in infos)
    if not whole_tag:
        notes.append("audio: the padding information of the MP3 is damaged; all frames are read")
    as_written = infos == [first] and first.place == _id3(content, 0) and whole_tag and _one_kind(sound)
    if as_written and promised(content, first) in (len(sound), len(sound) + 1):
        return Layout(tuple(notes))  # as encoders write it: libsndfile reads it whole, without the encoder's padding
    if first.layer != 3:
        return Layout(tuple(notes), frames=sum(frame.samples for frame in sound))
    runs = _runs(sound)
    if len(infos) > 1 or len(runs) > 1:
        notes.append("audio: several MP3 streams joined in one file, read one after another")
    streams = tuple(rebuilt(content, run) for run in runs)
    return Layout(tuple(notes), streams, sum(frame.samples for frame in sound) if len(runs) == 1 else None)


def _of_another_kind(content: bytes) -> bool:
    """Whether libsndfile knows a file by its header (VOC, IRCAM, HTK ...), whose samples may look like frames."""
    if frame_at(content, _passed(content, 0)):
        return False
    import soundfile

    try:
        return str(soundfile.info(io.BytesIO(content)).format) != "MP3"
    except (soundfile.SoundFileError, RuntimeError, MemoryError):
        return False


def all_frames(content: bytes) -> tuple[list[Frame], int]:
    """All frames in order, and how many bytes of something else were before the first."""
    start = _first(content)
    if start is None:
        return [], 0
    place, frames = start, []
    lead = start - _passed(content, 0)
    while place < len(content):
        frame = frame_at(content, place)
        if frame and place + frame.length <= len(content):
            frames.append(frame)
            place += frame.length
            continue
        if frame:
            raise Refused("truncated: the last frame of the MP3 is cut off")
        after = _passed(content, place)
        if after == place:
            rest = content[place:]
            if len(rest) < 4 and (b"\xff" + rest)[:1] == rest[:1]:
                raise Refused("truncated: the last frame of the MP3 is cut off")
            raise Refused(f"damaged: the MP3 has no valid frame from byte {place} of {len(content)} onwards")
        place = after
    return frames, max(0, lead)


def _first(content: bytes) -> int | None:
    """Where the first of several frames in a row begins: after tags and what else a stream was cut from."""
    begin = _passed(content, 0)
    for place in range(begin, min(len(content), begin + FARTHEST_START)):
        if content[place] == 0xFF and _in_a_row(content, place):
            return place
    return None


def _in_a_row(content: bytes, place: int) -> bool:
    begun = place
    kind = None
    for _ in range(SURE):
        frame = frame_at(content, place)
        if frame is None or (kind and frame.kind[:3] != kind[:3]):
            # a file of a frame or two, at its very end
            return begun < place and _passed(content, place) >= len(content)
        kind = frame.kind
        place += frame.length
        if place >= len(content):
            return True
    return True


def _passed(content: bytes, place: int) -> int:
    """The place behind tags and padding that begin at a place; the place itself where none does."""
    while place < len(content):
        before = place
        place = _id3(content, place)
        if content.startswith(b"TAG", place):
            place += 128
        elif content.startswith(b"APETAGEX", place) and len(content) >= place + 32:
            size, flags = struct.unpack("<I4xI", content[place + 12 : place + 24])
            # the size counts the footer and the items, not the header, which is what begins here
            place += size + 32 if flags & 1 << 29 else 32
        elif content.startswith(b"LYRICSBEGIN", place):
            end = content.find(b"LYRICS200", place)
            place = end + 9 if end > 0 else place
        elif content.startswith(b"\0", place):
            rest = content[place : place + SPACE].lstrip(b"\0")
            place += min(SPACE, len(content) - place) - len(rest)
        if place == before:
            return place
    return place


def _id3(content: bytes, place: int) -> int:
    """The place behind an ID3v2 tag that begins at a place; the place itself where none does."""
    if not content.startswith(b"ID3", place) or len(content) < place + 10:
        return place
    size = 0
    for byte in content[place + 6 : place + 10]:  # seven bits each
        size = size << 7 | byte & 0x7F
    return place + 10 + size + (10 if content[place + 5] & 0x10 else 0)


def is_info(content: bytes, frame: Frame) -> bool:
    """Whether a frame holds no sound, but says how many follow: Xing's, LAME's "Info", Fraunhofer's VBRI."""
    if frame.layer != 3:
        return False
    at = frame.place + frame.side
    beside = at - (0 if frame.head[1] & 1 else 2)  # some writers leave no room for the checksum
    return (
        content[at : at + 4] in (b"Xing", b"Info")
        or content[beside : beside + 4] in (b"Xing", b"Info")
        or content[frame.place + 36 : frame.place + 40] == b"VBRI"
    )


def _is_whole_tag(content: bytes, frame: Frame) -> bool:
    """Whether what LAME's extension says of delay and padding fits its CRC; one without a CRC says nothing."""
    at = frame.place + frame.side
    tag = content[at + 120 : at + 156]
    if content[at : at + 4] not in (b"Xing", b"Info") or not tag[:9].strip(b"\0") or tag[34:] == b"\0\0":
        return True
    crc = 0
    for byte in content[frame.place : at + 154]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return tag[34:] == crc.to_bytes(2, "big")


def promised(content: bytes, frame: Frame) -> int | None:
    """How many frames an info frame says that follow; None where it does not."""
    if content[frame.place + 36 : frame.place + 40] == b"VBRI":
        return int(struct.unpack(">I", content[frame.place + 50 : frame.place + 54].rjust(4, b"\0"))[0]) or None
    at = frame.place + frame.side
    if content[at : at + 4] not in (b"Xing", b"Info"):
        at -= 2
    flags, frames = struct.unpack(">II", content[at + 4 : at + 12].ljust(8, b"\0"))
    return int(frames) if flags & 1 and frames else None


def _hold_promises(content: bytes, infos: list[Frame], there: int, first: Frame) -> None:
    promises = [promised(content, frame) for frame in infos]
    total = sum(promise for promise in promises if promise)
    if total > there + len(infos):  # some writers count the info frame too
        second = first.samples / first.rate
        raise Refused(f"truncated: the file contains only {there * second:.2f} s of {total * second:.2f} s")


def _one_kind(frames: list[Frame]) -> bool:
    return len({frame.kind for frame in frames}) == 1


def _runs(frames: list[Frame]) -> list[list[Frame]]:
    """Frames in pieces of one version, layer, rate and number of channels."""
    runs: list[list[Frame]] = []
    for frame in frames:
        if not runs or runs[-1][-1].kind != frame.kind:
            runs.append([])
        runs[-1].append(frame)
    return runs
