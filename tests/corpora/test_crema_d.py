import pytest

from annotate.errors import SemoError, UsageError

CLIPS = ("1001_DFA_ANG_XX", "1001_IEO_HAP_LO", "1002_MTI_SAD_XX")


@pytest.fixture
def tree(tmp_path, put, wav):
    root = tmp_path / "CREMA-D"
    put(root / "VideoDemographics.csv", '"ActorID","Age","Sex","Race"\n1001,51,"Male","x"\n1002,21,"Female","x"\n')
    put(root / "SentenceFilenames.csv", '"Stimulus_Number","Filename"\n' + "\n".join(f'1,"{c}"' for c in CLIPS))
    put(
        root / "summaryTable.csv",
        '"","FileName","VoiceVote","VoiceLevel","FaceVote","FaceLevel","MultiModalVote","MultiModalLevel"\n'
        '"1","1001_DFA_ANG_XX","A:D","50","A","60","A","60"\n"2","1001_IEO_HAP_LO","N","70","H","57","H","57"\n',
    )
    wav(root / "AudioWAV/1001_DFA_ANG_XX.wav")
    put(root / "AudioWAV/1001_IEO_HAP_LO.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    return root


def test_acted_and_heard_labels(tree, rows):
    acted = rows("crema-d", tree)["1001_DFA_ANG_XX"]
    assert (acted["emotion_original"], acted["intensity"], acted["gender_given"]) == ("ANG", "XX", "male")
    assert acted["transcript_given"] == "Don't forget a jacket"
    assert "heard: 'A:D'" in acted["notes_corpus"]
    assert rows("crema-d", tree, label="heard")["1001_DFA_ANG_XX"]["emotion_original"] == "A:D"
    assert rows("crema-d", tree, label="both")["1001_IEO_HAP_LO"]["emotion_original"] == "H"


def test_a_tie_of_votes_is_left_out_and_seen(tree, check):
    found = check("crema-d", tree, "corpus.split=random", "corpus.options.label=heard")
    assert found.aside["label 'A:D' is left out by the label set 'six-class'"] == 1


def test_lfs_pointers_are_told_once_with_their_count(tree, check, put):
    put(tree / "AudioWAV/1002_MTI_SAD_XX.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n")
    found = check("crema-d", tree, "corpus.split=random")
    lines = [line for line in found.text().splitlines() if "LFS" in line]
    assert len(lines) == 1
    assert lines[0].startswith("left out: 2 x a Git LFS pointer")
    assert "git lfs pull" in lines[0]


def test_clips_that_the_list_names_and_that_are_not_there(tree, check):
    assert check("crema-d", tree, "corpus.split=random").aside["missing: there is no such file"] == 1


def test_unknown_whose_word(tree, rows):
    with pytest.raises(UsageError, match="did you mean 'heard'"):
        rows("crema-d", tree, label="herd")
    (tree / "summaryTable.csv").unlink()
    with pytest.raises(SemoError, match=r"found no summaryTable.csv"):
        rows("crema-d", tree, label="seen")


@pytest.mark.parametrize("label", ["acted", "heard", "seen", "both"])
def test_the_real_label_files(shared, check, label):
    found = check("crema-d", shared("crema_d"), f"corpus.options.label={label}")
    assert found.rows == 7442
    assert found.differences() == []
    assert len(found.counts["speaker"]) == 91


def test_a_run_on_pointers_alone_says_so(tree, put, tmp_path):
    from annotate.pipeline import Pipeline
    from annotate.settings import load

    for name in CLIPS:
        put(tree / f"AudioWAV/{name}.wav", f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize 1\n")
    recipe = load("crema-d", [f"corpus.root={tree}"], tmp_path / "out")
    with pytest.raises(SemoError, match=r"no row is left to publish; 3 of 3 rows: a Git LFS pointer.*git lfs pull"):
        Pipeline(recipe).run()
