"""RAVDESS, on the real clips at hand."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from captions.test_replies import pattern

from annotate import settings
from annotate.audio.decode import decode
from annotate.audio.recording import RATE
from annotate.corpora import corpus_rows, data_manifest, splits
from annotate.corpora.readers import ravdess as reader
from annotate.features.pitch.praat import track
from annotate.pipeline import Pipeline
from annotate.recipe_sections import CONTENTS
from annotate.store.columns import reply_column


def utterances(root: Path) -> list[corpus_rows.Utterance]:
    corpus = data_manifest.load("ravdess")
    _, request = corpus_rows.request_of(corpus, root, {})
    return list(reader.read(request))


def test_everything_is_in_the_name(ravdess: Path) -> None:
    found = {one.id: one for one in utterances(ravdess)}
    assert len(found) == 960
    clip = found["03-01-05-02-01-01-12"]
    assert (clip.emotion, clip.intensity, clip.speaker, clip.gender) == ("angry", "strong", "12", "female")
    assert clip.transcript == "Kids are talking by the door"
    assert Counter(one.emotion for one in found.values()) == {
        "neutral": 64, **dict.fromkeys(("calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"), 128)
    }  # fmt: skip


def test_a_nested_copy_is_a_repeat(tmp_path: Path, tiny: Path) -> None:
    import shutil

    shutil.copytree(tiny, tmp_path / "corpus")
    shutil.copytree(tiny, tmp_path / "corpus" / "audio_speech_actors_01-24")
    corpus = data_manifest.load("ravdess")
    plugin, request = corpus_rows.request_of(corpus, tmp_path / "corpus", {})
    rows = list(corpus_rows.checked(corpus, plugin, request))
    kept = [row for row in rows if not row["drop_corpus"]]
    assert len(rows) == 120
    assert len(kept) == 60
    assert all("audio_speech" not in row["path"] for row in kept)


def test_every_fold_is_speaker_independent_and_each_speaker_is_tested_once() -> None:
    corpus = data_manifest.load("ravdess")
    speakers = {f"{actor:02d}": "male" if actor % 2 else "female" for actor in range(1, 25)}
    tested: Counter[str] = Counter()
    for fold in range(1, 6):
        plan = splits.resolve(corpus, "speaker", fold, speakers, {})
        test = [speaker for speaker, split in plan.groups.items() if split == "test"]
        tested.update(test)
        assert {speakers[speaker] for speaker in test} == {"female", "male"}
        assert set(plan.groups) == set(speakers)
    assert set(tested.values()) == {1}


def test_the_whole_way_on_four_actors(four_actors: Path, tmp_path: Path) -> None:
    recipe = settings.load("ravdess", [f"corpus.root={four_actors}", "descriptors.smallest_group=10"], tmp_path / "out")
    summary = Pipeline(recipe).run().summary
    assert summary["rows"] == {"found": 80, "kept": 80, "dropped": 0}
    _hold(tmp_path / "out")


def _hold(output: Path) -> None:
    """What must be true of any finished RAVDESS run."""
    tables = [pq.read_table(path) for path in (output / "data").glob("*.parquet")]
    found = [row for table in tables for row in table.drop_columns(["audio"]).to_pylist()]
    for content in CONTENTS:
        form = pattern(content)
        assert all(form.fullmatch(row[reply_column(content)]) for row in found), content
    for row in found:
        assert re.match(r"0[1-8]", row["id"][6:8])
        # actor 06 screams at 732 Hz; Harvest and Praat with a ceiling of 1 kHz find the same
        assert 60 < row["pitch_median_hz"] < 800


@pytest.mark.slow
def test_all_clips(ravdess: Path, tmp_path: Path) -> None:
    recipe = settings.load("ravdess", [f"corpus.root={ravdess}"], tmp_path / "out")
    summary = Pipeline(recipe, workers=2).run().summary
    assert summary["rows"]["found"] == summary["rows"]["kept"] + summary["rows"]["dropped"] == 960
    _hold(tmp_path / "out")
    found = [
        row
        for path in (tmp_path / "out" / "data").glob("*.parquet")
        for row in pq.read_table(path).drop_columns(["audio"]).to_pylist()
    ]
    train = [row for row in found if row["split"] == "train"]
    for gender in ("female", "male"):
        for descriptor in ("pitch", "speed", "volume"):
            counts = Counter(row[descriptor] for row in train if row["gender"] == gender)
            assert all(0.28 < count / sum(counts.values()) < 0.39 for count in counts.values()), (gender, counts)
    angry = [row["volume"] for row in found if row["emotion_original"] == "angry" and row["intensity"] == "strong"]
    calm = [row["volume"] for row in found if row["emotion_original"] == "calm"]
    assert angry.count("loud") >= 0.8 * len(angry)
    assert calm.count("loud") <= 0.2 * len(calm)


@pytest.mark.slow
def test_another_tracker_finds_the_same_octave(ravdess: Path) -> None:
    """WORLD's Harvest shares no code with Praat: where both hear a voice, their medians are of one octave."""
    pyworld = pytest.importorskip("pyworld")
    clips = sorted(ravdess.rglob("*.flac"))[::8]
    ratios = []
    for path in clips:
        recording = decode(path).recording
        f0, _ = pyworld.harvest(recording.samples.astype(np.float64), RATE, f0_floor=50.0, f0_ceil=1000.0)
        found = track(recording).f0
        ratios.append(np.median(found[found > 0]) / np.median(f0[f0 > 0]))
    assert len(ratios) == 120
    assert np.mean(np.abs(np.log2(ratios)) < 0.3) >= 0.98
