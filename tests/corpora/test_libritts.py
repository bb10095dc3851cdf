import pytest

from annotate.errors import SemoError

SPEAKERS = "; comments\n;ID |SEX|SUBSET|MINUTES|NAME\n103  | F | train-clean-100 | 25 | K\n84 | M | dev-clean | 8 | C\n"


@pytest.fixture
def tree(tmp_path, put, wav):
    root = tmp_path / "LibriTTS"
    put(root / "SPEAKERS.txt", SPEAKERS)
    for part, speaker in (("train-clean-100", 103), ("dev-clean", 84)):
        base = root / part / f"{speaker}/1241/{speaker}_1241_000000_000001"
        wav(base.with_suffix(".wav"))
        put(base.with_suffix(".normalized.txt"), "Mister Smith said so.")
        put(base.with_suffix(".original.txt"), "Mr. Smith said so.")
    wav(root / "dev-clean/84/1241/84_1241_000000_000002.wav")
    return root


def test_texts_sexes_and_parts(tree, rows):
    found = rows("libritts", tree)
    row = found["103_1241_000000_000001"]
    assert (row["speaker"], row["gender_given"], row["split_given"]) == ("103", "female", "train-clean-100")
    assert row["transcript_given"] == "Mister Smith said so."
    assert row["emotion_original"] is None
    assert "transcript: there is no .normalized.txt file" in found["84_1241_000000_000002"]["notes_corpus"]
    assert rows("libritts", tree, text="original")["103_1241_000000_000001"]["transcript_given"] == "Mr. Smith said so."


def test_a_part_alone_is_its_own_split(tree, rows):
    row = rows("libritts", tree / "dev-clean")["84_1241_000000_000001"]
    assert (row["split_given"], row["gender_given"]) == ("dev-clean", "male")


def test_rows_without_emotion_are_kept(tree, check):
    found = check("libritts", tree)
    assert found.counts["split"] == {"train": 1, "validation": 2}
    assert not found.aside


def test_a_wrong_root(tmp_path, rows):
    with pytest.raises(SemoError, match="found no LibriTTS, train-clean-100"):
        rows("libritts", tmp_path)
