import pytest

from annotate.corpora.readers.kaldi import Lookup
from annotate.errors import SemoError


@pytest.fixture
def root(tmp_path, put, wav):
    for name in ("a", "b", "c"):
        wav(tmp_path / f"wav/{name}.wav")
    put(
        tmp_path / "wav.scp",
        f"u1 wav/a.wav\nu2\twav/b with space.wav\nu3 sph2pipe -f wav x.sph |\nu4 {tmp_path}/wav/c.wav\nu5\n",
    )
    wav(tmp_path / "wav/b with space.wav")
    put(tmp_path / "text", "u1 HELLO [LAUGHTER] THERE\nu2 \nu4 BYE\n")
    put(tmp_path / "utt2spk", "u1 s1\nu2 s1\nu3 s2\nu4 s2\n")
    put(tmp_path / "spk2gender", "s1 f\ns2 m\n")
    put(tmp_path / "utt2emo", "u4 sad\nu1 happy\n")
    return tmp_path


def test_the_lists_meet(root, rows):
    found = rows("kaldi", root)
    first = found["u1"]
    assert (first["speaker"], first["gender_given"], first["emotion_original"]) == ("s1", "female", "happy")
    assert first["transcript_given"] == "HELLO THERE"
    assert found["u2"]["path"] == "wav/b with space.wav"
    assert found["u2"]["transcript_given"] is None
    assert (found["u4"]["path"], found["u4"]["emotion_original"]) == ("wav/c.wav", "sad")


def test_a_command_is_refused_and_never_run(root, rows, put):
    put(root / "wav.scp", f"u1 touch {root}/ran |\n")
    assert rows("kaldi", root)["u1"]["drop_corpus"].startswith("a command instead of a path")
    assert not (root / "ran").exists()


def test_a_line_without_path(root, rows):
    assert rows("kaldi", root)["u5"]["drop_corpus"] == "line without a path"


def test_lists_in_another_folder(root, rows, tmp_path_factory):
    lists = tmp_path_factory.mktemp("data")
    (lists / "wav.scp").write_text("x wav/a.wav\n", encoding="utf-8")
    assert rows("kaldi", root, lists=str(lists))["x"]["drop_corpus"] is None


def test_segments_are_parts_of_the_recordings(root, put, rows):
    name = (root / "wav.scp").read_text(encoding="utf-8").split()[0]
    put(root / "segments", f"p1 {name} 0 0.5\np2 {name} 0.5 -1\np3 nobody 0 1\np4 {name} 2 1\np5 {name} x\n")
    found = rows("kaldi", root)
    assert found["p1"]["path"].endswith("#t=0,0.5")
    assert found["p2"]["path"].endswith("#t=0.5")
    assert found["p3"]["drop_corpus"] == "segments: wav.scp has no recording 'nobody'"
    assert "must end after it starts" in found["p4"]["drop_corpus"]
    assert found["p5"]["drop_corpus"] == "segments: expected RECORDING START END"


def test_a_missing_list_is_refused(root, tmp_path_factory, rows):
    with pytest.raises(SemoError, match=r"found no wav.scp \(ID PATH, one a line\); the folder is empty"):
        rows("kaldi", tmp_path_factory.mktemp("empty"))


def test_a_list_in_the_same_order_is_not_held_in_memory(tmp_path, put):
    put(tmp_path / "text", "".join(f"u{n} text {n}\n" for n in range(1000)))
    lookup = Lookup(tmp_path / "text")
    for number in range(1000):
        assert lookup.get(f"u{number}") == f"text {number}"
        assert not lookup.ahead
