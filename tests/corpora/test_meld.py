from collections import Counter

import pytest

from annotate.errors import SemoError

HEAD = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
TAIL = ',neutral,0,{utt},8,21,"00:16:16,059","00:16:21,731"\n'


def table(*rows):
    return HEAD + "".join(
        f'{n},"{text}",{speaker},{emotion}' + TAIL.format(utt=n) for n, (text, speaker, emotion) in enumerate(rows)
    )


@pytest.fixture
def tree(tmp_path, put, wav):
    root = tmp_path / "MELD.Raw"
    put(
        root / "train_sent_emo.csv",
        table(("You must\u0092ve had", "Chandler", "neutral"), ("No.", "Joey and Ross", "joy")),
    )
    # a copy in Windows-1252
    put(root / "dev_sent_emo.csv", table(("He\u2019s \u201clost\u201d it", "Phoebe", "sadness")), "cp1252")
    put(root / "test_sent_emo.csv", table(("donâ€™t", "Mark", "surprise")))
    wav(root / "train/train_splits/dia0_utt0.wav")
    wav(root / "dev/dev_splits_complete/dia0_utt0.wav")
    wav(root / "test/output_repeated_splits_test/dia0_utt0.wav")
    put(root / "test/output_repeated_splits_test/._dia0_utt0.mp4", "of a Mac")
    put(root / "train/train_splits/dia0_utt1.mp4", "a video")
    return root


def test_ids_that_start_again_in_every_split_stay_apart(tree, rows):
    found = rows("meld", tree)
    assert list(found) == ["train/dia0_utt0", "train/dia0_utt1", "dev/dia0_utt0", "test/dia0_utt0"]
    assert found["dev/dia0_utt0"]["path"] == "dev/dev_splits_complete/dia0_utt0.wav"
    assert found["test/dia0_utt0"]["path"] == "test/output_repeated_splits_test/dia0_utt0.wav"
    assert [row["drop_corpus"] for row in found.values()][::2] == [None, None]


def test_broken_quotes_are_mended(tree, rows):
    found = rows("meld", tree)
    assert found["train/dia0_utt0"]["transcript_given"] == "You must\u2019ve had"
    assert found["dev/dia0_utt0"]["transcript_given"] == "He\u2019s \u201clost\u201d it"
    assert found["test/dia0_utt0"]["transcript_given"] == "don\u2019t"


def test_the_sex_is_given_for_known_characters_alone(tree, rows):
    found = rows("meld", tree)
    assert found["train/dia0_utt0"]["gender_given"] == "male"
    assert found["train/dia0_utt1"]["gender_given"] is None  # two speak
    assert found["test/dia0_utt0"]["gender_given"] is None


def test_a_video_alone_says_what_to_do(tree, rows):
    assert rows("meld", tree)["train/dia0_utt1"]["drop_corpus"].startswith("only a video (.mp4): extract its sound")


def test_the_real_label_files(shared, check):
    found = check("meld", shared("meld"))
    assert found.rows == 13708
    assert found.differences() == []
    assert found.aside == {"missing: there is no such file": 13708}
    assert found.counts["mapped"]["happiness"] == 2308


def test_the_real_label_files_with_recordings(shared, tmp_path, same_wav, check, rows):
    labels = shared("meld")
    for row in rows("meld", labels).values():
        same_wav(tmp_path / "MELD.Raw" / row["path"])
    found = check("meld", tmp_path / "MELD.Raw", f"corpus.options.labels={labels}")
    assert found.counts["split"] == {"train": 9989, "validation": 1109, "test": 2610}
    assert not found.aside
    texts = Counter(ch for row in rows("meld", labels).values() for ch in row["transcript_given"] or "")
    assert not [ch for ch in texts if "\x80" <= ch <= "\x9f"]


def test_a_label_file_without_its_columns(tmp_path, put, rows):
    put(tmp_path / "train_sent_emo.csv", HEAD.replace("Emotion", "Emotions"))
    with pytest.raises(SemoError, match="has no column 'Emotion'; it has 'Emotions'"):
        rows("meld", tmp_path)


def test_a_broken_row_is_one_reason(tree, rows):
    with open(tree / "train_sent_emo.csv", "ab") as file:
        file.write(b'2,"' + b"x" * 200_000 + b'",Joey,joy,positive,0,2,8,21,"1","2"\n')
    found = rows("meld", tree)
    assert found["train_sent_emo.csv:4"]["drop_corpus"] == "cell of more than 131,072 characters"
    assert len(found) == 5
