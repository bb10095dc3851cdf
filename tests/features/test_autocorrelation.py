"""The autocorrelation of all frames at once gives what Praat gives frame by frame; its path is the best there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from conftest import hiss, recording, silence, voice
from hypothesis import given
from hypothesis import strategies as st

from annotate.audio.recording import RATE
from annotate.features import autocorrelation
from annotate.features.autocorrelation import PitchSearch, best_path
from annotate.features.bands import Bands
from annotate.features.pitch.praat import track

SEARCH = PitchSearch(60.0, 900.0, 5, 0.03, 0.45, 0.02, 0.35, 0.14)


def summed(scores: np.ndarray, costs: np.ndarray, way: np.ndarray) -> float:
    frames = np.arange(len(way))
    return float(scores[frames, way].sum() - costs[frames[:-1], way[:-1], way[1:]].sum())


@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_no_other_path_is_better(frames: int, candidates: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    scores, costs = dice.random((frames, candidates)), dice.random((frames - 1, candidates, candidates))
    ways = (np.array(way) for way in itertools.product(range(candidates), repeat=frames))
    best = max(summed(scores, costs, way) for way in ways)
    assert summed(scores, costs, best_path(scores, costs)) == pytest.approx(best)


@given(st.integers(1, 120), st.integers(0, 2**32 - 1))
def test_long_paths_are_those_of_going_through_the_frames_in_turn(frames: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    scores, costs = dice.random((frames, 4)), dice.random((frames - 1, 4, 4))
    total = scores[0]
    for at in range(1, frames):
        total = (total[:, None] - costs[at - 1]).max(axis=0) + scores[at]
    assert summed(scores, costs, best_path(scores, costs)) == pytest.approx(total.max())


@pytest.mark.parametrize("f0", [70.0, 150.0, 440.0])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_it_finds_what_praat_finds(f0: float, noise: float) -> None:
    parselmouth = pytest.importorskip("parselmouth")
    samples = np.concatenate([silence(0.2), voice(0.5, f0), silence(0.2)]) + hiss(0.9, noise + 1e-6)
    praat = parselmouth.Sound(samples.astype(np.float64), RATE).to_pitch_ac(
        0.01, 60.0, 15, False, 0.03, 0.45, 0.02, 0.35, 0.14, 900.0
    )
    theirs = praat.selected_array
    centres = np.rint(praat.xs() * RATE).astype(np.int64)
    ours = autocorrelation.path(samples, RATE, centres, 0.01, SEARCH)
    assert ((ours.f0 > 0) == (theirs["frequency"] > 0)).mean() > 0.97
    both = (ours.f0 > 0) & (theirs["frequency"] > 0)
    assert both.sum() > 40
    assert np.abs(ours.f0[both] / theirs["frequency"][both] - 1).max() < 0.005
    assert np.abs(ours.strength[both] - theirs["strength"][both]).max() < 0.003


def test_no_frames_have_no_path_and_silence_has_no_voice() -> None:
    nothing = autocorrelation.path(np.zeros(RATE), RATE, np.zeros(0, np.int64), 0.01, SEARCH)
    assert len(nothing.f0) == len(nothing.strength) == 0
    assert not autocorrelation.path(np.zeros(RATE), RATE, np.arange(800, 15_000, 160), 0.01, SEARCH).f0.any()


@pytest.mark.parametrize("rate", [4000, 8000])
@pytest.mark.parametrize("count", [1025, 4001, 16_000])
def test_a_lower_rate_keeps_what_is_below_half_of_it(rate: int, count: int) -> None:
    def low(at: int) -> np.ndarray:  # samples lie in the middle of their time
        time = (np.arange(-(-count * at // RATE)) + 0.5) / at
        return np.sin(2 * np.pi * 300 * time) * np.square(np.sin(np.pi * time * RATE / count))

    high = np.sin(2 * np.pi * 5000 * np.arange(count) / RATE) * np.hanning(count)
    assert Bands((low(RATE) + high).astype(np.float32)).at(rate) == pytest.approx(low(rate), abs=3e-3)


@pytest.mark.parametrize("pause", [0.5, 3.0])
def test_silence_in_between_and_around_moves_no_pitch(pause: float) -> None:
    spoken = [voice(0.6, 130.0), voice(0.6, 190.0)]
    hushed = np.concatenate([silence(pause), spoken[0], silence(pause), spoken[1], silence(pause)])
    found = track(recording(hushed))
    assert found.voiced.sum() * 0.005 == pytest.approx(1.2, abs=0.06)
    for begin, f0 in ((pause, 130.0), (2 * pause + 0.6, 190.0)):
        inside = (found.times > begin + 0.05) & (found.times < begin + 0.55)
        assert found.f0[inside] == pytest.approx(f0, rel=0.02)


@pytest.mark.parametrize("count", [1024, 1025, 1100, 1234, 2000, 3333])
def test_the_shortest_recordings_have_frames_within_them(count: int) -> None:
    found = track(recording(voice(1.0, 200.0)[:count]))
    assert len(found.times)
    assert 0 < found.times[0] <= found.times[-1] < count / RATE
    assert found.f0[found.voiced] == pytest.approx(200.0, rel=0.05)
