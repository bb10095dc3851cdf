"""Mutated recordings of every format: read as the whole file is, read with a note, or refused in one line.

A format that states a thing once cannot tell that it was changed: samples without a checksum, and the coding, the rate
or the byte order in the headers of ``STATED_ONCE``. There only the length is held against the whole file's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutants
import numpy as np
import pytest
import sounds
from conftest import voice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.audio.decode import Decoded, Refused, decode

RATE = 16000
SPEECH = voice(0.8, 150, syllables=4)
CHECKED = ("flac", "flac 24", "ogg", "oga", "opus")  # the samples have checksums
# where the header's only word on rate, coding and byte order stands: after these bytes, so many
STATED_ONCE = {"au": (b".snd", 24), "snd ulaw": (b".snd", 24), "aiff": (b"COMM", 26), "aifc ulaw": (b"COMM", 40),
               "caf": (b"desc", 44), "caf alac": (b"desc", 44), "sph": (b"NIST", 400)}  # fmt: skip
# where the header alone knows what is the encoder's padding, or no header says how many packets there are
PADDING_S = {"mp3": 0.15, "aac": 0.07, "webm": 0.12}
FAST, SLOW = 12, 10_000 // len(sounds.FORMATS) + 1


def profile(found: Decoded) -> np.ndarray:
    """Level of each quarter in dB, at least -60."""
    quarters = np.array_split(found.recording.samples.astype(np.float64), 4)
    return np.asarray([10 * np.log10(np.mean(np.square(quarter)) + 1e-6) for quarter in quarters])


def judge(name: str, whole: bytes, path: Path) -> Callable[[tuple[Decoded, bytes]], str | None]:
    """What differs from the whole file's values without a note."""
    path.write_bytes(whole)
    right = decode(path)
    noted = set(right.notes)

    def differs(read: tuple[Decoded, bytes]) -> str | None:
        found, content = read
        if set(found.notes) - noted or within_stated_once(name, whole, content):
            return None
        slack = PADDING_S.get(name, 0.01 * right.recording.duration + 0.005)
        if abs(found.recording.duration - right.recording.duration) > slack:
            return f"{found.recording.duration:.3f} s in silence, the whole file has {right.recording.duration:.3f} s"
        if name not in CHECKED and whole[64:] != content[64:]:
            return None  # samples that no checksum protects
        away = float(np.abs(profile(found) - profile(right)).max())
        return f"levels {away:.1f} dB from those of the whole file, in silence" if away > 1 else None

    return differs


def within_stated_once(name: str, whole: bytes, content: bytes) -> bool:
    """Whether what changed includes what the format's header says only once."""
    if name not in STATED_ONCE:
        return False
    marker, length = STATED_ONCE[name]
    at = whole.index(marker)
    return whole[at : at + length] != content[at : at + length]


def read(path: Path) -> tuple[Decoded, bytes]:
    return decode(path), path.read_bytes()


def hold(name: str, count: int, folder: Path) -> mutants.Outcome:
    whole = sounds.encoded(name, SPEECH, RATE)
    path = folder / f"mutant{sounds.ending(name)}"
    differs = judge(name, whole, path)

    def mutate(chance: random.Random) -> tuple[bytes, str]:
        return mutants.of_bytes(whole, chance)

    return mutants.hold(f"audio {name}", count, mutate, read, path, differs=differs, also=(Refused,))


@pytest.mark.parametrize("name", sounds.FORMATS)
def test_mutants_of_every_format(tmp_path: Path, name: str) -> None:
    hold(name, FAST, tmp_path).require_none()


@pytest.mark.slow
@pytest.mark.parametrize("name", sounds.FORMATS)
def test_ten_thousand_mutants(tmp_path: Path, name: str) -> None:
    hold(name, SLOW, tmp_path).require_none()


def test_a_planted_fault_is_found(tmp_path: Path) -> None:
    """The judge sees what it should: a decoder that believes whatever is left of a wav."""
    whole = sounds.encoded("wav", SPEECH, RATE)
    path = tmp_path / "a.wav"
    differs = judge("wav", whole, path)
    import soundfile

    from annotate.audio.decode import decode_samples

    def careless(path: Path) -> tuple[Decoded, bytes]:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return decode_samples(samples, rate), path.read_bytes()

    outcome = mutants.hold(
        "planted", 30, lambda chance: (whole[: chance.randrange(2000, len(whole))], "cut"), careless, path,
        differs=differs, also=(Refused,),
    )  # fmt: skip
    assert len(outcome.faults) > 20


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=600), magic=st.sampled_from(
    [b"", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"OggS\0", b"fLaC\0\0\0\x22", b"ID3\4", b"FORM\0\0\0\1AIFF", b".snd",
     b"caff\0\1", b"NIST_1A\n   1024\n", b"\xff\xfb\x90\x64", b"\x1aE\xdf\xa3", b"\0\0\0\x18ftypM4A ",
     b"#!AMR\n", b"\xff\xf1P\x80"]
))  # fmt: skip
def test_noise_behind_any_magic_number_is_refused_in_words(tmp_path: Path, content: bytes, magic: bytes) -> None:
    path = tmp_path / "noise.bin"
    path.write_bytes(magic + content)
    try:
        found: Any = decode(path)
    except Refused as refused:
        found = str(refused)
    assert found
    assert "Error" not in str(found)
