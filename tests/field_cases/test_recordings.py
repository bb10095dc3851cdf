"""Field cases of recordings: 06 parts of files (nkululeko PR 313, NeMo #10060), 07 floats beyond full scale (scipy PR
16515, pyloudnorm #58), 25 other endings (watson-stt-wer-python #35); and their kin.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
import sounds
from conftest import silence, voice

from annotate.audio.decode import Refused, decode
from annotate.corpora import corpus_rows as corpora
from annotate.corpora import data_manifest as manifests
from annotate.corpora import locator, times
from annotate.errors import UsageError
from field_cases import cases

RATE = 16000


def rows(root: Path, name: str = "table", **options: Any) -> dict[str, dict[str, Any]]:
    corpus = manifests.load(name)
    reader, request = corpora.request_of(corpus, root, options)
    return {row["id"]: row for row in corpora.checked(corpus, reader, request)}


def seconds_embedded(row: dict[str, Any]) -> float:
    return float(soundfile.info(io.BytesIO(row["audio"]["bytes"])).duration)


@pytest.mark.parametrize("table", ["metadata.csv", "nemo.jsonl"])
def test_case_06_each_part_is_measured_and_embedded_as_such(
    tmp_path: Path, run: Callable[..., Any], table: str
) -> None:
    found = run("table", cases.make(6, tmp_path / "c"), f"corpus.options.table={table}")
    assert found.rows.keys() == {f"u{s}_{k}" for s in range(3) for k in range(3)}
    for s in range(3):
        for k, pitch in enumerate((110 + 5 * s, 220 + 5 * s, None)):
            row = found.rows[f"u{s}_{k}"]
            assert row["duration"] == pytest.approx(10.0)
            assert seconds_embedded(row) == pytest.approx(10.0)
            assert row["pitch_median_hz"] == (None if pitch is None else pytest.approx(pitch, rel=0.02))


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """2 s at 110 Hz, 2 s at 220 Hz, as wav, mp3, ogg and flac."""
    sound = np.concatenate([voice(2, 110), voice(2, 220)])
    for name in ("wav", "mp3", "ogg", "flac", "opus", "m4a"):
        (tmp_path / f"a{sounds.ending(name)}").write_bytes(sounds.encoded(name, sound, RATE))
    return tmp_path


PARTS = ((0.5, 1.5, 110), (2.25, 3.75, 220), (2.5, None, 220))


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.ogg", "a.flac", "a.opus", "a.m4a"])
def test_case_06_a_part_of_any_format_is_the_same_samples(long: Path, name: str) -> None:
    whole = decode(long / name).recording.samples
    for start, end, pitch in PARTS:
        found = decode(Path(locator.with_part(str(long / name), start, end))).recording
        assert found.duration == pytest.approx((end or 4.0) - start, abs=0.13)
        there = whole[round(start * RATE) :][: len(found.samples)]
        assert np.corrcoef(there, found.samples)[0, 1] > 0.99
        assert np.argmax(np.abs(np.fft.rfft(found.samples))) / found.duration == pytest.approx(pitch, rel=0.02)


DIALECTS = {
    "audformat": "file,start,end\na.wav,0 days 00:00:00.500000,0 days 00:00:01.500000\na.wav,0 days 00:00:02.25,NaT\n",
    "milliseconds": "filename;begin_ms;end_ms\na.wav;500;1500\na.wav;2250;\n",
    "clock": "path\tstart_time\tend_time\na.wav\t0:00.500\t0:01,500\na.wav\t00:00:02.25\t00:00:04\n",
    "events": "audio_file,onset,offset\na.wav,0.5,1.5\na.wav,2.25,4\n",
    "lengths": "wav,start,duration\na.wav,0.5 s,1 s\na.wav,2250ms,1750ms\n",
    "textgrid": "audio,xmin,xmax\na.wav,0.5,1.5\na.wav,2.25,4.0\n",
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_case_06_as_other_tables_write_it(long: Path, dialect: str) -> None:
    (long / "metadata.csv").write_text(DIALECTS[dialect], encoding="utf-8")
    found = rows(long)
    assert [row["drop_corpus"] for row in found.values()] == [None, None]
    first, second = (decode(long / row["path"]).recording for row in found.values())
    assert (first.duration, second.duration) == (pytest.approx(1.0), pytest.approx(1.75))
    assert next(iter(found)) == "a_0000500-0001500"


NAMES = [
    "start_s,end_s", "t0,t1", "t1,t2", "from,to", "utt_start,utt_end", "seg_start,seg_end", "Start [s],End [s]",
    "start (s),end (s)", "start_msec,end_msec", "startTimeMs,endTimeMs", "segment_onset,segment_offset",
    "offset_sec,duration_sec", "beg,dur", "start.time,stop.time", "clip_start_us,clip_end_us", "timestamp_start,until",
    "start_time,end_time,offset", "start_frame,end_frame,start,end",
]  # fmt: skip


@pytest.mark.parametrize("columns", NAMES)
def test_case_06_under_other_names_of_columns(long: Path, columns: str) -> None:
    second = 1.0 if "dur" in columns else 1.5
    by = 1000 if "ms" in columns.lower() else 10**6 if "_us" in columns else 1
    cells = [f"{by * 0.5:g}", f"{by * second:g}", *["9", "9"][: columns.count(",") - 1]]
    if "frame" in columns:
        cells = ["1", "2", "0.5", "1.5"]
    (long / "metadata.csv").write_text(f"path,{columns}\na.wav,{','.join(cells)}\n", encoding="utf-8")
    (row,) = rows(long).values()
    assert (row["path"], row["drop_corpus"]) == ("a.wav#t=0.5,1.5", None)


@pytest.mark.parametrize(
    "columns", ["start_sample,end_sample", "start_frame,duration_frames", "StartSamples,EndSamples"]
)
def test_case_06_columns_that_count_samples_are_refused_with_the_way_out(long: Path, columns: str) -> None:
    (long / "metadata.csv").write_text(f"path,{columns}\na.wav,8000,24000\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"count samples or frames.*corpus\.options\.columns\.start=null"):
        rows(long)
    assert next(iter(rows(long, columns={"start": None}).values()))["path"] == "a.wav"


@pytest.mark.parametrize(
    "columns", ["call_start,call_end", "start_date,end_date", "start_word,end_word", "vendor,length"]
)
def test_case_06_columns_of_something_else_are_left_alone(long: Path, columns: str) -> None:
    (long / "metadata.csv").write_text(f"path,{columns}\na.wav,1,2\n", encoding="utf-8")
    assert next(iter(rows(long).values()))["path"] == "a.wav"


def test_case_06_a_table_of_parquet_with_time_deltas(long: Path) -> None:
    seconds = [datetime.timedelta(seconds=value) for value in (0.5, 2.25)]
    ends = [datetime.timedelta(seconds=1.5), None]
    kind = pa.duration("us")
    content = {"file": ["a.wav", "a.wav"], "start": pa.array(seconds, kind), "end": pa.array(ends, kind)}
    pq.write_table(pa.table(content), long / "metadata.parquet")
    assert [locator.part(row["path"])[1] for row in rows(long).values()] == [(0.5, 1.5), (2.25, None)]


def test_case_06_a_nemo_manifest_named_json(long: Path) -> None:
    lines = [{"audio_filepath": "a.wav", "offset": k, "duration": 1.0, "text": "hello"} for k in (0, 1, 2.5)]
    (long / "train.json").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert [locator.part(row["path"])[1] for row in rows(long, table="train.json").values()] == [
        (0.0, 1.0), (1.0, 2.0), (2.5, 3.5)
    ]  # fmt: skip
    (long / "train.json").write_text(json.dumps(lines), encoding="utf-8")  # an array of them
    assert len(rows(long, table="train.json")) == 3


def test_case_06_a_duration_alone_is_no_part(long: Path) -> None:
    (long / "metadata.csv").write_text("path,duration\na.wav,4.0\n", encoding="utf-8")
    assert rows(long)["a"]["path"] == "a.wav"


BAD = {
    "2,1": "must end after it starts", "-1,2": "before the beginning of the recording",
    "noon,2": "is not a time within",
    "1,1": "must end after it starts", "1,2021-03-04": "is not a time within",
}  # fmt: skip


@pytest.mark.parametrize("cells", BAD)
def test_case_06_what_is_no_part_is_put_aside_with_its_reason(long: Path, cells: str) -> None:
    (long / "metadata.csv").write_text(f"path,start,end\na.wav,{cells}\n", encoding="utf-8")
    (row,) = rows(long).values()
    assert BAD[cells] in row["drop_corpus"]


def test_case_06_a_part_beyond_the_end_is_put_aside_and_one_cut_already_is_told(long: Path) -> None:
    with pytest.raises(
        Refused, match=r"the segment from 3\.00 to 5\.00 s extends beyond the end of the recording at 4\.00 s"
    ):
        decode(long / "a.wav#t=3,5")
    assert decode(long / "a.wav#t=3,4.05").recording.duration == pytest.approx(1.0)
    # times within the film, of clips that were cut from it long ago
    cut = decode(long / "a.wav#t=61.2,65.2")
    assert cut.recording.duration == 4.0
    assert any("taken as already cut to it" in note for note in cut.notes)


def test_case_06_one_id_for_a_recording_loses_no_part(long: Path) -> None:
    (long / "metadata.csv").write_text("id,path,start,end\nx,a.wav,0,1\nx,a.wav,1,2\nx,a.wav,1,2\n", encoding="utf-8")
    corpus = manifests.load("table")
    reader, request = corpora.request_of(corpus, long, {})
    found = [(row["id"], row["drop_corpus"]) for row in corpora.checked(corpus, reader, request)]
    assert found == [("x", None), ("x_0001000-0002000", None), ("x_0001000-0002000", corpora.REPEATS)]


@pytest.mark.parametrize("path", ["a.wav#t=1,2", "d/train.parquet#audio#7#t=0.5", "a#t=3.wav"])
def test_a_path_with_a_part_is_taken_apart_and_put_together(path: str) -> None:
    name, part = locator.part(path)
    assert locator.with_part(name, *(part or (None, None))) == path


def test_times_are_named_so_that_they_sort() -> None:
    assert times.named(9.5, 10.0) < times.named(10.0, None) < times.named(10.0, 11.0)


def test_case_07_what_is_published_is_what_was_measured(tmp_path: Path, run: Callable[..., Any]) -> None:
    found = run("audiofolder", cases.make(7, tmp_path / "c"))
    names = ("1_peak04", "2_peak4", "3_int_scaled")
    found.require_all({f"{s}/happy/{name}" for s in "abc" for name in names})  # three copies of each
    assert {name.rpartition("/")[2] for name in found.rows} >= {"2_peak4"}
    for name, row in found.rows.items():
        samples, _ = soundfile.read(io.BytesIO(row["audio"]["bytes"]), always_2d=True)
        assert 0.3 < np.abs(samples).max() < 1
        assert 10 * np.log10(np.mean(np.square(samples))) == pytest.approx(row["level_rms_dbfs"], abs=0.05)
        assert row["loudness_lufs"] < 0
        assert ("peak04" in name) != any("beyond full scale" in note for note in row["notes"])


@pytest.mark.parametrize(("peak", "by"), [(1.5, 2), (100.0, 128), (3.0e4, 2**15), (8.0e6, 2**23), (2.0e9, 2**31)])
@pytest.mark.parametrize("name", ["wav float", "double"])
def test_case_07_kin_floats_of_any_scale(tmp_path: Path, name: str, peak: float, by: int) -> None:
    sound = voice(1.0, 150)
    stored = (sound / np.abs(sound).max()).astype(np.float64) * peak
    soundfile.write(tmp_path / "a.wav", stored, RATE, subtype="FLOAT" if name == "wav float" else "DOUBLE")
    found = decode(tmp_path / "a.wav")
    assert np.allclose(found.recording.samples, stored / by, atol=1e-5)
    assert any(f"divided by {by}" in note for note in found.notes)


def test_case_07_kin_a_little_over_is_clipped_and_more_than_any_scale_refused(tmp_path: Path) -> None:
    sound = voice(1.0, 150)
    sound *= np.float32(1.05) / np.abs(sound).max()
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    found = decode(tmp_path / "a.wav")
    assert np.abs(found.recording.samples).max() == 1.0
    soundfile.write(tmp_path / "b.wav", sound * 1e12, RATE, subtype="FLOAT")
    with pytest.raises(Refused, match="not a recording"):
        decode(tmp_path / "b.wav")


def test_a_part_of_silence_is_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.concatenate([voice(1.0, 150), silence(1.0)]), RATE)
    assert decode(tmp_path / "a.wav#t=1.1,1.9").recording.silent
    assert not decode(tmp_path / "a.wav#t=0.1,0.9").recording.silent


def test_case_25_every_ending_is_a_row_with_a_value_or_a_reason(tmp_path: Path, run: Callable[..., Any]) -> None:
    root = cases.make(25, tmp_path / "c")
    for end in ("m4a", "webm", "aac", "3gp", "mka"):
        (root / f"ana/happy/{end}.{end}").write_bytes(sounds.encoded(end, voice(1.5, 150), RATE))
    found = run("audiofolder", root, "dataset.audio=none", "captions.writer=none")
    # 0.wav ... 9.flac hold one clip; the real ones where PyAV is there; noise behind a magic number with its reason
    read = {f"ana/happy/{name}" for name in (*range(10), "m4a", "webm", "aac", "3gp", "mka")}
    noise = {name: why for name, why in found.aside().items() if name not in read}
    assert all(name.startswith("ana/sad/") for name in noise)
    assert not [why for why in noise.values() if "damaged" not in why and "not audio" not in why]
    found.require_all(read, refused=len(noise))


def test_case_25_without_pyav_the_reason_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from annotate.audio import ffmpeg

    content = {name: sounds.encoded(name, voice(1.0, 150), RATE) for name in ("m4a", "webm", "aac", "mka", "3gp")}
    monkeypatch.setattr(ffmpeg, "available", lambda: False)
    for name, held in content.items():
        (tmp_path / f"a{sounds.ending(name)}").write_bytes(held)
        with pytest.raises(Refused, match=r"pip install 'semo-annotate\[av\]'"):
            decode(tmp_path / f"a{sounds.ending(name)}")


def test_20_16_giants_are_rows_put_aside_and_the_run_goes_on(tmp_path: Path, run: Callable[..., Any]) -> None:
    """A sparse mp3 of 6 GB, a wav with 2.3 GB behind its data that it does not name, and one with a chunk of them."""
    root = tmp_path / "c"
    root.mkdir()
    wav = sounds.encoded("wav", voice(1.0, 150, syllables=4), RATE)
    chunk = b"junk" + (2_300_000_000).to_bytes(4, "little")
    giants = {
        "mp3": (sounds.encoded("mp3", voice(1.0, 150), RATE), 6e9),
        "wav": (wav, 2.3e9),
        "w": (wav + chunk, 2.3e9),
    }
    for name, (head, size) in giants.items():
        with open(root / f"{name}.{'mp3' if name == 'mp3' else 'wav'}", "wb") as file:
            file.write(head)
            file.truncate(len(head) + int(size))
    for k in range(6):
        soundfile.write(root / f"c{k}.wav", voice(1.0, 120 + 10 * k, syllables=4), RATE)
    found = run("audiofolder", root, "captions.writer=none")
    assert set(found.rows) == {*(f"c{k}" for k in range(6)), "w"}
    assert "too large: a file of 6.0 GB" in found.aside()["mp3"]
    assert "follow" in found.aside()["wav"]
    assert seconds_embedded(found.rows["w"]) == pytest.approx(1.0)
