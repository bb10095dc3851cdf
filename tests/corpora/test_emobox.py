import json

import pytest

from annotate.errors import SemoError, UsageError


@pytest.fixture
def emobox(tmp_path, put, wav):
    """Three folds of a corpus of three speakers; only the first has a validation part."""
    speakers = ("s1", "s2", "s3")

    def lines(chosen):
        return "\n".join(
            json.dumps({
                "key": f"toy-{speaker}_{n}", "dataset": "toy", "wav": f"downloads/toy/{speaker}_{n}.wav",
                "type": "raw", "emo": ("neutral", "Neutral")[n % 2], "sex": "female",
            })
            for speaker in chosen
            for n in range(2)
        )  # fmt: skip

    folder = tmp_path / "EmoBox/data/toy"
    for fold, tested in enumerate(speakers, 1):
        rest = [speaker for speaker in speakers if speaker != tested]
        put(folder / f"fold_{fold}/toy_test_fold_{fold}.jsonl", lines([tested]))
        put(folder / f"fold_{fold}/toy_train_fold_{fold}.jsonl", lines(rest[:1] if fold == 1 else rest))
    put(folder / "fold_1/toy_valid_fold_1.jsonl", lines(["s3"]))
    for speaker in speakers:
        for n in range(2):
            wav(tmp_path / f"root/downloads/toy/{speaker}_{n}.wav")
    return folder


def test_both_spellings_of_neutral_are_one_emotion(emobox, tmp_path, check):
    found = check("emobox", tmp_path / "root", f"corpus.options.emobox={emobox}")
    assert found.counts["label"] == {"Neutral": 3, "neutral": 3}
    assert found.counts["emotion"] == {"neutral": 6}
    assert found.counts["split"] == {"train": 2, "validation": 2, "test": 2}


def test_without_a_validation_part_the_next_fold_validates(emobox, tmp_path, check):
    found = check("emobox", tmp_path / "root", f"corpus.options.emobox={emobox}", "corpus.fold=3")
    assert found.counts["split"] == {"train": 2, "validation": 2, "test": 2}


def test_the_folds_place_the_rows_of_another_reader(emobox, tmp_path, check_manifest, put):
    """The ids are those of the corpus: EmoBox's key without its name, or the recording's name."""
    manifest = put(
        tmp_path / "toy.yaml",
        "name: toy\ntitle: Toy\nreader: audiofolder\nobtain: here\nlicence: {name: none, publish: nothing}\n"
        "options: {columns: {id: stem}}\nsplits: {emobox: {rule: emobox}}\n",
    )
    found = check_manifest(manifest, tmp_path / "root", split="emobox", options={"emobox": str(emobox)})
    assert found.counts["split"] == {"train": 2, "validation": 2, "test": 2}


def test_mistakes(emobox, tmp_path, check):
    with pytest.raises(UsageError, match="has 3 folds"):
        check("emobox", tmp_path / "root", f"corpus.options.emobox={emobox}", "corpus.fold=4")
    with pytest.raises(SemoError, match="found no fold_1 of EmoBox"):
        check("emobox", tmp_path / "root", f"corpus.options.emobox={tmp_path}")
    with pytest.raises(UsageError, match="give the folder with EmoBox's fold_1"):
        check("iemocap", tmp_path / "root", "corpus.split=emobox")
    (emobox / "fold_2/toy_test_fold_2.jsonl").write_text('{"key": 1}\nbroken\n', encoding="utf-8")
    with pytest.raises(SemoError, match=r"toy_test_fold_2.jsonl, line 2: expected a JSON object"):
        check("emobox", tmp_path / "root", f"corpus.options.emobox={emobox}", "corpus.fold=2")
