import pytest

from annotate.errors import SemoError


@pytest.fixture
def tree(tmp_path, put, wav):
    root = tmp_path / "ESD"
    texts = {
        "0001": ("0001_000001\t打远一看\t中立\n0001_000351\t打远一看\t生气\n", "gb18030"),
        "0002": ("0002_000001\t打远一看\t中立\n", "utf-16"),  # with a byte order mark
        "0003": ("0003_000001\t打远一看\t中立\n", "utf-16-le"),  # without
        "0011": (
            "0011_000001 The nine the eggs, I keep. Neutral\n\n0011_000351 The nine the eggs, I keep. Happy\n",
            "ascii",
        ),
        "0012": ("\ufeff0012_000001\tThe nine\tNeutral\n", "utf-8"),
    }
    for speaker, (text, encoding) in texts.items():
        put(root / speaker / f"{speaker}.txt", text, encoding)
        wav(root / speaker / "Neutral" / f"{speaker}_000001.wav")
    wav(root / "0001/Angry/0001_000351.wav")
    wav(root / "0011/Angry/test/0011_000351.wav")
    return root


def test_every_encoding_is_read_and_noted(tree, rows):
    found = rows("esd", tree)
    for speaker, encoding in (("0001", "GB18030"), ("0002", "UTF-16"), ("0003", "UTF-16-LE")):
        row = found[f"{speaker}_000001"]
        assert row["transcript_given"] == "打远一看"
        assert f"text: read as {encoding}" in row["notes_corpus"]
    assert found["0011_000001"]["transcript_given"] == "The nine the eggs, I keep."
    assert found["0012_000001"]["transcript_given"] == "The nine"
    assert found["0012_000001"]["notes_corpus"] == []


def test_speakers_languages_and_splits(tree, rows):
    found = rows("esd", tree)
    assert (found["0001_000351"]["gender_given"], found["0001_000351"]["language"]) == ("female", "zh")
    assert (found["0011_000351"]["gender_given"], found["0011_000351"]["language"]) == ("male", "en")
    assert (found["0011_000351"]["split_given"], found["0001_000351"]["split_given"]) == ("test", None)
    assert set(rows("esd", tree, language="en")) == {"0011_000001", "0011_000351", "0012_000001"}


def test_the_folder_is_the_label_and_a_contradiction_is_told(tree, rows):
    row = rows("esd", tree)["0011_000351"]
    assert row["emotion_original"] == "Angry"
    assert "emotion: the text file says 'Happy'" in row["notes_corpus"]
    assert not [note for note in rows("esd", tree)["0001_000351"]["notes_corpus"] if note.startswith("emotion")]


def test_text_that_cannot_be_decoded_fails_with_file_and_line(tree, rows):
    (tree / "0011/0011.txt").write_bytes(b"0011_000001\tfine\tNeutral\n0011_000351\t\xff\xff\tAngry\n")
    with pytest.raises(SemoError, match=r"0011\.txt, line 2: cannot be decoded as UTF-8, GB18030"):
        rows("esd", tree)


def test_an_unknown_label_is_seen(tree, wav, check):
    wav(tree / "0011/Angray/0011_000352.wav")
    found = check("esd", tree, "corpus.split=random")
    assert found.aside["unknown label 'Angray' (label set 'five-class')"] == 1


def test_a_wrong_root(tmp_path, rows):
    with pytest.raises(SemoError, match="found no ESD, 0001/Angry"):
        rows("esd", tmp_path)
