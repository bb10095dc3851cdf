import pytest

from annotate.errors import SemoError

LABELS = """UTD-IMPROV-S01A-F01-P-FM01.avi; N; A:1.800000 ; V:3.000000 ; D:2.400000 ; N:2.600000 ;
 WORKER00000041; N; Neutral; ; A:2.0 ; V:3.0 ; D:3.0 ; N:3.0 ;
 WORKER00000042; ; Other,; puzzled; A:1.0 ; V:3.0 ; D:NaN ; N:3.0 ;

UTD-IMPROV-S01A-M01-S-FM02.avi; X; A:NaN ; V:2.500000 ; D:NaN ; N:2.6 ;
 WORKER00000041; N; Neutral; ; A:2.0 ; V:3.0 ; D:3.0 ; N:3.0 ;

UTD-IMPROV-S02H-F02-R-FM01.avi; H; A:4.100000 ; V:4.000000 ; D:3.0 ; N:4.0 ;
"""


@pytest.fixture
def tree(tmp_path, put, wav):
    root = tmp_path / "improv"
    wav(root / "session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav")
    wav(root / "session1/S01A/S/MSP-IMPROV-S01A-M01-S-FM02.wav")
    wav(root / "session1/S01A/T/MSP-IMPROV-S01A-M01-T-FM03.wav")  # a recording without a label
    put(root / "Evalution.txt", LABELS)
    put(root / "Human_transcriptions/MSP-IMPROV-S01A-F01-P-FM01.txt", "how can i not [laughs] go\n")
    return root


def test_labels_of_the_misspelt_file_meet_the_recordings(tree, rows):
    found = rows("msp-improv", tree)
    row = found["MSP-IMPROV-S01A-F01-P-FM01"]
    assert (row["emotion_original"], row["speaker"], row["gender_given"]) == ("N", "F01", "female")
    assert (row["arousal"], row["valence"], row["dominance"]) == (1.8, 3.0, 2.4)
    assert row["session"] == "session1"
    assert row["transcript_given"] == "how can i not go"


def test_nan_is_no_score(tree, rows):
    row = rows("msp-improv", tree)["MSP-IMPROV-S01A-M01-S-FM02"]
    assert (row["arousal"], row["valence"], row["dominance"]) == (None, 2.5, None)
    assert "arousal: no number is given" in row["notes_corpus"]
    assert "transcript: the corpus has none for this turn" in row["notes_corpus"]


def test_a_label_without_recording_and_a_recording_without_label_are_seen(tree, check):
    found = check("msp-improv", tree, "corpus.split=random")
    assert found.aside["missing: there is no such file"] == 1
    assert found.aside["no label"] == 1
    assert found.aside["label 'X' is left out by the label set 'four-class'"] == 1
    assert "rows: 4 found, 8438 expected" in found.differences()
    assert "four-class happiness: 1 found, 2644 expected" in found.differences()


def test_scenarios(tree, rows):
    assert list(rows("msp-improv", tree, scenarios="P")) == ["MSP-IMPROV-S01A-F01-P-FM01"]


def test_without_the_label_file(tmp_path, wav, rows):
    wav(tmp_path / "session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav")
    with pytest.raises(SemoError, match=r"found no MSP-IMPROV, .*Evalution.txt"):
        rows("msp-improv", tmp_path)
