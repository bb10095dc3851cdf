import itertools

import pytest

from annotate.corpora import data_manifest as manifests
from annotate.corpora import splits
from annotate.errors import SemoError

LABELS = {"neu": 1708, "hap": 595, "sad": 1084, "ang": 1103, "exc": 1041, "fru": 1849,
          "fea": 40, "sur": 107, "dis": 2, "oth": 3, "xxx": 2507}  # fmt: skip

DIALOGUE = """% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]
C-E2:\tNeutral;\t()
C-E3:\tNeutral; Sadness;\t()
C-F1:\t;\t()
A-E3:\tval 3; act 2; dom  2;\t()

[10.0100 - 11.3925]\tSes01F_impro01_M000\texc\t[0.5000, 5.5000, 3.0000]
C-E2:\t;\t()

[12.0000 - 13.0000]\tSes01F_impro01_M001\txxx\t[3.0000, 3.0000, 3.0000]
"""
TRANSCRIPT = """Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me. [LAUGHTER] No.
Ses01F_impro01_FXX0 [008.3000-009.0000]: [BREATHING]
M: Did you get the mail?
Ses01F_impro01_M000 [010.0100-011.3925]: [LAUGHTER]
Ses01F_impro01_M009 [011.3925-012.0000]: A turn without a label.
"""


@pytest.fixture
def tree(tmp_path, put, wav):
    root = tmp_path / "iemocap"
    for dialogue, text, spoken in (
        ("Ses01F_impro01", DIALOGUE, TRANSCRIPT),
        ("Ses01M_script01_1", "[1.0000 - 2.0000]\tSes01M_script01_1_F000\tang\t[2.0, 4.0, 4.0]\n", None),
    ):
        put(root / f"Session1/dialog/EmoEvaluation/{dialogue}.txt", text)
        put(root / f"Session1/dialog/EmoEvaluation/._{dialogue}.txt", "\x00\x05\x16\x07 of a Mac")
        if spoken:
            put(root / f"Session1/dialog/transcriptions/{dialogue}.txt", spoken)
    put(
        root / "Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e2_cat.txt", "Ses01F_impro01_F000 :Neutral; ()"
    )
    for turn in ("F000", "M000", "M001"):
        wav(root / f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_{turn}.wav")
    wav(root / "Session1/sentences/wav/Ses01M_script01_1/Ses01M_script01_1_F000.wav")
    return root


def test_turns_labels_and_scores(tree, rows):
    found = rows("iemocap", tree)
    assert list(found) == [
        "Ses01F_impro01_F000", "Ses01F_impro01_M000", "Ses01F_impro01_M001", "Ses01M_script01_1_F000",
    ]  # fmt: skip
    first = found["Ses01F_impro01_F000"]
    assert (first["emotion_original"], first["valence"], first["arousal"], first["dominance"]) == ("neu", 2.5, 2.5, 2.5)
    assert first["drop_corpus"] is None
    assert first["session"] == "Session1"


def test_the_sex_is_the_letter_of_the_turn_not_of_the_dialogue(tree, rows):
    found = rows("iemocap", tree)
    assert (found["Ses01F_impro01_M000"]["speaker"], found["Ses01F_impro01_M000"]["gender_given"]) == ("Ses01M", "male")
    assert found["Ses01M_script01_1_F000"]["gender_given"] == "female"


def test_scores_out_of_range_are_left_out_and_told(tree, rows):
    row = rows("iemocap", tree)["Ses01F_impro01_M000"]
    assert (row["valence"], row["arousal"], row["dominance"]) == (None, None, 3.0)
    assert any(note.startswith("valence: 0.5000 is given") for note in row["notes_corpus"])


def test_tags_are_kept_apart_from_the_words(tree, rows):
    found = rows("iemocap", tree)
    assert found["Ses01F_impro01_F000"]["transcript_given"] == "Excuse me. No."
    assert "transcript: tags left out: [LAUGHTER]" in found["Ses01F_impro01_F000"]["notes_corpus"]
    assert found["Ses01F_impro01_M000"]["transcript_given"] is None
    assert any("has none" in note for note in found["Ses01F_impro01_M001"]["notes_corpus"])


def test_improvised_or_scripted_alone(tree, rows):
    assert list(rows("iemocap", tree, dialogues="scripted")) == ["Ses01M_script01_1_F000"]
    with pytest.raises(SemoError, match="did you mean 'improvised'"):
        rows("iemocap", tree, dialogues="improvized")


def test_a_small_copy_differs_loudly(tree, check):
    """One improvised and one scripted dialogue: both are kept, and what lacks is said."""
    found = check("iemocap", tree, "corpus.split=random")
    assert found.rows == 4
    assert "rows: 4 found, 10039 expected" in found.differences()
    assert "four-class happiness: 1 found, 1636 expected" in found.differences()
    assert "differs: label neu: 1 found, 1708 expected" in found.text()


def test_a_wrong_root_says_what_it_looked_for(tmp_path, rows):
    with pytest.raises(SemoError, match="found no IEMOCAP, Session1 to Session5"):
        rows("iemocap", tmp_path)
    (tmp_path / "IEMOCAP_full_release/Session1").mkdir(parents=True)
    with pytest.raises(SemoError, match=r"; try corpus.root=.*IEMOCAP_full_release$"):
        rows("iemocap", tmp_path)
    with pytest.raises(SemoError, match="there is no such folder; expected IEMOCAP"):
        rows("iemocap", tmp_path / "elsewhere")


def test_the_published_counts(tmp_path, put, same_wav, check):
    """A tree with as many turns of each label as the release has: 5,531 of four classes, all as expected."""
    root = tmp_path / "full"
    turns = itertools.cycle(
        (session, f"Ses0{session}{'FM'[number % 2]}_{kind}", sex)
        for number in range(2)
        for session in range(1, 6)
        for kind in ("impro01", "script01_1")
        for sex in "FM"
    )
    lines: dict[tuple[int, str], list[str]] = {}
    count = 0
    for label, many in LABELS.items():
        for _ in range(many):
            session, dialogue, sex = next(turns)
            mine = lines.setdefault((session, dialogue), [])
            turn = f"{dialogue}_{sex}{len(mine):03d}"
            mine.append(f"[1.0 - 2.0]\t{turn}\t{label}\t[3.0000, 3.0000, 3.0000]\nC-E2:\t;\t()\n")
            same_wav(root / f"Session{session}/sentences/wav/{dialogue}/{turn}.wav")
            count += 1
    for (session, dialogue), mine in lines.items():
        put(root / f"Session{session}/dialog/EmoEvaluation/{dialogue}.txt", "\n".join(mine))
    found = check("recipes/iemocap.yaml", root)
    assert count == 10039
    assert found.differences() == []
    assert found.counts["emotion"] == {"anger": 1103, "happiness": 1636, "sadness": 1084, "neutral": 1708}
    assert sum(found.counts["split"].values()) == 5531
    assert found.aside["label 'xxx' is left out by the label set 'four-class'"] == 2507
    assert "all counts are as expected" in found.text()


def test_one_session_out_validates_on_one_speaker_of_another():
    speakers = {f"Ses0{n}{sex}": {"F": "female", "M": "male"}[sex] for n in range(1, 6) for sex in "FM"}
    sessions = {f"Session{n}": [f"Ses0{n}F", f"Ses0{n}M"] for n in range(1, 6)}
    manifest = manifests.load("iemocap")
    validated = []
    for fold in range(1, 6):
        plan = splits.resolve(manifest, "session", fold, speakers, sessions)
        by_split: dict[str, list[str]] = {}
        for speaker, split in plan.groups.items():
            by_split.setdefault(split, []).append(speaker)
        assert sorted(by_split["test"]) == [f"Ses0{fold}F", f"Ses0{fold}M"]
        assert len(by_split["validation"]) == 1
        assert len(by_split["train"]) == 7
        validated += by_split["validation"]
    assert {name[-1] for name in validated} == {"F", "M"}
    with pytest.raises(SemoError, match="has 5 folds"):
        splits.resolve(manifest, "session", 6, speakers, sessions)
