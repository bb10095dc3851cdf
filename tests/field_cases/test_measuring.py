"""Field cases of measuring: 1 hiss, 2 NaN, 4 too short, 5 short, 6 silence, 7 pointers, 8 channels; and their kin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import hiss, recording, silence, voice

from annotate import registry
from annotate.audio.decode import decode
from annotate.audio.recording import RATE, Recording
from annotate.features import measure
from annotate.features.feature import Feature, Measured

from .conftest import clip

ROW = {"transcript": "Kids are talking by the door", "language": "en", "transcript_given": None, "gender_given": None}
KEPT = {"drop_corpus": None, "drop_select": None, "drop_decoded": None}


def estimators(*slots: str) -> list[tuple[str, str]]:
    """Those that listen; ``given`` takes what a table brings along (tests/features/test_given_measurements.py)."""
    return [(slot, name) for slot in slots for name in registry.names(slot) if name != "given"]


@pytest.mark.parametrize("name", [name for _, name in estimators("pitch")])
def test_case_1_pitch_is_of_the_voiced_frames(name: str) -> None:
    """1 s of a 120 Hz pulse train, then 2 s of hiss; every tracker, not just the default."""
    pulses = np.zeros(RATE, np.float32)
    pulses[:: round(RATE / 120)] = 0.5
    found = registry.load("pitch", name).measure(recording(np.concatenate([pulses, hiss(2.0, 0.05)])), ROW).values
    assert found["pitch_median_hz"] == pytest.approx(120, rel=0.03)
    assert found["voiced_fraction"] == pytest.approx(1 / 3, abs=0.08)


def test_case_1_no_hiss_is_speech_for_any_measure() -> None:
    """The kin: a rate, an articulation time or a voice quality made of hiss."""
    for slot, name in estimators("rate", "voice", "gender"):
        found = registry.load(slot, name).measure(recording(hiss(2.0, 0.05)), {**ROW, "gender_given": None})
        assert not [v for k, v in found.values.items() if v and k not in ("tilt_db",)], (slot, name)
        assert found.notes, (slot, name)


def made(value: Any) -> Feature:
    return Feature("1", ("rate_syllables_s",), lambda sound, row: Measured({"rate_syllables_s": value}))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan")])
def test_case_2_a_nan_of_any_feature_is_null_with_its_reason(value: float) -> None:
    found = measure.measure_feature(made(value), recording(voice(1.0, 150)), KEPT)
    assert found.values == {}
    assert found.notes == ["rate_syllables_s: not a number, left out"]
    assert measure.measure_feature(made(4.0), recording(voice(1.0, 150)), KEPT).values == {"rate_syllables_s": 4.0}


def test_case_4_a_clip_of_400_samples_among_ten(table: Callable[..., Path], run: Callable[..., Any]) -> None:
    rows = [{"id": f"c{k}", "emotion": "a", "samples": clip(k)} for k in range(10)]
    found = run("table", table([*rows, {"id": "short", "emotion": "a", "samples": voice(0.025, 200)}]))
    assert len(found.rows) == 10
    assert found.aside() == {"short": "too short: 400 samples at 16000 Hz, at least 0.1 s are needed"}
    assert all(row["pitch"] for row in found.rows.values())


@pytest.mark.parametrize("rate", [8000, 48000])
def test_case_4_too_short_is_a_time_not_a_number_of_samples(wav: Callable[..., Path], rate: int) -> None:
    from annotate.audio.decode import Refused

    with pytest.raises(Refused, match="too short"):
        decode(wav(voice(0.09, 200, rate=rate), "short.wav", rate))
    assert decode(wav(voice(0.11, 200, rate=rate), "long.wav", rate)).recording.duration == pytest.approx(0.11)


def test_case_5_280_ms_have_a_marked_loudness(wav: Callable[..., Path]) -> None:
    found = registry.load("energy", "lufs").measure(decode(wav(voice(0.28, 150))).recording, ROW)
    assert found.values["loudness_lufs"] == pytest.approx(found.values["level_rms_dbfs"], abs=4)
    assert "280 ms, shorter than the 400 ms of BS.1770" in found.notes[0]


SOUNDS = {
    "280 ms": voice(0.28, 150), "120 ms": voice(0.12, 150), "hiss": hiss(1.0, 0.05), "faint": hiss(1.0, 1e-5),
    "click": np.concatenate([silence(0.5), np.full(3, 0.9, np.float32), silence(0.5)]),
    "constant": np.full(RATE, 0.3, np.float32), "hum": voice(1.0, 50), "no pause": voice(1.0, 150),
    "60 ms of voice": np.concatenate([silence(0.3), voice(0.06, 150), silence(0.3)]),
}  # fmt: skip
# what an estimator does not measure at all is null in every row, and the row need not say so
NEVER = {
    ("energy", "rms"): {"loudness_lufs"},
    ("rate", "signal"): {"rate_phones_s"},
    ("rate", "transcript"): {"rate_phones_s"},
}


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize(("slot", "name"), estimators("pitch", "energy", "rate", "voice", "gender"))
def test_case_5_every_null_of_every_measure_has_its_reason(slot: str, name: str, sound: str) -> None:
    if slot == "gender":
        from annotate.features.speaker import cnn, embedding

        if not {"encoder": embedding.available(), "ensemble": embedding.available() and cnn.available()}.get(
            name, True
        ):
            pytest.skip("the weights of the networks are not installed")
    found = registry.load(slot, name).measure(recording(SOUNDS[sound]), ROW)
    columns = set(measure.SLOT_COLUMNS[slot]) - NEVER.get((slot, name), set())
    lacking = {column for column in columns if found.values.get(column) is None}
    assert all(np.isfinite(value) for value in found.values.values() if isinstance(value, float))
    assert not lacking or any(note.startswith(f"{slot}:") for note in found.notes), lacking


def test_case_6_a_silent_recording_keeps_its_label_and_nothing_is_claimed(
    table: Callable[..., Path], run: Callable[..., Any]
) -> None:
    """Digital silence, and its kin: DC alone, and one step of 16 bits now and then."""
    dither = np.zeros(2 * RATE, np.float32)
    dither[::1000] = 1 / 32768
    quiet = {"zero": silence(2.0), "dc": np.full(2 * RATE, 0.25, np.float32), "dither": dither}
    rows = [{"id": f"c{k}", "emotion": "sad", "gender": "f", "samples": clip(k)} for k in range(9)]
    rows += [{"id": name, "emotion": "sad", "gender": "f", "samples": sound} for name, sound in quiet.items()]
    found = run("table", table(rows))
    for name in quiet:
        row = found.rows[name]
        assert row["emotion_original"] == "sad"
        assert (
            row["pitch"] is row["speed"] is row["pitch_median_hz"] is row["rate_syllables_s"] is row["jitter"] is None
        )
        assert row["reply_e_p"] is row["reply_e_s"] is None
        assert row["reply_e"] is not None
        assert row["notes"]
    assert found.rows["zero"]["caption"] is not None
    assert not [w for w in ("voice", "pitch", "slow", "fast", "quiet", "loud") if w in found.rows["zero"]["caption"]]
    assert {"zero"} <= {one["id"] for one in found.summary["unmeasured"]}
    report = (found.folder / "report.html").read_text(encoding="utf-8")
    assert "<code>zero</code>" in report
    assert "digital silence" in report


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 63052\n"
STAND_INS = {
    "lfs": (POINTER, "git lfs pull"),
    "annex": (b"/annex/objects/SHA256E-s63052--4d7a.wav\n", "git annex get"),
    "page": (b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>" + b" " * 2000, "download it again"),
}


def test_case_7_what_stands_in_for_a_recording_says_how_to_fetch_it_once_with_the_count(
    table: Callable[..., Path], run: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    import annotate
    from annotate.cli import run_summary

    rows = [{"id": f"c{k}", "emotion": "a", "samples": clip(k)} for k in range(9)]
    rows += [{"id": f"{n}{k}", "emotion": "a", "raw": raw} for n, (raw, _) in STAND_INS.items() for k in range(2)]
    found = run("table", table(rows))
    run_summary.show(annotate.Output(found.folder), quiet=True)
    told = capsys.readouterr().out
    for _, how in STAND_INS.values():
        assert len([line for line in told.splitlines() if how in line and line.strip().startswith("2 x")]) == 1
    assert len(found.rows) == 9


@pytest.mark.parametrize("raw", [raw for raw, _ in STAND_INS.values()])
@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl", "metadata.parquet"])
def test_case_7_a_list_may_be_a_pointer_too(tmp_path: Path, run: Callable[..., Any], name: str, raw: bytes) -> None:
    from annotate.errors import SemoError

    (tmp_path / name).write_bytes(raw)
    with pytest.raises(SemoError, match=rf"{name}: a .* not the real file"):
        run("table", tmp_path, output=tmp_path / "out")


def test_case_7_an_annex_link_without_content(tmp_path: Path) -> None:
    from annotate.corpora.recording_path import ANNEX, RecordingPaths

    (tmp_path / "a.wav").symlink_to("../.git/annex/objects/4d/7a/SHA256E-s1--x.wav/SHA256E-s1--x.wav")
    assert RecordingPaths(tmp_path).find("a.wav").refused == ANNEX


@pytest.mark.parametrize("right", ["silent", "opposite", "constant"])
def test_case_8_stereo_nothing_cancels_and_the_row_says_the_rule(
    table: Callable[..., Path], run: Callable[..., Any], right: str
) -> None:
    mono = [clip(k) for k in range(9)]
    all_rows = {"emotion": "a", "split": "train"}  # in two splits, a pair were one recording
    rows = [{"id": f"c{k}", "samples": sound, **all_rows} for k, sound in enumerate(mono)]
    rows += [{"id": f"s{k}", "samples": stereo(sound, right), **all_rows} for k, sound in enumerate(mono)]
    found = run("table", table(rows), "corpus.split=given")
    assert found.rows.keys() == {row["id"] for row in rows}
    for k in range(9):
        one, two = found.rows[f"c{k}"], found.rows[f"s{k}"]
        for column in ("pitch_median_hz", "loudness_lufs", "level_rms_dbfs", "rate_syllables_s"):
            assert two[column] == one[column], column
        assert "audio: 2 channels, channel 1 used, the one with the most energy" in two["notes"]
        # the kin: the published copy, and whatever else looks at the recording later, keeps the same channel
        assert soundfile_level(two["audio"]["bytes"]) == pytest.approx(one["level_rms_dbfs"], abs=0.05)


def stereo(sound: np.ndarray, right: str) -> np.ndarray:
    other = {"silent": np.zeros_like(sound), "opposite": -sound, "constant": np.full_like(sound, 0.4)}[right]
    return np.stack([sound, other], axis=1)


def soundfile_level(held: bytes) -> float:
    import io

    samples = soundfile.read(io.BytesIO(held), always_2d=True)[0]
    assert samples.shape[1] == 1
    return float(10 * np.log10(np.mean(np.square(samples))))


def test_case_6_a_constant_offset_moves_no_measurement(wav: Callable[..., Path]) -> None:
    clean = decode(wav(clip(1))).recording
    shifted = decode(wav(clip(1) + np.float32(0.2), "shifted.wav"))
    assert any("constant offset of 0.200" in note for note in shifted.notes)
    for slot in ("pitch", "energy", "rate"):
        name = {"pitch": "praat", "energy": "lufs", "rate": "transcript"}[slot]
        before, after = (numbers(slot, name, one) for one in (clean, shifted.recording))
        assert after == pytest.approx(before, rel=1e-2, abs=1e-3), slot


def numbers(slot: str, name: str, sound: Recording) -> dict[str, float]:
    found = registry.load(slot, name).measure(sound, ROW).values
    return {column: value for column, value in found.items() if isinstance(value, float)}
