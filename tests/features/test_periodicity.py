"""The short view of voicing, and what it does at the edges of a voice."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import hiss, recording, silence, voice

from annotate.audio.recording import RATE
from annotate.features import periodicity
from annotate.features.energy import lufs
from annotate.features.pitch.praat import track

TIMES = np.arange(0.1, 0.9, 0.005)


@pytest.mark.parametrize("f0", [70.0, 140.0, 400.0])
def test_neighbouring_periods_of_a_voice_are_alike_and_its_period_is_found(f0: float) -> None:
    sound, right = voice(1.0, f0).astype(np.float64), np.full(len(TIMES), f0)
    assert periodicity.strength(sound, RATE, TIMES, right).min() > 0.98
    assert periodicity.drift(sound, RATE, TIMES, right).max() < 0.03
    assert np.median(periodicity.drift(sound, RATE, TIMES, 1.25 * right)) == pytest.approx(0.25, abs=0.05)


def test_noise_and_silence_are_not_alike() -> None:
    some = np.full(len(TIMES), 140.0)
    assert periodicity.strength(hiss(1.0, 0.1).astype(np.float64), RATE, TIMES, some).mean() < 0.3
    assert periodicity.strength(np.zeros(RATE), RATE, TIMES, some).max() <= 0.0
    assert len(periodicity.strength(np.zeros(RATE), RATE, TIMES[:0], some[:0])) == 0


@pytest.mark.parametrize("f0", [70.0, 120.0, 220.0])
def test_voicing_begins_and_ends_where_the_voice_does(f0: float) -> None:
    sound = np.concatenate([silence(0.4), voice(0.6, f0), silence(0.4)])
    found = track(recording(sound + hiss(1.4, 1e-3)))
    voiced = found.times[found.voiced]
    assert voiced[0] == pytest.approx(0.4, abs=0.02)
    assert voiced[-1] == pytest.approx(1.0, abs=0.02)


def test_a_hiss_has_no_voice_however_long() -> None:
    assert sum(track(recording(hiss(3.0, 0.05, seed))).voiced.sum() for seed in range(8)) == 0


@pytest.mark.parametrize("db", [-12.0, -6.0, 12.0])
def test_a_gain_is_the_same_number_of_loudness_units_on_a_quiet_recording(db: float) -> None:
    quiet = 0.1 * np.concatenate([voice(1.0, 150), hiss(1.0, 0.002), voice(0.5, 150, level=0.02), hiss(1.0, 0.0002)])
    louder = (quiet * 10 ** (db / 20)).astype(np.float32)
    before, after = (
        lufs.measure(recording(one.astype(np.float32)), {}).values["loudness_lufs"] for one in (quiet, louder)
    )
    assert after - before == pytest.approx(db, abs=0.01)
