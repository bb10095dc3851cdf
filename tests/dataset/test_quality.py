"""What the finished columns warn of, on rows and on small corpora; reasons from volume where levels hardly differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import hiss, voice
from hypothesis import given
from hypothesis import strategies as st

from annotate import attributes, settings
from annotate.audio.recording import RATE
from annotate.dataset.quality import Quality
from annotate.descriptors import level_range
from annotate.pipeline import Pipeline

TABLE = attributes.reply_attributes()
SCALE = {"by": "gender", "smallest_group": 30}


def row(**other: Any) -> dict[str, Any]:
    plain = dict.fromkeys(Quality.of(TABLE).columns)
    return {**plain, "split": "train", **other}


def warned(*rows: dict[str, Any], by: str = "gender", rate: bool = True) -> dict[str, dict[str, Any]]:
    counted = Quality.of(TABLE)
    for one in rows:
        counted.count(one)
    return {one.kind: one.plain() for one in counted.warnings({**SCALE, "by": by}, rate)}


def test_nothing_is_warned_of_where_nothing_is_wrong() -> None:
    fine = [
        row(loudness_lufs=-40.0 + k, level_rms_dbfs=-41.0 + k, rate_source="transcript", gender="female",
            language="en", transcript="words", pitch_scale="female")
        for k in range(40)
    ]  # fmt: skip
    assert warned(*fine) == {}
    assert warned() == {}


def test_rates_that_nobody_speaks_at_are_counted_and_rows_put_aside_are_not() -> None:
    refused = [row(rate_refused="fast"), row(rate_refused="fast"), row(rate_refused="slow")]
    aside = [row(rate_refused="fast", split=None), row(rate_refused="fast", drop_audio="gone")]
    found = warned(*refused, *aside, row(rate_source="signal"), row())["rates"]
    assert {name: found[name] for name in ("count", "of", "fast", "slow")} == {
        "count": 3, "of": 4, "fast": 2, "slow": 1
    }  # fmt: skip
    assert found["sentence"].startswith("3 of 4 speaking rates are null")


@pytest.mark.parametrize("flaw", ["clipped", "silent"])
def test_a_share_of_flawed_recordings_is_warned_of_and_a_single_one_among_many_is_not(flaw: str) -> None:
    assert warned(row(audio_flaw=flaw), *[row()] * 9)[flaw]["percent"] == 10
    assert warned(row(audio_flaw=flaw), *[row()] * 999) == {}


def test_a_sex_that_has_no_edges_is_named_with_its_attributes() -> None:
    men = [row(gender="male", pitch_scale="corpus", speed_scale="corpus")] * 4
    women = [row(gender="female", pitch_scale="female", speed_scale="female")] * 40
    unknown = [row(pitch_scale="corpus")] * 3
    found = warned(*men, *women, *unknown)
    assert list(found) == ["small_group"]
    assert (found["small_group"]["gender"], found["small_group"]["count"]) == ("male", 4)
    assert found["small_group"]["attributes"] == "pitch, speed"
    assert warned(*men, *women, by="corpus") == {}


def test_languages_that_nobody_counts_are_named_and_only_those() -> None:
    rows = [
        row(language="xx", transcript="a", rate_source="signal"),
        row(language="en", transcript="...", rate_source="signal"),
        row(language="en", transcript="words", rate_source="transcript"),
        row(language="yy", transcript=None, rate_source="signal"),
    ]
    assert warned(*rows)["languages"]["names"] == "xx 1"
    assert warned(*rows, rate=False) == {}


@given(st.floats(-60, -5), st.floats(0, 0.49), st.integers(10, 60), st.floats(0, 30))
def test_levels_within_a_unit_are_narrow_whatever_a_few_others_are(
    centre: float, half: float, count: int, far: float
) -> None:
    near = [centre + half * (-1) ** k for k in range(count)] + [centre + far]
    found = level_range.narrow_range({"loudness_lufs": near, "level_rms_dbfs": [None] * len(near)})
    assert found is not None
    assert found[0] == "loudness_lufs"
    spread = [centre + 4.0 * k / count for k in range(count)]
    assert level_range.narrow_range({"loudness_lufs": spread}) is None


def test_few_clips_tell_nothing_of_levels() -> None:
    assert level_range.narrow_range({"loudness_lufs": [-20.0] * 9}) is None


def run(folder: Path, output: Path, level: dict[str, float]) -> dict[str, Any]:
    """A run over 60 clips of five women and a man; emotions differ in level as told."""
    lines = ["path,speaker,gender,emotion"]
    (folder / "audio").mkdir(parents=True)
    for k in range(60):
        speaker, emotion = k % 6, ("sad", "happy", "angry")[(k // 6) % 3]
        sound = voice(0.7, 105 if speaker == 0 else 200 + 8 * speaker, level=level[emotion], syllables=4)
        if k < 3:
            sound = np.clip(sound * 20, -1, 1) if k else np.zeros_like(sound)
        else:
            sound = sound + hiss(0.7, 1e-3, seed=k)
        soundfile.write(folder / "audio" / f"{k}.wav", sound, RATE)
        lines.append(f"audio/{k}.wav,s{speaker},{'male' if speaker == 0 else 'female'},{emotion}")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    told = [
        f"corpus.root={folder}",
        "corpus.split=random",
        "features.voice=none",
        "dataset.audio=none",
        "descriptors.smallest_group=20",
    ]
    Pipeline(settings.load(RECIPE, told, output)).run()
    return dict(json.loads((output / "summary.json").read_text()))


RECIPE = "table"


def test_a_level_normalised_corpus_is_told_so_and_gives_no_reason_from_volume(tmp_path: Path) -> None:
    alike = run(tmp_path / "alike", tmp_path / "a", {"sad": 0.3, "happy": 0.3, "angry": 0.3})
    kinds = {one["kind"]: one for one in alike["warnings"]}
    assert {"levels", "small_group", "clipped", "silent"} <= set(kinds)
    assert kinds["small_group"]["gender"] == "male"
    page = (tmp_path / "a" / "report.html").read_text()
    assert page.index("interquartile range of") < page.index('<main id="main"')
    emotions = json.loads((tmp_path / "a" / "evidence.json").read_text())["emotions"]
    assert not any(name.startswith("volume") for columns in emotions.values() for name in columns)
    differ = run(tmp_path / "differ", tmp_path / "b", {"sad": 0.1, "happy": 0.3, "angry": 0.6})
    assert "levels" not in {one["kind"] for one in differ["warnings"]}
    emotions = json.loads((tmp_path / "b" / "evidence.json").read_text())["emotions"]
    assert all("volume" in columns for columns in emotions.values())
