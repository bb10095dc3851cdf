"""A data set of a stranger, as the trainer and the scorer read it: held against its manifest, never out of its root."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
import yaml

from annotate import attributes
from annotate.corpora import data_manifest as corpora
from annotate.dataset import manifest
from annotate.errors import SemoError
from annotate.semollm.data.corpus import Corpus
from annotate.store.confined_root import Root

PARQUET = "data/train-00000-of-00001.parquet"


def read_all(corpus: Corpus) -> None:
    for clip in corpus.clips:
        corpus.audio(clip)


def test_a_whole_data_set_is_read(tmp_path: Path) -> None:
    corpus = Corpus(str(data_sets.write(tmp_path)))
    assert corpus.counts() == {"train": 4, "test": 2}
    read_all(corpus)


def test_the_words_of_replies_are_read_from_the_column_that_the_manifest_names(tmp_path: Path) -> None:
    rows = [{**row, "pitch": "very high", "tension": "low"} for row in data_sets.rows()]
    words = {"pitch": {"column": "tension", "words": ["low", "normal", "high"]}}
    corpus = Corpus(str(data_sets.write(tmp_path, {"train": rows}, reply_words=words)))
    assert corpus.attributes == {"pitch": ["low", "normal", "high"]}
    assert {clip.row["pitch"] for clip in corpus.clips} == {"low"}


@pytest.mark.parametrize(("levels", "column"), [(3, "pitch"), (5, "pitch_word")])
def test_a_manifest_says_which_words_there_are_and_which_of_them_replies_have(
    tmp_path: Path, levels: int, column: str
) -> None:
    data_sets.write(tmp_path)
    table = attributes.table(["pitch", "intonation"], levels)
    made = manifest.content(
        corpora.load("ravdess"), name="made", folder=tmp_path, splits={"train": 4}, labels=data_sets.LABELS,
        contents=["E"], audio="embed", rate=16000, split_rule={}, table=table,
    )  # fmt: skip
    assert made["attributes"]["pitch"] == list(attributes.load("pitch").levels[levels])
    assert made["attributes"]["intonation"] == list(attributes.load("intonation").levels[levels])
    assert manifest.reply_words(made)["pitch"] == (column, ["low", "normal", "high"])
    assert manifest.reply_words(made)["gender"] == ("gender", ["female", "male"])


def relabelled(folder: Path) -> None:
    content = [{**row, "emotion": 1 - row["emotion"]} for row in data_sets.rows()]
    schema = pq.read_schema(folder / PARQUET)
    pq.write_table(pa.Table.from_pylist(content, schema), folder / PARQUET)


def truncated(folder: Path) -> None:
    whole = (folder / PARQUET).read_bytes()
    (folder / PARQUET).write_bytes(whole[: len(whole) // 2])


def flipped(folder: Path) -> None:
    content = bytearray((folder / PARQUET).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / PARQUET).write_bytes(bytes(content))


def further(folder: Path) -> None:
    (folder / "data" / "train-00001-of-00002.parquet").write_bytes((folder / PARQUET).read_bytes())


def gone(folder: Path) -> None:
    (folder / "data" / "test-00000-of-00001.parquet").unlink()


def device(folder: Path) -> None:
    (folder / PARQUET).unlink()
    (folder / PARQUET).symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (relabelled, "changed since the manifest was written"),
        (truncated, "changed since the manifest was written"),
        (flipped, "changed since the manifest was written"),
        (further, "is not in the manifest"),
        (gone, "the manifest lists the split 'test', but there is no file for it"),
        (device, "leads outside|is not a file"),
    ],
)
def test_what_is_not_as_its_manifest_says_is_refused(tmp_path: Path, spoil: Callable[[Path], None], said: str) -> None:
    manifest = data_sets.write(tmp_path)
    spoil(tmp_path)
    with pytest.raises(SemoError, match=said):
        Corpus(str(manifest))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"splits": {"train": 30, "test": 2}}, "'train' has 4 rows, but the manifest says 30"),
        ({"splits": {"train": 4}}, "is in the manifest but missing"),
        ({"splits": {"../../x": 4}}, r"splits\.\.\./\.\./x"),
        ({"splits": {"*": 4}}, "splits"),
        ({"splits": {"train": -1}}, "splits.train"),
        ({"splits": {"train": "many"}}, "splits.train"),
        ({"splits": ["train"]}, "splits"),
        ({"sha256": {}}, "is not in the manifest"),
        ({"sha256": {"data/x": "abc"}}, "sha256"),
        ({"scale": "../../dev/zero"}, "scale"),
        ({"label": {"column": "emotion", "names": "anger"}}, "label.names"),
        ({"label": {"column": "emotion", "names": ["anger"]}}, "label 1, but the manifest names 1"),
        ({"label": None}, "label"),
        ({"audio": {"column": "audio", "stored": "embed", "rate": 10**9}}, "audio.rate"),
        ({"audio": {"column": "audio", "stored": "web", "rate": 16000}}, "audio.stored"),
        ({"audio": {"column": "sound", "stored": "embed", "rate": 16000}}, "has no column 'sound'"),
        ({"contents": {"E": "reply_x"}}, "has no column 'reply_x'"),
        ({"contents": {"E": "duration"}}, "column 'duration' is of the type float"),
        ({"attributes": {"pitch": "high"}}, "attributes.pitch"),
        ({"prompt": 7}, "prompt"),
    ],
)  # fmt: skip
def test_a_manifest_is_typed_and_bounded(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    manifest = data_sets.write(tmp_path, **change)
    with pytest.raises(SemoError, match=said):
        Corpus(str(manifest))


def nan_sound() -> bytes:
    held = io.BytesIO()
    soundfile.write(held, np.full(8000, np.nan, np.float32), 16000, format="WAV", subtype="FLOAT")
    return held.getvalue()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"audio": None}, "clip train-2: the data set contains no recording of it"),
        ({"audio": {"bytes": None, "path": "/etc/passwd"}}, "clip train-2: the data set contains no recording of it"),
        ({"audio": {"bytes": b"", "path": "x"}}, "clip train-2: the data set contains no recording of it"),
        ({"audio": {"bytes": b"no sound at all", "path": "x"}}, "clip train-2: not audio that can be decoded"),
        ({"audio": {"bytes": data_sets.sound()[:50], "path": "x"}}, "clip train-2: "),
        ({"audio": {"bytes": nan_sound(), "path": "x"}}, "clip train-2: samples that are not numbers"),
        ({"id": "train-1"}, "'train-1' occurs twice"),
        ({"id": None}, "has no id"),
        ({"emotion": 2}, "clip train-2: label 2, but the manifest names 2"),
        ({"emotion": -1}, "clip train-2: label -1, but the manifest names 2"),
        ({"duration": float("nan")}, "clip train-2: a duration of nan"),
        ({"duration": -1.0}, "clip train-2: a duration of -1"),
    ],
)  # fmt: skip
def test_a_clip_that_cannot_serve_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    content = data_sets.rows()
    content[2] |= change
    manifest = data_sets.write(tmp_path, {"train": content})
    with pytest.raises(SemoError, match=said):
        read_all(Corpus(str(manifest)))


def test_the_same_id_in_two_splits_is_refused(tmp_path: Path) -> None:
    manifest = data_sets.write(tmp_path, {"train": data_sets.rows(), "test": data_sets.rows(2)})
    with pytest.raises(SemoError, match="occurs twice"):
        Corpus(str(manifest))


@pytest.fixture
def apart(tmp_path: Path) -> Callable[[str], Corpus]:
    """A data set that names its recordings by path, with a root beside which lies something private."""
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (tmp_path / "private.wav").write_bytes(data_sets.sound())
    (root / "in" / "good.wav").write_bytes(data_sets.sound())
    (root / "link.wav").symlink_to(tmp_path / "private.wav")
    (root / "folder").symlink_to(tmp_path)
    (root / "inner.wav").symlink_to("in/good.wav")
    (root / "zero.wav").symlink_to("/dev/zero")

    def make(path: str) -> Corpus:
        content = [{**row, "audio": path} for row in data_sets.rows(1)]
        return Corpus(str(data_sets.write(tmp_path / "set", {"train": content}, stored="path")), root)

    return make


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("{root}/../private.wav", "leads out"),
        ("{root}/in/good.wav", "leads out"),  # absolute, though within: it names a path of this machine
        ("../private.wav", "leads out"),
        ("in/../../private.wav", "leads out"),
        ("C:\\private.wav", "leads out"),
        ("link.wav", "a link that leads out"),
        ("folder/private.wav", "a link that leads out"),
        ("zero.wav", "a link that leads out"),
        ("../x.parquet#audio#0", "leads out"),
        ("in", "is not a file"),
        ("absent.wav", "there is no such file"),
        ("a\0b", "expected the name of a file"),
        ("", "expected the name of a file"),
        ("x" * 5000, "long"),
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_audio_root(
    apart: Callable[[str], Corpus], tmp_path: Path, path: str, said: str
) -> None:
    corpus = apart(path.format(root=tmp_path / "root"))
    with pytest.raises(SemoError, match=said) as refused:
        read_all(corpus)
    assert "clip train-0" in str(refused.value)


@pytest.mark.parametrize("path", ["in/good.wav", "./in/good.wav", "inner.wav"])
def test_what_lies_in_the_audio_root_is_read(apart: Callable[[str], Corpus], path: str) -> None:
    read_all(apart(path))


def test_the_snapshots_of_the_hubs_cache_may_link_to_its_blobs(tmp_path: Path) -> None:
    snapshot = tmp_path / "datasets--a--b" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (tmp_path / "datasets--a--b" / "blobs").mkdir()
    (tmp_path / "datasets--a--b" / "blobs" / "123").write_text("x")
    (snapshot / "scale.json").symlink_to("../../blobs/123")
    (snapshot / "other.json").symlink_to("../../../elsewhere")
    (tmp_path / "elsewhere").write_text("x")
    assert Root(snapshot, "set").file("scale.json").read_text() == "x"
    with pytest.raises(SemoError, match="leads out"):
        Root(snapshot, "set").file("other.json")


def test_the_manifest_may_be_a_bomb(tmp_path: Path) -> None:
    manifest = data_sets.write(tmp_path)
    content = yaml.safe_load(manifest.read_text())
    manifest.write_text("a: &a [1, *a]\n" + yaml.safe_dump(content))
    with pytest.raises(SemoError, match="is inside what it repeats"):
        Corpus(str(manifest))
