"""The whole way, on a small corpus that the test makes: what is computed, what is kept, what is told."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import soundfile
import yaml
from conftest import silence, tiny_ravdess, voice

from annotate import attributes, settings
from annotate.errors import SemoError
from annotate.pipeline import Outcome, Pipeline
from annotate.store import schema


def run(root: Path, output: Path, *overrides: str, workers: int = 1) -> Outcome:
    lines = [
        f"corpus.root={root}",
        "run.shard_rows=20",
        "descriptors.smallest_group=5",
        "features.voice=none",
        *overrides,
    ]
    return Pipeline(settings.load("ravdess", lines, output), workers=workers).run()


def rows(output: Path, audio: bool = True) -> list[dict[str, Any]]:
    tables = [pq.read_table(path) for path in sorted((output / "data").glob("*.parquet"))]
    found = [row for table in tables for row in table.to_pylist()]
    return found if audio else [{k: v for k, v in row.items() if k != "audio"} for row in found]


@pytest.fixture(scope="module")
def finished(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("out") / "run"
    run(tiny, output)
    return output


def test_every_row_is_accounted_for(tiny: Path, finished: Path) -> None:
    summary = json.loads((finished / "summary.json").read_text())
    found = rows(finished)
    assert summary["rows"] == {"found": 60, "kept": len(found), "dropped": 0}
    assert len({row["id"] for row in found}) == 60


def test_the_output_holds_what_the_contract_lists(finished: Path) -> None:
    for name in ("README.md", "manifest.yaml", "scale.json", "summary.json", "report.html", "recipe.yaml", "work"):
        assert (finished / name).exists(), name
    names = [name for name in pq.read_schema(next((finished / "data").iterdir())).names if name != "audio"]
    assert names == [column.name for column in schema.of(attributes.table("all")).row]
    # what the recipe adds to the contract's attributes stands after the contract's columns
    contract = [column.name for column in schema.of(attributes.reply_attributes()).row]
    assert names[: len(contract)] == contract


def test_no_speaker_is_in_two_splits(finished: Path) -> None:
    splits: dict[str, set[str]] = {}
    for row in rows(finished):
        splits.setdefault(row["speaker"], set()).add(row["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert {split for found in splits.values() for split in found} == {"train", "validation", "test"}


def test_datasets_loads_it_with_types_and_sound(finished: Path, tmp_path: Path) -> None:
    from datasets import Audio, ClassLabel, load_dataset

    loaded = load_dataset(str(finished), cache_dir=str(tmp_path))
    train = loaded["train"]
    assert isinstance(train.features["audio"], Audio)
    assert isinstance(train.features["emotion"], ClassLabel)
    heard = train[0]["audio"]
    assert heard["sampling_rate"] == 16000
    assert len(heard["array"]) == pytest.approx(train[0]["duration"] * 16000, abs=2)


def test_the_manifest_says_what_a_trainer_needs(finished: Path) -> None:
    manifest = yaml.safe_load((finished / "manifest.yaml").read_text())
    assert sum(manifest["splits"].values()) == 60
    first = rows(finished)[0]
    assert len(manifest["contents"]) == 15
    assert set(manifest["contents"].values()) <= set(first)
    assert manifest["label"]["names"][first["emotion"]] in first["reply_e"]


def test_workers_change_nothing(tiny: Path, finished: Path, tmp_path: Path) -> None:
    run(tiny, tmp_path / "two", workers=2)
    assert rows(tmp_path / "two") == rows(finished)


def test_a_second_run_does_nothing(tiny: Path, finished: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file() and path.name != "lock"}
    assert run(tiny, finished).computed == {}
    after = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file() and path.name != "lock"}
    assert before == after


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A finished run in another place: moving an output costs nothing."""
    return Path(shutil.copytree(finished, tmp_path / "moved"))


def test_a_moved_output_is_still_done(tiny: Path, copy: Path) -> None:
    assert run(tiny, copy).computed == {}


@pytest.mark.parametrize(
    ("override", "computed"),
    [
        ("captions.style=description", {"captions", "dataset"}),
        ("descriptors.method=zscore", {"words", "own", "replies", "captions", "dataset"}),
        # another tracker finds the same words of pitch here, and replies, which read only them, are not made again
        ("features.pitch=dio", {"pitch", "words", "own", "captions", "dataset"}),
        ("features.rate=none", {"rate", "words", "own", "replies", "captions", "dataset"}),
        ("replies.contents=[E]", {"replies", "dataset"}),
        ("dataset.audio=none", {"dataset"}),
    ],
)
def test_a_change_recomputes_what_follows_from_it_and_no_more(
    tiny: Path, copy: Path, override: str, computed: set[str]
) -> None:
    pytest.importorskip("pyworld")
    plan = Pipeline(
        settings.load(
            "ravdess",
            [
                f"corpus.root={tiny}",
                "run.shard_rows=20",
                "descriptors.smallest_group=5",
                "features.voice=none",
                override,
            ],
            copy,
        )
    ).dry_run()
    assert all(", " in line.part or line.part in computed for line in plan if line.shards)
    assert set(run(tiny, copy, override).computed) == computed


def test_a_dry_run_says_what_may_follow_and_writes_nothing(tiny: Path, copy: Path) -> None:
    lines = [f"corpus.root={tiny}", "run.shard_rows=20", "descriptors.smallest_group=5", "features.voice=none"]
    before = sorted(copy.rglob("*"))
    plan = Pipeline(settings.load("ravdess", [*lines, "descriptors.method=zscore"], copy)).dry_run()
    told = {line.part: line.why for line in plan if line.shards}
    assert told["words"].startswith("changed: scale")
    assert told["replies"] == "may follow from: words"
    assert told["captions, dataset"] == "what they read may change"
    assert "pitch" not in told
    plan = Pipeline(settings.load("ravdess", [*lines, "dataset.audio=none"], copy)).dry_run()
    assert {line.part for line in plan if line.shards} == {"dataset"}
    assert sorted(copy.rglob("*")) == before


def test_a_run_that_broke_off_goes_on_to_the_same_rows(tiny: Path, finished: Path, copy: Path) -> None:
    for name in ("pitch/00001.done", "captions/00000.done", "energy/00002.parquet", "products.done"):
        (copy / "work" / name).unlink()
    computed = run(tiny, copy).computed
    assert computed["pitch"] == 20
    assert computed["energy"] == 20
    assert rows(copy) == rows(finished)


def test_a_changed_recording_is_measured_again(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    tiny_ravdess(root)
    run(root, tmp_path / "out")
    changed = sorted(root.rglob("*.wav"))[0]
    soundfile.write(changed, voice(0.7, 222), 16000)
    computed = run(root, tmp_path / "out").computed
    assert computed["pitch"] == 20
    found = {row["id"]: row for row in rows(tmp_path / "out")}
    assert found[changed.stem]["pitch_median_hz"] == pytest.approx(222, rel=0.02)


def test_broken_recordings_are_put_aside_and_the_rest_is_untouched(tmp_path: Path, finished: Path) -> None:
    root = tmp_path / "corpus"
    tiny_ravdess(root)
    victims = sorted(root.rglob("*.wav"))[:6]
    victims[0].write_bytes(b"")
    victims[1].write_text("text")
    victims[2].write_bytes(victims[2].read_bytes()[:3000])
    soundfile.write(victims[3], silence(2.0), 16000)
    soundfile.write(victims[4], voice(0.02, 200), 16000)
    victims[5].write_text("version https://git-lfs.github.com/spec/v1\n")
    summary = run(root, tmp_path / "out").summary
    assert summary["rows"] == {"found": 60, "kept": 55, "dropped": 5}
    assert {one["id"] for one in summary["dropped"]} == {victims[k].stem for k in (0, 1, 2, 4, 5)}
    found = {row["id"]: row for row in rows(tmp_path / "out")}
    silent = found[victims[3].stem]
    assert silent["pitch"] is silent["volume"] is silent["reply_e_p"] is None
    assert silent["reply_e"] is not None
    assert any("silence" in note for note in silent["notes"])
    for row in rows(finished):
        if row["id"] in found and row["id"] != victims[3].stem:
            assert found[row["id"]]["pitch_median_hz"] == row["pitch_median_hz"]


def test_a_scale_fitted_elsewhere_gives_its_words(tiny: Path, finished: Path, tmp_path: Path) -> None:
    run(tiny, tmp_path / "out", f"descriptors.scale={finished / 'scale.json'}", "corpus.fold=2")
    words = {row["id"]: row["pitch"] for row in rows(finished)}
    assert {row["id"]: row["pitch"] for row in rows(tmp_path / "out")} == words


def test_two_runs_on_one_output(tiny: Path, copy: Path) -> None:
    from filelock import FileLock

    with FileLock(copy / "work" / "lock"), pytest.raises(SemoError, match="another run is using this output"):
        run(tiny, copy)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_output(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(SemoError, match="cannot be written"):
        run(tiny, tmp_path / "out" / "run")


def test_nothing_left_is_an_error_with_its_reason(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    tiny_ravdess(root)
    for path in root.rglob("*.wav"):
        path.write_bytes(b"")
    with pytest.raises(SemoError, match=r"no row is left.*60 of 60 rows: empty"):
        run(root, tmp_path / "out")


@pytest.mark.parametrize("part", ["corpus", "pitch", "words", "captions"])
def test_a_shard_that_the_disk_has_damaged_is_computed_again_and_said(
    tiny: Path, finished: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], part: str
) -> None:
    output = tmp_path / "out"
    shutil.copytree(finished, output)
    path = sorted((output / "work" / part).glob("*.parquet"))[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4  # of unchanged size
    path.write_bytes(bytes(content))
    outcome = run(tiny, output)
    said = [line for line in capfd.readouterr().err.splitlines() if "damaged" in line]
    assert said == [f"{path}: damaged on disk (not what was written); computed again"]
    assert outcome.computed[part] in (20, 60)
    assert rows(output) == rows(finished)
