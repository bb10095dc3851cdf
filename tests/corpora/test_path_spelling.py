"""Recordings whose names are spelt in another way than a table spells them; what is passed over in a folder."""

import unicodedata

import pytest

from annotate.corpora import column_map, walk
from annotate.corpora.reader import recordings
from annotate.corpora.recording_path import MISSING, OUTSIDE, WINDOWS, RecordingPaths


@pytest.fixture
def root(tmp_path, wav):
    for name in ("Audio/One.WAV", "Audio/" + unicodedata.normalize("NFD", "gr\u00f6\u00dfe.wav"), "flat.wav"):
        wav(tmp_path / "root" / name)
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("audio/one.wav", "Audio/One.WAV"),
        ("AUDIO/ONE", "Audio/One.WAV"),
        ("audio\\One.flac", "Audio/One.WAV"),
        (".\\Audio\\One.WAV", "Audio/One.WAV"),
        ("D:\\data\\Audio\\One.WAV", "Audio/One.WAV"),
        ("C:/Users/ana/root/audio/one.wav", "Audio/One.WAV"),
        ("\\\\server\\share\\Audio\\One.WAV", "Audio/One.WAV"),
        ("E:\\flat.wav", "flat.wav"),
        ("/mnt/ana/root/Audio/One.WAV", "Audio/One.WAV"),
        ("Audio/gr\u00f6\u00dfe.wav", None),
        ("audio/GR\u00d6\u00dfE", None),
    ],
)
def test_it_is_found(root, written, name):
    place = RecordingPaths(root).find(written)
    assert place.refused is None
    assert (root / place.path).is_file()
    assert name in (None, place.path.removeprefix("./"))


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("C:\\Users\\ana\\other\\two.wav", WINDOWS),
        ("D:\\..\\..\\secret.wav", WINDOWS),
        ("..\\..\\secret.wav", OUTSIDE),
        ("/etc/flat.wav", OUTSIDE),
        ("Audio/two.wav", MISSING),
    ],
)
def test_it_is_refused(root, written, refused):
    assert RecordingPaths(root).find(written).refused == refused


def test_two_files_that_differ_in_case_alone_are_not_guessed(root, wav):
    wav(root / "Audio/one.wav")
    if len(list((root / "Audio").iterdir())) < 3:
        pytest.skip("this file system makes no difference between upper and lower case")
    assert RecordingPaths(root).find("Audio/one.wav").path == "Audio/one.wav"
    assert "several files match apart from spelling (case, accents)" in (
        RecordingPaths(root).find("audio/ONE.wav").refused or ""
    )


def test_no_user_s_name_is_in_an_id(root, rows, put):
    put(root / "metadata.csv", "path\nC:\\Users\\ana\\Audio\\One.WAV\n/mnt/ana/gone/x.wav\nAudio\\One.WAV\n")
    assert list(rows("table", root)) == ["Audio/One", "metadata.csv:3"]


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/ana/a.wav",
        ".AppleDouble/a.wav",
        "ana/._a.wav",
        "@eaDir/a.wav",
        ".git/a.wav",
        "ana/.Trash-1/x/a.wav",
        "ana/a-checkpoint.wav",
        "$RECYCLE.BIN/a.wav",
    ],
)
def test_what_tools_make_is_passed_over_and_counted(tmp_path, wav, name):
    wav(tmp_path / name)
    wav(tmp_path / "ana/b.wav")
    assert list(recordings(tmp_path)) == ["ana/b.wav"]
    assert sum(walk.survey(tmp_path).hidden.values()) == 1


@pytest.mark.parametrize(
    ("written", "gender"),
    [
        ("F", "female"),
        ("female_feminine", "female"),
        ("Frau", "female"),
        ("Weiblich", "female"),
        ("女", "female"),
        ("Mujer", "female"),
        ("male_masculine", "male"),
        ("m\u00e4nnlich", "male"),
        ("Homme", "male"),
        ("муж", "male"),
        ("transgender", None),
        ("do_not_wish_to_say", None),
        ("1", None),
        ("non-binary", None),
        ("other", None),
    ],
)
def test_words_for_gender(written, gender):
    assert column_map.gender_of(written) == gender
