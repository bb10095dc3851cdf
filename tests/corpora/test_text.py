import pytest

from annotate.corpora import corpus_text
from annotate.errors import SemoError

CHINESE = "0001_000001\t打远一看，它们的确很是美丽。\t中立\n" * 3


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("gbk", "gb18030")],
)  # fmt: skip
def test_encodings_are_recognised(tmp_path, encoding, told):
    (tmp_path / "a.txt").write_bytes(CHINESE.encode(encoding))
    found = corpus_text.read(tmp_path / "a.txt")
    assert (found.content, found.encoding) == (CHINESE, told)
    assert (found.note is None) == (told == "utf-8")


def test_what_cannot_be_decoded_names_file_and_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"fine\nfine\n\xff\xff\n")
    with pytest.raises(SemoError, match=r"a\.txt, line 3: cannot be decoded as UTF-8, GB18030"):
        corpus_text.read(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("given", "words", "tags"),
    [
        ("[LAUGHTER] I [BREATHING] know.", "I know.", 2),
        ("well <laughs> yes", "well yes", 1),
        ("[LAUGHTER]", None, 1),
        ("a < b and c > d", "a < b and c > d", 0),
        ("in [1984] and [x1]", "in [1984] and [x1]", 0),
        ("  two   spaces\nand a line ", "two spaces and a line", 0),
        ("", None, 0),
    ],
)
def test_words_and_tags(given, words, tags):
    found, notes = corpus_text.spoken(given)
    assert found == words
    assert sum(note.count("[") + note.count("<") for note in notes) == tags


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        ("it\u0092s", "it’s"),
        ("itâ€™s", "it’s"),
        ("cafÃ©", "café"),
        ("Ã and ’", "Ã and ’"),
        ("naïve — “yes”", "naïve — “yes”"),
    ],
)
def test_broken_quotes(given, mended):
    assert corpus_text.repaired(given) == mended
