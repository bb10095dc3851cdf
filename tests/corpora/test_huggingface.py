import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotate.audio.decode import Refused, decode
from annotate.corpora import locator
from annotate.errors import SemoError
from annotate.pipeline import Pipeline
from annotate.settings import load

datasets = pytest.importorskip("datasets")


@pytest.fixture
def made(tmp_path, wav):
    """Splits with recordings as bytes, class labels and speakers."""
    features = datasets.Features({
        "audio": datasets.Audio(),
        "label": datasets.ClassLabel(names=["sad", "happy"]),
        "speaker": datasets.Value("string"),
        "text": datasets.Value("string"),
    })  # fmt: skip

    def of(split, count):
        sounds = [wav(tmp_path / f"{split}{n}.wav").read_bytes() for n in range(count)]
        content = {
            "audio": [{"bytes": sound, "path": f"clip{n}.wav"} for n, sound in enumerate(sounds)],
            "label": [n % 2 for n in range(count)],
            "speaker": [f"s{n % 3}" for n in range(count)],
            "text": ["[laughs] hello"] * count,
        }
        return datasets.Dataset.from_dict(content, features=features)

    return datasets.DatasetDict(train=of("train", 5), test=of("test", 2))


@pytest.fixture
def parquet(made, tmp_path):
    folder = tmp_path / "hub"
    (folder / "data").mkdir(parents=True)
    for name, split in made.items():
        split.to_parquet(folder / f"data/{name}-00000-of-00001.parquet", batch_size=2)
    return folder


@pytest.fixture
def saved(made, tmp_path):
    made.save_to_disk(tmp_path / "disk")
    (tmp_path / "disk/train/cache-0123.arrow").write_bytes(b"of map and filter")
    return tmp_path / "disk"


def test_both_forms_on_disk(parquet, saved, check, rows):
    for root in (parquet, saved):
        found = check("huggingface", root)
        assert found.counts["emotion"] == {"happy": 3, "sad": 4}
        assert found.counts["split"] == {"train": 5, "test": 2}
        assert not found.aside
    row = rows("huggingface", parquet)["data/train-00000-of-00001-3"]
    assert row["path"] == "data/train-00000-of-00001.parquet#audio#3"
    assert (row["speaker"], row["transcript_given"], row["emotion_original"]) == ("s0", "hello", "happy")


def test_recordings_are_decoded_where_they_lie(parquet, saved, rows):
    for root in (parquet, saved):
        for row in rows("huggingface", root).values():
            assert decode(root / row["path"]).recording.duration == pytest.approx(0.2)
    with pytest.raises(Refused, match="no such row"):
        decode(parquet / "data/train-00000-of-00001.parquet#audio#99")
    with pytest.raises(Refused, match="there is no such file"):
        decode(parquet / "data/none.parquet#audio#0")
    (parquet / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(Refused, match="the file that contains it cannot be read"):
        decode(parquet / "broken.parquet#audio#0")


def test_a_row_that_gives_a_path_alone_is_not_followed(tmp_path, check):
    """A data set from elsewhere must not make us read other files."""
    held = pa.array([{"bytes": None, "path": "/etc/hostname"}])
    pq.write_table(pa.table({"audio": held, "label": ["x"]}), tmp_path / "train.parquet")
    found = check("huggingface", tmp_path)
    assert found.aside == {"unreadable: its row contains no recording (a path alone is not followed)": 1}


def test_streaming_from_a_source(parquet, tmp_path, check):
    root = tmp_path / "fetched"
    options = (f"corpus.options.repo={parquet}",)
    assert check("huggingface", root, *options).counts["split"] == {"train": 5, "test": 2}
    files = {path: path.stat().st_mtime_ns for path in root.iterdir()}
    check("huggingface", root, *options)
    assert {path: path.stat().st_mtime_ns for path in root.iterdir()} == files  # fetched once
    with pytest.raises(SemoError, match="choose another folder"):
        check("huggingface", root, "corpus.options.repo=other/set")


def test_a_loading_script_is_not_run(tmp_path, check):
    script = tmp_path / "evil" / "evil.py"
    script.parent.mkdir()
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(SemoError, match="cannot be downloaded"):
        check("huggingface", tmp_path / "fetched", f"corpus.options.repo={script.parent}")
    assert not (tmp_path / "ran").exists()


def test_a_limit_and_chosen_splits(parquet, tmp_path, check):
    found = check(
        "huggingface",
        tmp_path / "few",
        f"corpus.options.repo={parquet}",
        "corpus.options.limit=2",
        "corpus.options.splits=train",
    )
    assert found.rows == 2
    with pytest.raises(SemoError, match="'dev' is not one of train, test"):
        check("huggingface", tmp_path / "none", f"corpus.options.repo={parquet}", "corpus.options.splits=dev")


def test_a_broken_transfer_goes_on(parquet, tmp_path, check, monkeypatch):
    from annotate.corpora import fetch

    monkeypatch.setattr(fetch, "ROWS", 2)
    written, real = [], fetch.write_shard

    def fails_at_the_second(path, *rest):
        if len(written) == 1 and "broken" not in written:
            written.append("broken")
            raise ConnectionError("the Hub went away")
        written.append(path.name)
        real(path, *rest)

    monkeypatch.setattr(fetch, "write_shard", fails_at_the_second)
    root = tmp_path / "fetched"
    with pytest.raises(SemoError, match=r"the Hub went away.*run the same command again to resume"):
        check("huggingface", root, f"corpus.options.repo={parquet}")
    assert check("huggingface", root, f"corpus.options.repo={parquet}").counts["split"] == {"train": 5, "test": 2}
    assert written == [
        "train-00000.parquet",
        "broken",
        "train-00001.parquet",
        "train-00002.parquet",
        "test-00000.parquet",
    ]


def test_what_a_stream_may_read(tmp_path):
    from annotate.corpora.fetch import _of_source

    inside = tmp_path / "set/a.wav"
    inside.parent.mkdir()
    assert _of_source(str(inside), str(tmp_path / "set"))
    assert _of_source("zip://a.wav::hf://datasets/user/name@1/a.zip", "user/name")
    assert not _of_source("/etc/hostname", str(tmp_path / "set"))
    assert not _of_source("/etc/hostname", "user/name")
    assert not _of_source("zip://a.wav::file:///etc/a.zip", "user/name")
    assert not _of_source(str(tmp_path / "set/../b.wav"), str(tmp_path / "set"))


def test_end_to_end_from_inside_a_file(parquet, tmp_path):
    recipe = load("recipes/huggingface.yaml", [f"corpus.root={parquet}"], tmp_path / "out")
    outcome = Pipeline(recipe).run()
    assert outcome.summary["rows"] == {"found": 7, "kept": 7, "dropped": 0}
    row = datasets.load_dataset(str(tmp_path / "out"), split="train")[3]
    assert row["audio"]["path"].endswith("train-00000-of-00001-3.flac")
    assert len(row["audio"]["array"]) == 3200


def test_a_file_without_recordings(tmp_path, rows):
    pq.write_table(pa.table({"label": ["x"]}), tmp_path / "train.parquet")
    with pytest.raises(SemoError, match=r"found no column of recordings \(it has label\)"):
        rows("huggingface", tmp_path)


def test_a_locator_is_told_from_a_path():
    assert locator.parse("a/b#c.wav") is None
    assert locator.parse("a.parquet#audio#7") == locator.Locator("a.parquet", "audio", 7)
    assert json.dumps(locator.Locator("a.parquet", "audio", 7).text) == '"a.parquet#audio#7"'
