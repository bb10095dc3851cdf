"""Measurements against sounds whose truth is known because the test made them."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import hiss, recording, silence, voice

from annotate import registry
from annotate.features import contour
from annotate.features.activity import activity

ROW = {
    "transcript": "Kids are talking by the door",
    "language": "en",
    "transcript_given": None,
    "gender_given": None,
    "measured_given": None,
}


def measured(slot: str, name: str, samples: np.ndarray) -> dict[str, float]:
    return dict(registry.load(slot, name).measure(recording(samples), ROW).values)


@pytest.mark.parametrize("name", [name for name in registry.names("pitch") if name != "given"])
@pytest.mark.parametrize("f0", [90.0, 180.0, 330.0])
def test_pitch_of_a_known_voice(name: str, f0: float) -> None:
    found = measured("pitch", name, np.concatenate([silence(0.3), voice(1.0, f0), silence(0.3)]))
    assert found["pitch_median_hz"] == pytest.approx(f0, rel=0.02)
    assert found["pitch_sd_st"] < 1.0


@pytest.mark.parametrize("f0", [64.0, 68.0, 75.0, 450.0, 620.0])
def test_the_lowest_and_highest_voices_keep_their_octave(f0: float) -> None:
    found = measured("pitch", "praat", np.concatenate([silence(0.3), voice(1.0, f0), silence(0.3)]))
    assert found["pitch_median_hz"] == pytest.approx(f0, rel=0.02)


def test_pitch_is_of_voiced_frames_only() -> None:
    pulses = np.zeros(16000, np.float32)
    pulses[:: round(16000 / 120)] = 0.5
    found = measured("pitch", "praat", np.concatenate([pulses, hiss(2.0, 0.05)]))
    assert found["pitch_median_hz"] == pytest.approx(120, rel=0.03)
    assert found["voiced_fraction"] == pytest.approx(1 / 3, abs=0.08)


def test_no_voice_no_pitch() -> None:
    feature = registry.load("pitch", "praat")
    found = feature.measure(recording(hiss(1.0, 0.05)), ROW)
    assert "pitch_median_hz" not in found.values
    assert "no voiced speech" in found.notes[0]


@pytest.mark.parametrize("seconds", [0.1, 0.12, 0.28])
@pytest.mark.parametrize("slot", ["pitch", "energy", "rate", "voice"])
def test_the_shortest_clips_are_measured_or_null_never_an_exception(slot: str, seconds: float) -> None:
    for name in registry.names(slot):
        registry.load(slot, name).measure(recording(voice(seconds, 200)), ROW)


def test_contour_statistics_are_in_semitones() -> None:
    times = np.arange(101) / 100
    rising = contour.Contour(times, 100 * 2 ** (times / 1.0))  # an octave in one second
    found = contour.statistics(rising).values
    assert found["pitch_slope_st_s"] == pytest.approx(12, rel=0.01)
    assert found["pitch_range_st"] == pytest.approx(0.9 * 12, rel=0.02)
    assert found["voiced_fraction"] == 1.0


def test_loudness_follows_the_gain_and_the_reference() -> None:
    tone = (10 ** (-20 / 20) * np.sin(2 * np.pi * 997 * np.arange(5 * 16000) / 16000)).astype(np.float32)
    # BS.1770: a 997 Hz sine in one channel at -20 dBFS peak reads -23.01 LUFS
    assert measured("energy", "lufs", tone)["loudness_lufs"] == pytest.approx(-23.01, abs=0.1)
    quiet = measured("energy", "lufs", (tone / 2).astype(np.float32))["loudness_lufs"]
    assert measured("energy", "lufs", tone)["loudness_lufs"] - quiet == pytest.approx(6.02, abs=0.02)


def test_a_short_clip_has_a_loudness_and_says_how() -> None:
    found = registry.load("energy", "lufs").measure(recording(voice(0.28, 150)), ROW)
    assert np.isfinite(found.values["loudness_lufs"])
    assert "280 ms" in found.notes[0]


def test_time_spoken_leaves_silence_and_pauses_out() -> None:
    sound = np.concatenate([silence(1.0), voice(0.8, 150), silence(0.5), voice(0.7, 150), silence(1.0)])
    found = activity(recording(sound + hiss(len(sound) / 16000, 1e-4)))
    assert found.spoken_s == pytest.approx(1.5, abs=0.1)
    assert found.pause_s == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("gain", [0.1, 0.5, 2.0])
def test_time_spoken_does_not_depend_on_gain(gain: float) -> None:
    sound = np.concatenate([silence(0.5), voice(1.0, 150), silence(0.5)]) + hiss(2.0, 1e-4)
    assert activity(recording((gain * sound).astype(np.float32))).spoken_s == activity(recording(sound)).spoken_s


def test_rate_is_syllables_over_time_spoken() -> None:
    sound = np.concatenate([silence(1.0), voice(2.0, 150), silence(1.0)])
    assert measured("rate", "transcript", sound)["rate_syllables_s"] == pytest.approx(7 / 2.0, rel=0.05)


def test_a_clean_voice_has_little_jitter_and_a_high_hnr() -> None:
    clean = measured("voice", "praat", voice(1.0, 150))
    noisy = measured("voice", "praat", voice(1.0, 150) + hiss(1.0, 0.02))
    assert clean["jitter"] < 0.01
    assert clean["hnr_db"] > noisy["hnr_db"] + 5
