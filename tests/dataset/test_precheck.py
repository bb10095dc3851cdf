"""What ``semo-annotate check`` says of copies of recordings and of a sample, before an hour is spent on a run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from conftest import hiss, silence, voice

from annotate.audio.recording import RATE
from annotate.cli.annotate import main

Told = Callable[..., str]


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """What ``check`` prints of the corpus in ``tmp_path``."""

    def go(recipe: str = "table", *overrides: str) -> str:
        assert main(["check", recipe, f"corpus.root={tmp_path}", *overrides]) == 0
        return capsys.readouterr().out

    return go


def table(folder: Path, rows: list[str], head: str = "path,speaker,emotion,split") -> None:
    (folder / "metadata.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def clips(folder: Path, count: int) -> None:
    for k in range(count):
        soundfile.write(folder / f"{k}.wav", voice(0.4, 120 + 10 * k), RATE)


def test_copies_in_two_splits_with_two_labels_and_two_names_are_told(tmp_path: Path, told: Told) -> None:
    clips(tmp_path, 6)
    shutil.copy(tmp_path / "0.wav", tmp_path / "copy.wav")
    shutil.copy(tmp_path / "1.wav", tmp_path / "again.wav")
    table(tmp_path, [
        "0.wav,ana,happy,train", "1.wav,ana,happy,train", "2.wav,bo,sad,train", "3.wav,cy,sad,train",
        "4.wav,cy,happy,validation", "5.wav,bo,sad,test", "copy.wav,ana2,happy,test", "again.wav,ana2,sad,train",
    ])  # fmt: skip
    lines = told("table", "corpus.split=given").splitlines()
    assert "warning: 2 recordings are in 4 rows: the same recording under several names" in lines
    assert "warning: 1 rows are left out because another split has their recording" in lines
    assert "warning: 1 recordings have two labels or more: see the rows' notes" in lines
    assert any("'ana' and 'ana2' have 2 recordings in common" in line for line in lines)


def test_silence_parts_and_equal_middles_are_no_copies(tmp_path: Path, told: Told) -> None:
    clips(tmp_path, 3)
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", silence(0.5), RATE)
    differs = bytearray((tmp_path / "2.wav").read_bytes())
    differs[100] ^= 1  # the same size and the same middle, other samples
    (tmp_path / "3.wav").write_bytes(bytes(differs))
    table(tmp_path, [
        "0.wav,0,0.2,train", "0.wav,0.2,0.4,test", "1.wav,,,train", "2.wav,,,train", "3.wav,,,test", "a.wav,,,train",
        "b.wav,,,test",
    ], "path,start,end,split")  # fmt: skip
    assert "same recording" not in told("table", "corpus.split=given")


def test_copies_within_a_file_of_parquet_are_told(tmp_path: Path, told: Told) -> None:
    clips(tmp_path, 2)
    held = [(tmp_path / name).read_bytes() for name in ("0.wav", "1.wav", "0.wav")]
    for path in tmp_path.glob("*.wav"):
        path.unlink()
    rows = [{"audio": {"bytes": one, "path": f"{k}.wav"}, "label": "happy"} for k, one in enumerate(held)]
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "data/train-00000-of-00001.parquet")
    lines = told("huggingface", "corpus.split=random").splitlines()
    assert "warning: 1 recordings are in 2 rows: the same recording under several names" in lines


def test_what_a_sample_of_recordings_shows(tmp_path: Path, told: Told) -> None:
    lines = []
    for k in range(45):
        text = "Kids are talking by the door " * 9 if k % 2 else "late"
        soundfile.write(tmp_path / f"{k}.wav", voice(0.7, 200, syllables=4) + hiss(0.7, 1e-3, seed=k), RATE)
        lines.append(f"{k}.wav,{'female' if k else 'male'},sad,{text},en")
    table(tmp_path, lines, "path,gender,emotion,text,language")
    shown = told("table", "corpus.split=random")
    assert "measured: a sample of 40 recordings" in shown
    assert "warning, from the sample: levels hardly differ" in shown
    assert re.search(r"warning, from the sample: (1\d|2\d) of 40 speaking rates are null", shown)
    assert "warning: gender 'male' (1 clips)" in shown
    assert "gender 'female'" not in shown
    assert shown == told("table", "corpus.split=random")  # the same sample each time


def test_clipped_and_silent_recordings_of_the_sample_are_told(tmp_path: Path, told: Told) -> None:
    for k in range(12):
        sound = voice(0.5, 100 + 9 * k, level=0.05 * (1 + k), syllables=4)
        sound = (sound * 40).clip(-1, 1) if k < 3 else silence(0.5) if k < 5 else sound
        soundfile.write(tmp_path / f"{k}.wav", sound, RATE)
    table(tmp_path, [f"{k}.wav,s,sad,train" for k in range(12)])
    shown = told("table", "corpus.split=given")
    assert "measured: a sample of 12 recordings" in shown
    assert "warning, from the sample: 3 of 12 recordings (25 %) are clipped" in shown
    assert "warning, from the sample: 2 of 12 recordings (17 %) are silent" in shown
    assert "levels hardly differ" not in shown
