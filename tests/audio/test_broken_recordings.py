"""Every broken recording that the field knows, in one corpus: the bench's own, so that both hold the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import voice

from annotate.audio.containers import mpeg
from annotate.audio.refusal import Refused
from benchmarks.faults import broken


def test_each_is_one_row_with_its_reason_and_the_rest_is_untouched(tmp_path: Path) -> None:
    for line in broken.lines(tmp_path):
        assert line.held, line


@pytest.fixture
def mp3(tmp_path: Path) -> bytes:
    soundfile.write(tmp_path / "clip.mp3", voice(2.0, 150), 16000)
    return (tmp_path / "clip.mp3").read_bytes()


def damage(content: bytes) -> str | None:
    try:
        mpeg.examine(content)
    except Refused as refused:
        return str(refused)
    return None


def test_a_whole_mp3_is_whole_with_its_tags(mp3: bytes) -> None:
    assert damage(mp3) is None
    assert damage(b"ID3\4\0\0\0\0\1\0" + bytes(128) + mp3) is None
    assert damage(mp3 + b"TAG" + bytes(125)) is None
    assert damage(b"") is damage(b"RIFF no mp3 at all") is None


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000])
def test_frames_of_every_rate_are_counted_right(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "clip.mp3", np.stack([voice(1.0, 150, rate=rate)] * 2, axis=1), rate)
    content = (tmp_path / "clip.mp3").read_bytes()
    assert damage(content) is None
    assert "truncated" in (damage(content[:-7]) or "")


def test_a_damaged_frame_is_told_with_its_place(mp3: bytes) -> None:
    middle = len(mp3) // 2
    assert "damaged" in (damage(mp3[:middle] + bytes([7] * 300) + mp3[middle + 300 :]) or "")
