"""Whether a recording is whole, in every format: what is cut, joined, streamed or damaged is read whole or refused.

Issue 19: 02 (a wav from a pipe), 03 and 22 (MP3 without Xing frame, cut in mid-stream, joined). Issue 20: 1 (files cut
at 70 % by bytes, a byte rate of 0, a header that promises half) and 16 (sparse and padded giants).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import sounds
from conftest import voice
from field_cases import cases

from annotate.audio.decode import Decoded, Refused, decode

RATE = 16000
SPEECH = voice(2.0, 150, syllables=4)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Decoded]:
    def of(content: bytes, name: str = "clip.wav") -> Decoded:
        path = tmp_path / name
        path.write_bytes(content)
        return decode(path)

    return of


@pytest.mark.parametrize("name", sounds.FORMATS)
def test_a_whole_file_of_every_format_is_read_whole(read: Callable[..., Decoded], name: str) -> None:
    content = sounds.encoded(name, SPEECH, RATE)
    found = read(content, f"clip{sounds.ending(name)}")
    assert found.recording.duration == pytest.approx(2.0, abs=0.13)  # a codec's delay
    level = np.sqrt(np.mean(found.recording.samples**2))
    assert level == pytest.approx(np.sqrt(np.mean(SPEECH**2)), rel=0.1)
    assert not [note for note in found.notes if "does not state" not in note], found.notes


@pytest.mark.parametrize("share", [0.7, 0.31, 0.97])
@pytest.mark.parametrize("name", sounds.FORMATS)
def test_a_file_cut_by_bytes_is_refused(read: Callable[..., Decoded], name: str, share: float) -> None:
    """OGG, Opus, AIFF, AU, SPH, RF64, W64 were measured as whole; siblings: wav, FLAC, CAF, MP3, M4A, WebM, AAC."""
    content = sounds.encoded(name, SPEECH, RATE)
    with pytest.raises(Refused, match=r"truncated|damaged|not audio"):
        read(sounds.cut(share)(content), f"clip{sounds.ending(name)}")


@pytest.mark.parametrize("name", [name for name in sounds.FORMATS if name not in ("mp3", "ogg", "oga", "opus", "aac")])
def test_two_files_in_one_are_no_file_of_the_first_s_length(read: Callable[..., Decoded], name: str) -> None:
    """``cat a b``: the second half was passed over in silence; of RIFF and AIFF libsndfile reads nothing."""
    content = sounds.encoded(name, SPEECH, RATE)
    if name.startswith("flac"):  # see the next test
        return
    with pytest.raises(Refused, match="follow"):
        read(content + content, f"clip{sounds.ending(name)}")


@pytest.mark.parametrize("name", ["ogg", "opus", "flac", "mp3"])
def test_joined_streams_are_read_one_after_another(read: Callable[..., Decoded], name: str) -> None:
    one, two = (sounds.encoded(name, sound, RATE) for sound in (SPEECH, voice(1.0, 220)))
    found = read(one + two, f"clip{sounds.ending(name)}")
    assert found.recording.duration == pytest.approx(3.0, abs=0.18)  # codecs pad
    assert any("joined" in note for note in found.notes)
    end = found.recording.samples[-RATE // 2 : -RATE // 5]
    assert np.sqrt(np.mean(end**2)) == pytest.approx(0.075, rel=0.2)


WAV = sounds.encoded("wav", SPEECH, RATE)
DATA, SIZE = WAV.index(b"data") + 4, 2 * len(SPEECH)
PLACEHOLDERS = (0x7FFFF000, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFF000, 0x7FFFFFDB, 0x10000000, 0)


@pytest.mark.parametrize("length", PLACEHOLDERS)
def test_case_02_a_wav_from_a_pipe_is_read_to_its_end(read: Callable[..., Decoded], length: int) -> None:
    """kaldi #1567: SoX writes 0x7ffff000; others whatever they had no way to mend."""
    found = read(sounds.patched(sounds.patched(WAV, DATA, length), 4, (length + 36) & 0xFFFFFFFF))
    assert found.recording.duration == 2.0
    assert np.array_equal(found.recording.samples, read(WAV).recording.samples)
    assert any("does not state" in note for note in found.notes)


def test_case_02_as_its_script_makes_it(tmp_path: Path) -> None:
    for path in sorted(cases.make(2, tmp_path).rglob("*.wav")):
        assert decode(path).recording.duration == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize("name", ["au", "caf", "rf64", "aiff", "w64"])
def test_case_02_siblings_streams_of_other_containers(read: Callable[..., Decoded], name: str) -> None:
    content = sounds.encoded(name, SPEECH, RATE)
    streamed = {
        "au": lambda: sounds.patched(content, 8, 0xFFFFFFFF, 4, "big"),
        "caf": lambda: sounds.patched(content, content.index(b"data") + 4, 0xFFFFFFFFFFFFFFFF, 8, "big"),
        "rf64": lambda: sounds.patched(content, content.index(b"ds64") + 16, 0x7FFFFFFFFFFF, 8),
        "aiff": lambda: sounds.patched(content, content.index(b"SSND") + 4, 0x7FFFF000, 4, "big"),
        "w64": lambda: sounds.patched(content, content.index(b"data") + 16, 0x7FFFFFFFF000, 8),
    }[name]()
    found = read(streamed, f"clip{sounds.ending(name)}")
    assert found.recording.duration == 2.0
    assert any("does not state" in note for note in found.notes)


def test_20_1_a_byte_rate_of_nothing_hides_no_cut(read: Callable[..., Decoded]) -> None:
    blank = sounds.patched(WAV, 28, 0)
    assert read(blank).recording.duration == 2.0
    with pytest.raises(Refused, match=r"truncated: the file contains only 1\.\d+ s of 2\.00 s"):
        read(blank[: len(blank) * 7 // 10])


def halved(name: str) -> bytes:
    content = sounds.encoded(name, SPEECH, RATE)
    if name == "wav":
        return sounds.patched(content, DATA, SIZE // 2)
    if name == "aiff":
        return sounds.patched(content, content.index(b"COMM") + 10, len(SPEECH) // 2, 4, "big")
    if name == "au":
        return sounds.patched(content, 8, SIZE // 2, 4, "big")
    if name == "sph":
        return content.replace(b"sample_count -i 32000", b"sample_count -i 16000")
    if name == "rf64":
        return sounds.patched(content, content.index(b"ds64") + 16, SIZE // 2, 8)
    if name == "w64":
        return sounds.patched(content, content.index(b"data") + 16, SIZE // 2 + 24, 8)
    assert name == "flac"
    return content[:22] + (len(SPEECH) // 2).to_bytes(4, "big") + content[26:]


@pytest.mark.parametrize("name", ["wav", "aiff", "au", "sph", "rf64", "w64", "flac"])
def test_20_1_a_header_that_promises_half_is_refused(read: Callable[..., Decoded], name: str) -> None:
    with pytest.raises(Refused, match=r"promises|MD5"):
        read(halved(name), f"clip{sounds.ending(name)}")


def test_what_may_follow_the_samples_does(read: Callable[..., Decoded]) -> None:
    tags = b"LIST" + struct.pack("<I", 6000) + bytes(6000) + b"id3 " + struct.pack("<I", 10) + bytes(10)
    for after in (tags, b"TAG" + bytes(125), bytes(700), b"\n\n"):
        found = read(WAV + after)
        assert found.recording.duration == 2.0
        assert not found.notes


def test_a_header_that_contradicts_itself_is_told(read: Callable[..., Decoded]) -> None:
    odd = read(sounds.patched(WAV, 24, 8000))
    assert any("8000 Hz is taken" in note for note in odd.notes)
    assert any("unusual sampling rate" in note for note in read(sounds.patched(WAV, 24, 16129)).notes)
    with pytest.raises(Refused, match="sampling rate of 16 Hz"):
        read(sounds.patched(WAV, 24, 16))


@pytest.mark.parametrize("seconds", [0.3, 2.0, 9.7])
@pytest.mark.parametrize("name", ["flac", "flac 24"])
def test_case_02_siblings_a_flac_from_a_pipe(read: Callable[..., Decoded], name: str, seconds: float) -> None:
    content = sounds.encoded(name, voice(seconds, 150, syllables=4), RATE)
    piped = content[:21] + bytes([content[21] & 0xF0]) + bytes(20) + content[42:]  # neither samples nor MD5 sum
    found = read(piped, "clip.flac")
    assert found.recording.duration == pytest.approx(seconds)
    assert any("does not state" in note for note in found.notes)
    for end in (-1, -100, len(piped) // 2):
        with pytest.raises(Refused, match="truncated"):
            read(piped[:end], "clip.flac")


@pytest.mark.parametrize("number", range(3))
def test_a_damaged_page_of_an_ogg_is_refused(read: Callable[..., Decoded], number: int) -> None:
    content = bytearray(sounds.encoded("ogg", SPEECH, RATE))
    if number == 0:
        content[len(content) // 2] ^= 0x40
    elif number == 1:  # a page in the middle is gone
        second, third = (content.index(b"OggS", 1 + content.index(b"OggS", 1) * k) for k in (0, 1))
        del content[second:third]
    else:  # cut between two pages: nothing is missing but the end mark
        del content[content.rindex(b"OggS") :]
        assert any("no end mark" in note for note in read(bytes(content), "clip.ogg").notes)
        return
    with pytest.raises(Refused, match="damaged"):
        read(bytes(content), "clip.ogg")


MP3 = sounds.encoded("mp3", voice(4.0, 150, syllables=4, rate=44100), 44100)


def vbr(seconds: float, rate: int, f0: float = 150) -> bytes:
    import soundfile

    held = io.BytesIO()
    sound = np.concatenate([voice(seconds / 2, f0, rate=rate), np.zeros(int(rate * seconds / 2), np.float32)])
    soundfile.write(held, sound, rate, format="MP3", bitrate_mode="VARIABLE", compression_level=0.3)
    return held.getvalue()


@pytest.mark.parametrize("number", [3, 22])
def test_cases_03_and_22_every_frame_of_an_mp3_is_decoded(tmp_path: Path, number: int) -> None:
    """libsndfile #1001, MPD #1200; FFmpeg is the judge."""
    pytest.importorskip("av")
    for path in sorted(cases.make(number, tmp_path).rglob("*.mp3")):
        found = decode(path).recording.duration
        assert found == pytest.approx(sounds.seconds_by_ffmpeg(path.read_bytes()), rel=0.02), path.name


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
@pytest.mark.parametrize("start", [0, 1, 7, 30])
def test_case_03_a_stream_without_its_xing_frame_or_its_beginning(
    read: Callable[..., Decoded], rate: int, start: int
) -> None:
    frames, samples = sounds.mp3_frames(vbr(4.0, rate))
    rest = frames[1 + start :]
    found = read(b"".join(rest), "clip.mp3").recording
    assert found.duration == pytest.approx(len(rest) * samples / rate)
    # what is heard is what the whole file has there: no noise is made where bytes of earlier frames are missing
    assert np.abs(found.samples).max() < 0.35
    if start < 10:
        assert np.abs(found.samples[: RATE // 4]).max() > 0.05


def test_case_03_siblings_cut_between_bytes_and_with_junk(read: Callable[..., Decoded]) -> None:
    frames, samples = sounds.mp3_frames(MP3)
    there = b"".join(frames[11:])
    split = read(frames[10][-100:] + there, "clip.mp3")  # ``split -b``: the piece begins within a frame
    assert split.recording.duration == pytest.approx(len(frames[11:]) * samples / 44100)
    assert any("100 bytes before the first MP3 frame" in note for note in split.notes), split.notes
    with pytest.raises(Refused, match="the last frame of the MP3 is cut off"):
        read(there[:-50], "clip.mp3")
    with pytest.raises(Refused, match=r"truncated: the file contains only 3\.\d+ s of 4\.\d+ s"):
        read(b"".join(frames[:-20]), "clip.mp3")  # cut between two frames: the Xing frame knows
    with pytest.raises(Refused, match="damaged: the MP3 has no valid frame"):
        read(b"".join(frames[:50]) + b"\x13" * 300 + b"".join(frames[50:]), "clip.mp3")


@pytest.mark.parametrize("rate", [22050, 44100])
def test_case_22_siblings_joined_with_another_rate(read: Callable[..., Decoded], rate: int) -> None:
    other = sounds.encoded("mp3", voice(2.0, 220, rate=rate), rate)
    found = read(MP3 + b"ID3\4\0\0\0\0\1\0" + bytes(128) + other + b"TAG" + bytes(125), "clip.mp3")
    assert found.recording.duration == pytest.approx(6.0, rel=0.03)
    assert any("joined" in note for note in found.notes)
    end = found.recording.samples[-RATE:]
    assert np.argmax(np.abs(np.fft.rfft(end))) == pytest.approx(220, abs=3)


def test_20_16_giants_are_refused_and_no_memory_is_taken(tmp_path: Path) -> None:
    """A sparse mp3 of 6 GB; siblings: a FLAC, an Ogg and a wav of that size, and one with 2.3 GB behind its data."""
    for name, head in (
        ("a.mp3", MP3),
        ("b.mp3", b""),
        ("c.flac", sounds.encoded("flac", SPEECH, RATE)),
        ("d.wav", WAV),
    ):
        path = tmp_path / name
        with open(path, "wb") as file:
            file.write(head)
            file.truncate(6_000_000_000)
        with pytest.raises(Refused, match=r"too large: a file of 6\.0 GB|follow|not audio"):
            decode(path)
        path.unlink()


def test_20_16_what_lies_around_the_samples_is_not_published(tmp_path: Path) -> None:
    from annotate.dataset.embedded_audio import embedded

    chunk = b"junk" + struct.pack("<I", 30_000_000) + bytes(30_000_000)
    (tmp_path / "a.wav").write_bytes(WAV + chunk)
    held = embedded(tmp_path, "a.wav", RATE)
    assert len(held["bytes"]) < 70_000  # type: ignore[arg-type]
    (tmp_path / "b.wav").write_bytes(WAV)
    assert embedded(tmp_path, "b.wav", RATE)["bytes"] == WAV


OTHERS = {
    "voc": "VOC",
    "sf": "IRCAM",
    "pvf": "PVF",
    "htk": "HTK",
    "mat": "MAT5",
    "avr": "AVR",
    "iff": "SVX",
    "paf": "PAF",
}


@pytest.mark.parametrize("ending", OTHERS)
def test_what_else_libsndfile_reads_is_no_mp3(read: Callable[..., Decoded], ending: str) -> None:
    """Samples hold bytes that look like frames; seven kinds were refused as an MP3 whose last frame is cut off."""
    held = io.BytesIO()
    soundfile.write(held, voice(2.0, 150, syllables=8), RATE, format=OTHERS[ending], subtype="PCM_16")
    found = read(held.getvalue(), f"clip.{ending}")
    assert found.recording.duration == pytest.approx(2.0, abs=0.01)
    noted = any("whether it is complete" in note for note in found.notes)
    try:  # cut, it is refused, or nothing in the file tells
        short = read(held.getvalue()[: len(held.getvalue()) // 2], f"clip.{ending}")
    except Refused:
        return
    assert noted
    assert any("whether it is complete" in note for note in short.notes)


def test_a_matroska_header_that_names_a_place_beyond_any_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    path.write_bytes(b"\x1aE\xdf\xa3" + b"\x01" + b"\xfe" * 7 + bytes(3000))  # a length of 2^56 and more
    with pytest.raises(Refused, match="damaged: the Matroska file has no segment"):
        decode(path)
    path.write_bytes(b"\x1aE\xdf\xa3" + b"\x00" * 8 + b"\xff" * 3000)
    with pytest.raises(Refused, match="damaged"):
        decode(path)
