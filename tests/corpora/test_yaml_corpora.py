"""Corpora that need no code: a manifest over the audiofolder or the table reader."""

import pytest

from annotate.errors import SemoError
from annotate.pipeline import Pipeline
from annotate.settings import load


def test_emodb_names(tmp_path, wav, rows):
    wav(tmp_path / "wav/03a01Fa.wav")
    wav(tmp_path / "wav/08b09Tb.wav")
    found = rows("emodb", tmp_path)
    row = found["03a01Fa"]
    assert (row["speaker"], row["gender_given"], row["emotion_original"]) == ("03", "male", "F")
    assert row["transcript_given"] == "Der Lappen liegt auf dem Eisschrank."
    assert found["08b09Tb"]["gender_given"] == "female"


def test_a_file_that_is_none_of_the_corpus_is_put_aside(tmp_path, wav, check):
    wav(tmp_path / "03a01Fa.wav")
    wav(tmp_path / "recording.wav")
    found = check("emodb", tmp_path, "corpus.split=random")
    assert found.aside["file name that does not follow the pattern of this corpus"] == 1


@pytest.mark.parametrize("corpus", ["emodb", "tess", "savee"])
def test_a_wrong_root(tmp_path, wav, rows, corpus):
    wav(tmp_path / "recording.wav")
    with pytest.raises(SemoError, match=r"found no (EmoDB, wav/|TESS, OAF_|SAVEE, DC/)"):
        rows(corpus, tmp_path)


def test_emodb_on_the_real_clips(shared, check):
    found = check("emodb", shared("emodb"))
    assert found.counts["speaker"] == {"03": 49, "08": 58, "10": 38, "11": 55, "14": 69}
    assert found.counts["gender"] == {"female": 127, "male": 142}
    assert not found.aside
    assert "rows: 269 found, 535 expected" in found.differences()


@pytest.mark.slow
def test_emodb_end_to_end(shared, tmp_path):
    recipe = load("recipes/emodb.yaml", [f"corpus.root={shared('emodb')}"], tmp_path / "out")
    summary = Pipeline(recipe, workers=2).run().summary
    assert summary["rows"] == {"found": 269, "kept": 269, "dropped": 0}


def test_a_few_clips_of_emodb_end_to_end(shared, tmp_path):
    root = tmp_path / "emodb"
    (root / "wav").mkdir(parents=True)
    for speaker in ("03", "08", "10"):
        for clip in sorted((shared("emodb") / "wav").glob(f"{speaker}*.flac"))[:3]:
            (root / "wav" / clip.name).write_bytes(clip.read_bytes())
    recipe = load("recipes/emodb.yaml", [f"corpus.root={root}"], tmp_path / "out")
    outcome = Pipeline(recipe).run()
    assert outcome.summary["rows"] == {"found": 9, "kept": 9, "dropped": 0}
    from datasets import load_dataset

    row = load_dataset(str(tmp_path / "out"), split="test")[0]
    assert row["language"] == "de"
    assert row["pitch_median_hz"] > 50
    assert row["audio"]["sampling_rate"] == 16000


def test_tess_nested_copy_and_the_name_without_f(tmp_path, wav, check, rows):
    for folder in ("", "TESS Toronto emotional speech set data/"):
        wav(tmp_path / f"{folder}OAF_angry/OAF_back_angry.wav")
        wav(tmp_path / f"{folder}OAF_neutral/OA_bite_neutral.wav")
        wav(tmp_path / f"{folder}YAF_pleasant_surprised/YAF_back_ps.wav")
    found = check("tess", tmp_path)
    assert found.rows == 3
    assert found.aside == {"id repeats: an earlier row has it already": 3}
    assert found.counts["speaker"] == {"OA": 2, "YA": 1}
    assert found.counts["label"] == {"angry": 1, "neutral": 1, "ps": 1}
    row = rows("tess", tmp_path)["YAF_back_ps"]
    assert (row["transcript_given"], row["gender_given"]) == ("Say the word back", "female")


@pytest.mark.parametrize("form", ["{speaker}/{name}.wav", "{speaker}_{name}.wav", "AudioData/{speaker}/{name}.wav"])
def test_savee_two_letters_before_one(tmp_path, wav, rows, form):
    for speaker in ("DC", "KL"):
        for name in ("a01", "sa01", "su15", "n30"):
            wav(tmp_path / form.format(speaker=speaker, name=name))
    found = rows("savee", tmp_path)
    assert {row["emotion_original"] for row in found.values()} == {"a", "sa", "su", "n"}
    assert found["DC_sa01"]["speaker"] == "DC"
    assert len(found) == 8


@pytest.fixture
def podcast(tmp_path, put, wav):
    put(
        tmp_path / "Labels/labels_consensus.csv",
        "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set\n"
        "MSP-PODCAST_0001_0008.wav,N,4.2,3.6,4.0,127,Female,Train\n"
        "MSP-PODCAST_0002_0009.wav,C,4.2,,4.0,Unknown,Unknown,Test1\n"
        "MSP-PODCAST_0003_0001.wav,X,4.2,3.1,4.0,128,Male,Development\n"
        "MSP-PODCAST_0004_0001.wav,H,4.2,3.1,4.0,129,Male,Test3\n",
    )
    for name in ("0001_0008", "0002_0009", "0003_0001", "0004_0001"):
        wav(tmp_path / f"Audios/MSP-PODCAST_{name}.wav")
    put(tmp_path / "Transcripts/MSP-PODCAST_0001_0008.txt", "so that was it\n")
    return tmp_path


def test_msp_podcast(podcast, rows, check):
    found = rows("msp-podcast", podcast)
    first = found["MSP-PODCAST_0001_0008"]
    assert (first["speaker"], first["gender_given"], first["transcript_given"]) == ("127", "female", "so that was it")
    assert (first["arousal"], first["valence"], first["dominance"]) == (4.2, 3.6, 4.0)
    unknown = found["MSP-PODCAST_0002_0009"]
    assert (unknown["speaker"], unknown["gender_given"], unknown["valence"]) == (None, None, None)
    counted = check("msp-podcast", podcast)
    assert counted.counts["split"] == {"train": 1, "test": 1}
    assert counted.aside["split 'Test3' is not in the split rule"] == 1
    assert counted.aside["label 'X' is left out by the label set 'eight-class'"] == 1


def test_ravdess_folds_of_emobox(shared, check):
    found = check("ravdess", shared("ravdess"), "corpus.split=emobox", "corpus.fold=1")
    # of the first fold's actors 01 11 20 21 the first two are here
    assert found.counts["split"]["test"] == 120


def test_ravdess_nested_copy(tmp_path, wav, check):
    for folder in ("", "audio_speech_actors_01-24/"):
        wav(tmp_path / f"{folder}Actor_01/03-01-05-02-01-01-01.wav")
    found = check("ravdess", tmp_path, "corpus.split=random")
    assert (found.rows, dict(found.aside)) == (1, {"id repeats: an earlier row has it already": 1})
