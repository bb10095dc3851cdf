"""MPEG frames as a stream of their own, for a file of which a decoder would not read all."""

from __future__ import annotations

import struct

from annotate.audio.containers.mpeg_frame import Frame, frame_at

MOST_BACK = {True: 511, False: 255}  # bytes that main data may begin earlier, in MPEG 1 and in the lower rates


def rebuilt(content: bytes, frames: list[Frame]) -> bytes:
    """The frames as a stream of their own that libsndfile reads whole: as many samples as the frames hold.

    An Info frame goes before them, and one silent frame behind them, whose samples make up for the delay that the
    decoder takes off. A frame of layer III may need bytes of those before it; where these are missing, as after a
    cut in mid-stream, it is made silent, since decoders make noise of it.
    """
    first = frames[0]
    head = bytearray(first.head)
    head[1] |= 1  # no checksum
    head[2] = head[2] & 0x0C | 9 << 4  # a bit rate whose frames have room for what is written here
    plain = frame_at(bytes(head), 0)
    assert plain is not None
    silent = bytes(head).ljust(plain.length, b"\0")
    count = len(frames) + 1
    # LAME's extension: 9 bytes of encoder, 12 of gains and peaks, then delay and padding in 12 bits each
    info = b"Info" + struct.pack(">II", 1, count) + b"LAME3.100" + bytes(12) + struct.pack(">I", first.samples)[1:]
    opening = silent[: plain.side] + info + silent[plain.side + len(info) :]
    return opening + b"".join(_playable(content, frames)) + silent


def _playable(content: bytes, frames: list[Frame]) -> list[bytes]:
    reservoir = 0  # bytes of main data that a frame may reach back to
    made = []
    for frame in frames:
        body = content[frame.place : frame.place + frame.length]
        begin = 4 if frame.head[1] & 1 else 6
        needed = (body[begin] << 1 | body[begin + 1] >> 7) if frame.kind[0] else body[begin]
        if needed > reservoir:
            body = _silent(body, frame.side - begin, reservoir, frame.kind[0])
        reservoir = min(MOST_BACK[frame.kind[0]], reservoir + frame.length - frame.side)
        made.append(body)
    return made


def _silent(body: bytes, size: int, reservoir: int, wide: bool) -> bytes:
    """A frame with no sound in it: its side information says so; its main data stay, for the frames behind it.

    It keeps hold of the bytes that are there of earlier frames, which a decoder would let go otherwise, and is without
    its checksum, which would be another one.
    """
    begin = (reservoir << 7 if wide else reservoir << 8).to_bytes(2, "big")
    return bytes([body[0], body[1] | 1, *body[2:4]]) + begin + bytes(size - 2) + body[4 + size :]
