"""``measure`` and ``measure_all`` give the values of the command's rows, and one clear line for wrong input."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

import annotate
from tests.conftest import voice

Wav = Callable[..., Path]
TRANSCRIPT = "Kids are talking by the door"


def same(left: Any, right: Any) -> bool:
    """Equal bit for bit, nulls included."""
    missing = [value is None or (isinstance(value, float) and np.isnan(value)) for value in (left, right)]
    return all(missing) if any(missing) else bool(left == right)


def test_the_values_are_those_of_the_commands_rows_bit_for_bit(corpus: Path, output: annotate.Output) -> None:
    rows = output.frame()
    paths = {path.stem: path for path in corpus.rglob("*.wav")}
    for row in rows.to_dict("records"):
        clip = annotate.measure(
            paths[Path(row["id"]).name], transcript=row["transcript"], language=row["language"], gender=row["gender"]
        )
        assert len(clip) > 20
        assert [name for name in clip if name != "speaker" and not same(clip[name], row[name])] == []


def test_a_table_of_recordings_gives_the_same_rows_whatever_the_workers(corpus: Path, output: annotate.Output) -> None:
    rows = output.frame().set_index("id").sort_index()
    paths = {path.stem: path for path in corpus.rglob("*.wav")}
    table = pd.DataFrame(
        {"path": [paths[Path(name).name] for name in rows.index], "mine": range(len(rows))}, rows.index
    )
    for name in ("transcript", "language", "gender", "speaker"):
        table[name] = rows[name]
    alone = annotate.measure_all(table, workers=1, progress=False)
    shared = annotate.measure_all(table, workers=2, progress=False)
    pd.testing.assert_frame_equal(alone, shared)
    assert list(alone["mine"]) == list(range(len(rows)))
    for name in ("pitch_median_hz", "loudness_lufs", "rate_syllables_s", "jitter", "gender"):
        assert all(same(left, right) for left, right in zip(alone[name], rows[name], strict=True)), name


@pytest.mark.parametrize("form", ["array", "stereo", "whole numbers", "datasets", "bytes", "path in a mapping"])
def test_every_form_of_a_recording_is_measured_alike(wav: Wav, form: str) -> None:
    path = wav(voice(0.8, 150.0), subtype="PCM_16")
    samples, rate = soundfile.read(path, dtype="float32")
    stream = io.BytesIO(path.read_bytes())
    audio = {
        "array": (samples, rate),
        "stereo": (np.stack([samples, samples], axis=1), rate),
        "whole numbers": (np.round(samples * 32768).astype(np.int16), rate),
        "datasets": {"array": samples, "sampling_rate": rate, "path": None},
        "bytes": {"bytes": stream.read(), "path": "clip.wav"},
        "path in a mapping": {"bytes": None, "path": str(path)},
    }[form]
    clip, expected = annotate.measure(audio), annotate.measure(path)
    assert dict(clip) == dict(expected)
    assert round(float(clip["pitch_median_hz"] or 0)) == 150


def test_what_is_null_has_its_reason(wav: Wav) -> None:
    clip = annotate.measure(wav(np.zeros(16000, np.float32)))
    assert clip["pitch_median_hz"] is None
    assert any("digital silence" in note for note in clip.notes)


def test_an_estimated_gender_is_that_of_all_clips_of_a_speaker(wav: Wav) -> None:
    paths = [wav(voice(0.8, f0), f"{f0:.0f}.wav") for f0 in (100.0, 105.0, 230.0)]
    table = pd.DataFrame({"path": paths, "speaker": ["a", "a", "b"]})
    frame = annotate.measure_all(table, features={"gender": "voice"}, workers=1, progress=False)
    assert frame["gender"].iloc[0] == frame["gender"].iloc[1]
    assert frame["gender_probability"].iloc[0] == frame["gender_probability"].iloc[1]


def test_a_recording_that_cannot_be_measured_is_a_row_that_says_why(wav: Wav, tmp_path: Path) -> None:
    frame = annotate.measure_all([wav(voice(0.5, 150.0)), tmp_path / "absent.wav"], workers=1, progress=False)
    assert frame["error"].isna().tolist() == [True, False]
    assert "absent.wav: missing" in frame["error"].iloc[1]
    assert pd.isna(frame["pitch_median_hz"].iloc[1])


def test_no_recordings_are_an_empty_table_with_its_columns() -> None:
    frame = annotate.measure_all([], progress=False)
    assert len(frame) == 0
    assert "pitch_median_hz" in frame.columns


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "an absent file": (lambda: annotate.measure("absent.wav"), "absent.wav: missing"),
    "a number": (lambda: annotate.measure(3), "int given; expected a path"),  # type: ignore[arg-type]
    "samples without a rate": (lambda: annotate.measure(np.zeros(9)), "ndarray given; expected a path"),  # type: ignore[arg-type]
    "a rate that is none": (lambda: annotate.measure((np.zeros(9), "fast")), "rate is 'fast'"),  # type: ignore[arg-type]
    "a rate in kHz": (lambda: annotate.measure((np.zeros(9), 16)), "sampling rate of 16 Hz"),
    "channels first": (lambda: annotate.measure((np.zeros((2, 16000)), 16000)), "transpose"),
    "three dimensions": (lambda: annotate.measure((np.zeros((2, 2, 2)), 16000)), r"shape \(2, 2, 2\)"),
    "text for samples": (lambda: annotate.measure((["a", "b"], 16000)), "expected numbers"),
    "not numbers": (lambda: annotate.measure((np.full(16000, np.nan), 16000)), "NaN"),
    "too short": (lambda: annotate.measure((np.zeros(10), 16000)), "too short"),
    "an empty mapping": (lambda: annotate.measure({}), "keys none"),
    "an unknown slot": (lambda: annotate.measure("a.wav", features={"pich": "praat"}), "did you mean 'pitch'"),
    "an unknown estimator": (lambda: annotate.measure("a.wav", features={"pitch": "prat"}), "did you mean 'praat'"),
    "an unknown gender": (lambda: annotate.measure("a.wav", gender="f"), "expected 'female', 'male'"),
    "a transcript that is no text": (lambda: annotate.measure("a.wav", transcript=3), "expected text"),  # type: ignore[arg-type]
    "one path for many": (lambda: annotate.measure_all("a.wav"), "expected a list"),
    "a table without paths": (lambda: annotate.measure_all(pd.DataFrame({"file": ["a"]})), "expected 'path'"),
    "no workers": (lambda: annotate.measure_all(["a.wav"], workers=0), "at least 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_clear_line(case: str) -> None:
    call, expected = WRONG[case]
    with pytest.raises(annotate.SemoError, match=expected) as raised:
        call()
    assert "\n" not in str(raised.value)


def test_a_script_without_a_main_guard_can_use_workers(corpus: Path, tmp_path: Path) -> None:
    """A spawned worker must not import the script: it would begin the script's work again."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, annotate\n"
        "print('begun')\n"
        "frame = annotate.measure_all(sys.argv[1:], workers=2)\n"
        "print(frame['error'].isna().sum(), 'measured')\n"
    )
    paths = sorted(corpus.rglob("*.wav"))[:3]
    done = subprocess.run([sys.executable, script, *paths], capture_output=True, text=True, check=False)
    assert done.stdout == "begun\n3 measured\n", done.stderr
