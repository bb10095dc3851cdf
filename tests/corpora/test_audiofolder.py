import pytest

from annotate.errors import SemoError, UsageError


@pytest.fixture
def root(tmp_path, wav, put):
    wav(tmp_path / "anna/happy/one.wav")
    wav(tmp_path / "anna/sad/two.WAV")
    wav(tmp_path / "ben/happy/version 1.2.wav")
    put(tmp_path / "ben/happy/._one.wav", "of a Mac")
    put(tmp_path / "notes.md", "no recording")
    return tmp_path


def test_a_folder_without_labels(root, rows):
    found = rows("audiofolder", root)
    assert list(found) == ["anna/happy/one", "anna/sad/two", "ben/happy/version 1.2"]
    assert {row["emotion_original"] for row in found.values()} == {None}


def test_labels_in_the_path(root, rows, put):
    put(root / "ben/happy/version 1.2.txt", "hello")
    found = rows(
        "audiofolder",
        root,
        pattern=r"^(?P<speaker>[^/]+)/(?P<emotion>[^/]+)/(?P<name>[^/]+)$",
        columns={"id": "{speaker}-{name}"},
        transcript_file="{speaker}/{emotion}/{name}.txt",
    )
    row = found["ben-version 1.2"]
    assert (row["speaker"], row["emotion_original"], row["transcript_given"]) == ("ben", "happy", "hello")


def test_mistakes(root, rows, tmp_path_factory):
    with pytest.raises(UsageError, match="not a regular expression"):
        rows("audiofolder", root, pattern="(?P<speaker")
    with pytest.raises(UsageError, match=r"has no column 'speakr' .* did you mean 'speaker'"):
        rows("audiofolder", root, pattern="(?P<speaker>x)", columns={"speaker": "speakr"})
    with pytest.raises(SemoError, match="found no recordings"):
        rows("audiofolder", tmp_path_factory.mktemp("empty"))
