"""Decoding: what is refused, and why; what is kept, and how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import silence, voice

from annotate.audio.decode import Refused, decode
from annotate.audio.recording import RATE


def test_any_rate_comes_at_the_one_rate_with_its_own_duration(wav: Callable[..., Path]) -> None:
    for rate in (8000, 20000, 44100, 48000, 96000):
        found = decode(wav(voice(1.0, 150, rate=rate), f"{rate}.wav", rate)).recording
        assert found.samples.dtype == np.float32
        assert abs(len(found.samples) - RATE) <= 1
        assert found.duration == pytest.approx(1.0)


def test_eight_khz_is_said(wav: Callable[..., Path]) -> None:
    assert any("8000 Hz" in note for note in decode(wav(voice(1.0, 150, rate=8000), rate=8000)).notes)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_any_sample_format_gives_the_same_sound(wav: Callable[..., Path], subtype: str) -> None:
    sound = voice(0.5, 150)
    found = decode(wav(sound, subtype=subtype)).recording.samples
    assert np.abs(found - sound).max() < 0.01


@pytest.mark.parametrize("name", ["clip.flac", "clip.mp3", "clip.ogg"])
def test_other_containers(wav: Callable[..., Path], name: str) -> None:
    found = decode(wav(voice(1.0, 150), name)).recording
    assert found.duration == pytest.approx(1.0, abs=0.08)
    assert np.sqrt(np.mean(found.samples**2)) == pytest.approx(0.075, rel=0.1)


def test_of_two_channels_the_one_with_the_most_energy_is_taken(wav: Callable[..., Path]) -> None:
    speech = voice(1.0, 150)
    for number, channels in enumerate([(speech, silence(1.0)), (silence(1.0), speech), (speech, -speech)]):
        found = decode(wav(np.stack(channels, axis=1), f"{number}.wav"))
        assert np.sqrt(np.mean(found.recording.samples**2)) == pytest.approx(0.075, rel=0.01)
        assert "the one with the most energy" in found.notes[0]


def test_six_channels(wav: Callable[..., Path]) -> None:
    channels = np.stack([0.1 * k * voice(0.5, 150) for k in (1, 2, 6, 3, 4, 5)], axis=1)
    assert "channel 3 used" in decode(wav(channels)).notes[0]


def test_silence_is_kept_and_said(wav: Callable[..., Path]) -> None:
    found = decode(wav(silence(2.0)))
    assert found.recording.silent
    assert "silence" in found.notes[0]


def test_clipping_is_said(wav: Callable[..., Path]) -> None:
    assert any("clipped" in note for note in decode(wav(np.clip(voice(1.0, 150) * 20, -1, 1))).notes)


def make_missing(path: Path) -> None:
    path.unlink()


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def make_text(path: Path) -> None:
    path.write_text("this is not audio, whatever its name says\n" * 20)


def make_pointer(path: Path) -> None:
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")


def make_truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def make_header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:44])


def make_stub_of_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (make_missing, "missing"),
        (make_empty, "no bytes"),
        (make_text, "not audio"),
        (make_pointer, "git lfs pull"),
        (make_truncated, "truncated: the file contains only 0.50 s of 1.00 s"),
        (make_header_only, "truncated"),
        (make_stub_of_header, "truncated"),
    ],
)
def test_what_is_not_a_whole_recording_is_refused(
    wav: Callable[..., Path], harm: Callable[[Path], None], said: str
) -> None:
    path = wav(voice(1.0, 150), subtype="PCM_16")
    harm(path)
    with pytest.raises(Refused, match=said):
        decode(path)


def test_a_truncated_flac_is_refused(wav: Callable[..., Path]) -> None:
    path = wav(voice(2.0, 150), "clip.flac")
    make_truncated(path)
    with pytest.raises(Refused):
        decode(path)


def test_too_short_and_not_a_number_are_refused(wav: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="too short: 400 samples"):
        decode(wav(voice(0.025, 200)))
    with pytest.raises(Refused, match="too short: 1 samples"):
        decode(wav(np.ones(1, np.float32)))
    broken = voice(1.0, 150)
    broken[100] = np.nan
    with pytest.raises(Refused, match="not numbers"):
        decode(wav(broken, subtype="FLOAT"))


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"unreadable|missing"):
        decode(tmp_path)  # a folder
