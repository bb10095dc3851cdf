"""What stands among the words of a transcript and was not spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.corpora import corpus_text, remarks

SAME = "Come in now."
WRITTEN = [
    "(angrily) Come in now.",
    "Come in (coughs twice) now.",
    "Come in now. (laughter)",
    "[SIGHS] Come in now.",
    "**sobbing** Come in now.",
    "_softly_ Come in now.",
    "Come in now. ~giggles~",
    "<laugh>Come in</laugh> now.",
    "Come in <unk> now.",
    "{lg} Come in now.",
    "Interviewer 2: Come in now.",
    "Speaker_B: Come in now.",
    "- Come in now.",
    ">> Come in now.",
    "00:00:01,200 --> 00:00:03,400 Come in now.",
    "<00:01.200>Come in now.",
    "Come (0.5) in (.) now.",
    "Come in now. xxx",
    "&=laughs Come in now.",
    "[laughter-Come] in now.",
    "♫ Come in now.",
    "Come in now. (lacht leise)",
    "(rires) Come in now.",
    "Come in now.（笑）",
    "【音乐】 Come in now.",
    "[inaudible 00:12] Come in now.",
    "&#91;noise&#93; Come in now.",
    "((noise)) Come in now.",
    "((Come in)) now.",
    "*Come* in now.",
    "MRS BENNET: Come in now.",
    '<font color="#fff">Come in now.</font>',
    "[?] Come in now.",
    "{F Come} in now.",
    "JOEY (laughing): Come in now.",
    "<|startoftranscript|><|en|><|0.00|>Come in now.<|2.00|><|endoftext|>",
    "<v Joey>Come in now.</v>",
    "<s> Come in now. </s>",
    "<i>Come</i> in <b>now</b>.",
    "1\n00:00:01,200 --> 00:00:03,400\nCome in now.",
    "%HESITATION Come in now.",
    "++laugh++ Come in now.",
    "[= ! laughing] Come in [//] now.",
    "「笑」Come in now.",
    "(ضحك) Come in now.",
    "(Gelächter) Come in now.",
    "(gülüyor) Come in now.",
    "(V.O.) Come in now.",
    "(cont'd) Come in now.",
    "(on phone) Come in now.",
    "Come in now. (laughs",
    "laughs) Come in now.",
    "[vocalized-noise] Come in now.",
    "Come in now.\\n",
    "\x1b[31mCome in now.",
]
SPOKEN = [
    "He (the man) left.",
    "(I laughed about it) yes",
    "at 10:30 we met",
    "in [1984] and [x1]",
    "a < b and c > d",
    "#1 and #2",
    "50% of 30% of it",
    "co-operate, either/or",
    "WARNING: Do not enter.",
    "HE SAID: NO",
    "He said: come in",
    "snow & ice + fire = water",
    "Don't -- no -- don't",
    "It is 5 * 3 * 2",
    "my_file_name",
    "The noise was loud.",
    "「はい」と言った",
    "C:\\new folder",
    "3 (or so, he said",
    "a) the noise, b) the music",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_what_was_not_spoken_is_no_part_of_the_words(written):
    words, notes = corpus_text.spoken(written)
    assert words == SAME
    assert all(note.startswith("transcript: tags left out: ") for note in notes)


@pytest.mark.parametrize("spoken", SPOKEN)
def test_what_was_spoken_stays(spoken):
    assert corpus_text.spoken(spoken) == (spoken, ())


def test_the_row_s_own_speaker_before_a_colon():
    assert corpus_text.spoken("Joey: Come in now.", "joey")[0] == SAME
    assert corpus_text.spoken("张三：你好", "张三")[0] == "你好"
    assert corpus_text.spoken("Joey: Come in now.", "Ross")[0] == "Joey: Come in now."


@pytest.mark.parametrize("only", ["(laughs)", "[noise] ...", "♪♪", "&lt;unk&gt;", "xxx .", "JOEY: (sighs)"])
def test_where_only_remarks_stand_there_are_no_words(only):
    words, notes = corpus_text.spoken(only)
    assert words is None
    assert notes


@given(st.text(max_size=60))
def test_taking_remarks_out_is_done_once_and_invents_no_letters(written):
    words, _ = remarks.left_out(written)
    letters = iter(character for character in corpus_text.SPACES.sub("", written) if character.isalpha())
    if "&" not in written:  # entities stand for characters
        assert all(character in letters for character in words if character.isalpha())


def test_the_table_keeps_the_text_as_it_was_written(tmp_path, rows, wav, put):
    wav(tmp_path / "a.wav")
    wav(tmp_path / "b.wav")
    put(tmp_path / "metadata.csv", "path,text\na.wav,JOEY: (laughs) Come in now.\nb.wav,Come  in now.\n")
    found = rows("table", tmp_path)
    assert [row["transcript_given"] for row in found.values()] == [SAME, SAME]
    assert [row["transcript_original"] for row in found.values()] == ["JOEY: (laughs) Come in now.", None]
