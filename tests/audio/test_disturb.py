"""Disturbances: what each may change, and what it may not."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.audio import disturb
from annotate.audio.recording import RATE, Recording


def speech_like(seconds: float = 1.0, quiet: float = 0.0) -> np.ndarray:
    """A harmonic tone with a syllable's rise and fall, then ``quiet`` seconds of silence."""
    time = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 12))
    shaped = 0.1 * tone * (0.2 + np.sin(np.pi * 4 * time) ** 2)
    return np.pad(shaped, (0, int(quiet * RATE))).astype(np.float32)


@pytest.mark.parametrize("name", disturb.DISTURBANCES)
@pytest.mark.parametrize("length", [4801, 32000])
def test_length_and_place_stay_and_the_same_clip_gives_the_same(name: str, length: int) -> None:
    clean = speech_like(2.0)[:length]
    before = clean.copy()
    once, again = disturb.DISTURBANCES[name](clean), disturb.DISTURBANCES[name](clean)
    assert once.shape == clean.shape
    assert once.dtype == np.float32
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(clean, before)
    middle = slice(800, length - 800)  # a codec's first and last frames are not what it is asked for
    assert np.corrcoef(once[middle], clean[middle])[0, 1] > 0.98


def test_what_is_lossless_and_what_is_not() -> None:
    clean = (np.round(speech_like() * 32767) / 32768).astype(np.float32)
    np.testing.assert_array_equal(disturb.flac(clean), clean)
    np.testing.assert_array_equal(disturb.wav(clean), clean)
    assert np.abs(disturb.mp3(clean) - clean).max() > 1e-3


@pytest.mark.parametrize("quiet", [0.0, 3.0])
def test_noise_lies_below_the_speech_however_much_silence_is_around_it(quiet: float) -> None:
    clean = speech_like(1.0, quiet)
    added = disturb.noise(clean, 20.0) - clean
    speech = np.mean(np.square(clean[:RATE]))
    assert 10 * np.log10(speech / np.mean(np.square(added))) == pytest.approx(20, abs=1.5)
    assert not np.array_equal(disturb.noise(clean, seed=1), disturb.noise(clean))


def test_gain_is_exact_and_forgets_what_was_measured() -> None:
    recording = Recording(speech_like(), 1.0)
    assert recording.once(len_of) == RATE
    louder = disturb.disturbed(recording, "+6 dB")
    assert 20 * np.log10(louder.samples.max() / recording.samples.max()) == pytest.approx(6, abs=1e-4)
    assert louder._shared == {}


def test_silence_stays_silence() -> None:
    silent = np.zeros(8000, np.float32)
    assert not disturb.noise(silent).any()
    assert disturb.active_power(np.zeros(0, np.float32)) == 0.0


def len_of(recording: Recording) -> int:
    return len(recording.samples)


@pytest.mark.parametrize("name", disturb.FURTHER)
def test_the_further_ones_change_the_sound_and_say_the_same_twice(name: str) -> None:
    clean = Recording(speech_like(2.0), 2.0)
    once, again = disturb.disturbed(clean, name), disturb.disturbed(clean, name)
    np.testing.assert_array_equal(once.samples, again.samples)
    assert once.samples.dtype == np.float32
    assert once.duration == pytest.approx(len(once.samples) / RATE)
    assert len(once.samples) == len(clean.samples) + (3 * RATE if "silence" in name else 0)
    middle = once.samples[len(once.samples) // 2 - 8000 : len(once.samples) // 2 + 8000]
    assert np.corrcoef(middle, clean.samples[RATE - 8000 : RATE + 8000])[0, 1] > 0.7


def test_a_room_rings_on_and_dies_away() -> None:
    clean = np.zeros(RATE, np.float32)
    clean[1000] = 1.0
    heard = np.square(disturb.room(clean))
    assert heard[:1000].sum() < 1e-9
    early, late = heard[1001:2000].sum(), heard[6000:7000].sum()
    assert early > 30 * late > 0
