"""Recordings that change between reading, measuring and embedding (issue 20, 4), and what is barely there (20, 5)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
import sounds
from conftest import hiss, recording, silence, voice

from annotate import registry
from annotate.audio.decode import Refused, decode
from annotate.corpora.recording_path import RecordingPaths
from annotate.dataset import build
from annotate.dataset.embedded_audio import embedded
from annotate.features.measure import CHANGED, Measure
from field_cases.conftest import clip

RATE = 16000
OTHER = voice(7.0, 220)


@pytest.fixture
def measured(tmp_path: Path) -> tuple[Path, str]:
    """A recording of 3.3 s and the digest of what was measured."""
    path = tmp_path / "corpus" / "a" / "x.wav"
    path.parent.mkdir(parents=True)
    soundfile.write(path, voice(3.3, 150), RATE)
    return path, decode(path).digest


def longer(path: Path, outside: Path) -> None:
    soundfile.write(path, OTHER, RATE)


def same_size_and_time(path: Path, outside: Path) -> None:
    before = path.stat()
    soundfile.write(path, voice(3.3, 151), RATE)
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def link_out_of_the_root(path: Path, outside: Path) -> None:
    path.unlink()
    path.symlink_to(outside)


def folder_becomes_a_link(path: Path, outside: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(outside.parent)


def gone(path: Path, outside: Path) -> None:
    path.unlink()


def cut(path: Path, outside: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


SWAPS = {
    longer: "now a different recording", same_size_and_time: "now a different recording",
    link_out_of_the_root: "leads out", folder_becomes_a_link: "leads out", gone: "missing", cut: "truncated",
}  # fmt: skip


@pytest.mark.parametrize("swap", SWAPS)
def test_20_4_what_changed_since_it_was_measured_is_not_embedded(
    tmp_path: Path, measured: tuple[Path, str], swap: Callable[[Path, Path], None]
) -> None:
    path, digest = measured
    outside = tmp_path / "outside" / "x.wav"
    outside.parent.mkdir()
    outside.write_bytes(path.read_bytes())  # even the same recording is not read from elsewhere
    root = tmp_path / "corpus"
    assert embedded(root, "a/x.wav", RATE, digest)["bytes"] == path.read_bytes()
    swap(path, outside)
    with pytest.raises(Refused, match=SWAPS[swap]):
        embedded(root, "a/x.wav", RATE, digest)


def test_20_4_siblings_a_part_and_a_recording_within_parquet(tmp_path: Path) -> None:
    sound = np.concatenate([voice(2.0, 110), voice(2.0, 220)])
    soundfile.write(tmp_path / "a.wav", sound, RATE)
    digest = decode(tmp_path / "a.wav#t=2.5,3.5").digest
    sound[: 2 * RATE] = 0  # another part of it changes: this one is what it was
    soundfile.write(tmp_path / "a.wav", sound, RATE)
    assert embedded(tmp_path, "a.wav#t=2.5,3.5", RATE, digest)["path"] == "a-2.500-3.500.flac"
    soundfile.write(tmp_path / "a.wav", sound[::-1], RATE)
    with pytest.raises(Refused, match="now a different recording"):
        embedded(tmp_path, "a.wav#t=2.5,3.5", RATE, digest)

    def put(name: str) -> None:
        content = [{"bytes": sounds.encoded(name, voice(1.0, 150 if name == "wav" else 190), RATE), "path": None}]
        pq.write_table(pa.table({"audio": content}), tmp_path / "d.parquet")

    put("wav")
    digest = decode(tmp_path / "d.parquet#audio#0").digest
    put("flac")
    with pytest.raises(Refused, match="now a different recording"):
        embedded(tmp_path, "d.parquet#audio#0", RATE, digest)


@pytest.mark.parametrize("swap", [longer, link_out_of_the_root, gone])
def test_20_4_what_changed_since_the_corpus_was_read_is_not_measured(
    tmp_path: Path, measured: tuple[Path, str], swap: Callable[[Path, Path], None]
) -> None:
    path, _ = measured
    root = tmp_path / "corpus"
    place = RecordingPaths(root).find("a/x.wav")
    outside = tmp_path / "x.wav"
    outside.write_bytes(path.read_bytes())
    row = {"path": "a/x.wav", "audio_bytes": place.size, "audio_mtime_ns": place.changed_ns, "drop_corpus": None,
           "drop_select": None}  # fmt: skip
    assert Measure(root, {})([row], ["audio"])["audio"][0]["duration"] == pytest.approx(3.3)
    swap(path, outside)
    reason = Measure(root, {})([row], ["audio"])["audio"][0]["drop_decoded"]
    assert reason == CHANGED or "leads out" in reason or "missing" in reason


def test_20_4_a_run_puts_the_row_aside_and_goes_on(
    table: Callable[..., Path],
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = table([{"id": f"c{k}", "emotion": "a", "samples": clip(k)} for k in range(9)])
    make = build.build

    def swapped(*args: Any, **options: Any) -> Any:
        soundfile.write(root / "c3.wav", OTHER, RATE)
        return make(*args, **options)

    monkeypatch.setattr(build, "build", swapped)
    found = run("table", root, "captions.writer=none")
    assert found.aside() == {"c3": "since it was measured: it is now a different recording"}
    assert len(found.rows) == 8


FAINT = {
    "a sine of amplitude 1e-5": 1e-5 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE),
    "a sine of one step of 16 bits": np.round(1.4 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE)) / 32768,
    "speech 90 dB down": voice(2.0, 150, syllables=4) * 10**-4.5,
    "hiss of a converter": hiss(2.0, 2e-5),
}


@pytest.mark.parametrize("name", FAINT)
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT", "PCM_24"])
def test_20_5_below_the_floor_nothing_is_measured(tmp_path: Path, name: str, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", FAINT[name], RATE, subtype=subtype)
    found = decode(tmp_path / "a.wav")
    assert found.recording.silent
    assert any("nothing to measure" in note or "too faint to measure" in note for note in found.notes)


def test_20_5_a_quiet_recording_is_measured(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", voice(2.0, 150, level=0.004, syllables=4), RATE, subtype="PCM_16")
    found = decode(tmp_path / "a.wav").recording
    assert not found.silent
    assert registry.load("pitch", "praat").measure(found, {}).values["pitch_median_hz"] == pytest.approx(150, rel=0.02)


def pulses(f0: float, ring_hz: float, seconds: float = 2.0) -> np.ndarray:
    """A train of pulses through one resonance, as a creak is."""
    train = np.zeros(round(seconds * RATE))
    train[:: round(RATE / f0)] = 1
    time = np.arange(RATE // 20) / RATE
    ring = np.exp(-np.pi * 80 * time) * np.cos(2 * np.pi * ring_hz * time)
    sound = np.convolve(train, ring)[: len(train)]
    return (0.3 * sound / np.abs(sound).max() + 1e-4 * np.random.default_rng(0).standard_normal(len(sound))).astype(
        "f4"
    )


@pytest.mark.parametrize("ring_hz", [400, 500, 650])
@pytest.mark.parametrize("f0", [28, 40, 50, 57])
def test_20_5_pulses_below_the_floor_have_no_pitch(f0: float, ring_hz: float) -> None:
    found = registry.load("pitch", "praat").measure(recording(pulses(f0, ring_hz)), {})
    assert found.values.get("pitch_median_hz") is None or found.values["pitch_median_hz"] < 65
    assert found.values.get("pitch_median_hz") or any(note.startswith("pitch:") for note in found.notes)


def unsteady(f0: float, spread: float) -> np.ndarray:
    """Pulses through one resonance whose periods vary by a part of themselves, as those of a creak do."""
    dice, train, at = np.random.default_rng(1), np.zeros(2 * RATE), 0.0
    while at < len(train):
        train[int(at)] = 1
        at += RATE / f0 * max(0.2, 1 + spread * dice.standard_normal())
    time = np.arange(RATE // 20) / RATE
    ring = np.exp(-np.pi * 80 * time) * np.cos(2 * np.pi * 500 * time)
    sound = np.convolve(train, ring)[: len(train)]
    return (0.3 * sound / np.abs(sound).max()).astype("f4")


SLOW = {
    "through two resonances": lambda f0: pulses(f0, 500) + pulses(f0, 1500),
    "of unsteady periods": lambda f0: unsteady(f0, 0.1),
    "in noise": lambda f0: pulses(f0, 500) + hiss(2.0, 0.01),
    "of a sawtooth": lambda f0: (0.3 * ((f0 * np.arange(2 * RATE) / RATE) % 1 - 0.5)).astype("f4"),
}


@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("f0", [30, 45, 55])
def test_20_5_siblings_of_pulses_below_the_floor_have_no_pitch(f0: float, kind: str) -> None:
    found = registry.load("pitch", "praat").measure(recording(SLOW[kind](f0)), {})
    assert found.values.get("pitch_median_hz") is None
    assert any(note.startswith("pitch:") for note in found.notes)


@pytest.mark.parametrize("f0", [65, 80, 110, 150, 220, 330, 480])
def test_20_5_a_voice_above_the_floor_keeps_its_pitch(f0: float) -> None:
    found = registry.load("pitch", "praat").measure(recording(voice(1.5, f0, syllables=4)), {})
    assert found.values["pitch_median_hz"] == pytest.approx(f0, rel=0.02)


def test_20_5_real_voices_keep_theirs(ravdess: Path) -> None:
    """Also angry and fearful ones, whose pitch is near the first formant."""
    for path in sorted(ravdess.rglob("*.flac"))[11::83]:
        found = registry.load("pitch", "praat").measure(decode(path).recording, {})
        assert found.values["pitch_median_hz"] > 60, path.name


@pytest.mark.parametrize("seconds", [0.5, 1.5, 4.0])
def test_20_5_digital_silence_around_speech_changes_no_rate(seconds: float) -> None:
    body = voice(2.0, 150, syllables=4) + hiss(2.0, 0.0005)
    sound = np.concatenate([hiss(0.3, 0.0005), body, hiss(0.3, 0.0005)])
    padded = np.concatenate([silence(seconds), sound, silence(seconds)])
    row = {"transcript": "Kids are talking by the door", "language": "en"}
    plain, around = (registry.load("rate", "transcript").measure(recording(one), row).values for one in (sound, padded))
    assert around["rate_syllables_s"] == pytest.approx(plain["rate_syllables_s"], rel=0.01)
    assert around["spoken_s"] == pytest.approx(plain["spoken_s"], abs=0.02)
