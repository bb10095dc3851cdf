import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotate.errors import SemoError, UsageError

ROWS = [
    {"file": "wav/a.wav", "spk": "s1", "sex": "F", "label": "happy", "text": "Yes, [LAUGHTER] please"},
    {"file": "wav/b.wav", "spk": "s2", "sex": "m", "label": "sad", "text": "No"},
]
OPTIONS = {"columns": {"path": "file", "speaker": "spk", "gender": "sex", "emotion": "label", "transcript": "text"}}


def write(path, form, rows=ROWS):
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path / "metadata.parquet")
    elif form == "jsonl":
        (path / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    else:
        separator = {"csv": ",", "tsv": "\t"}[form]
        lines = [separator.join(rows[0])] + [separator.join(f'"{cell}"' for cell in row.values()) for row in rows]
        (path / f"metadata.{form}").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def root(tmp_path, wav):
    wav(tmp_path / "wav/a.wav")
    wav(tmp_path / "wav/b.wav")
    return tmp_path


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet"])
def test_every_form_of_table_gives_the_same_rows(root, rows, form):
    write(root, form)
    found = rows("table", root, **OPTIONS)
    row = found["wav/a"]
    assert list(found) == ["wav/a", "wav/b"]
    assert (row["speaker"], row["gender_given"], row["emotion_original"]) == ("s1", "female", "happy")
    assert (row["transcript_given"], row["drop_corpus"]) == ("Yes, please", None)
    assert found["wav/b"]["gender_given"] == "male"


def test_usual_names_need_no_map(root, rows):
    write(root, "csv")
    assert rows("table", root)["wav/a"]["emotion_original"] == "happy"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
def test_encodings(root, rows, encoding):
    (root / "metadata.csv").write_bytes("path,text\nwav/a.wav,打远一看\n".encode(encoding))
    options = {"encoding": "gbk"} if encoding == "gbk" else {}
    assert rows("table", root, **options)["wav/a"]["transcript_given"] == "打远一看"


def test_templates_values_and_texts_in_files(root, rows, put):
    put(root / "metadata.csv", "name;who;feeling;score\na;x;3;4.5\nb;unknown;4;NaN\n")
    put(root / "texts/a.txt", "from a file")
    found = rows(
        "table",
        root,
        columns={
            "id": "clip-{name}",
            "path": "wav/{name}.flac",
            "speaker": "who",
            "emotion": "feeling",
            "valence": "score",
        },
        values={"speaker": {"unknown": None}, "emotion": {3: "joy"}},
        transcript_file="texts/{name}.txt",
    )
    first, second = found["clip-a"], found["clip-b"]
    assert (first["path"], first["emotion_original"], first["valence"]) == ("wav/a.wav", "joy", 4.5)
    assert first["transcript_given"] == "from a file"
    assert (second["speaker"], second["emotion_original"], second["valence"]) == (None, "4", None)
    assert "transcript: there is no text file for this recording" in second["notes_corpus"]


def test_a_text_file_outside_the_root_is_not_read(root, rows, put, tmp_path_factory):
    outside = put(tmp_path_factory.mktemp("outside") / "secret.txt", "secret")
    put(root / "metadata.csv", f"path,t\nwav/a.wav,{outside}\n")
    assert rows("table", root, transcript_file="{t}")["wav/a"]["transcript_given"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"columns": {"emotion": "labels"}}, "has no column 'labels' .* did you mean 'label'"),
        ({"columns": {"emotoin": "label"}}, "field 'emotoin' is unknown; did you mean 'emotion'"),
        ({"colums": {}}, "'colums' is unknown; did you mean 'columns'"),
        ({"table": "labels.xlsx"}, "found no table labels.xlsx; the folder contains metadata.csv, wav"),
        ({"encoding": "utf-99"}, "'utf-99' is not a known encoding"),
        ({"columns": "label"}, "expected a mapping of fields, found 'label'"),
    ],
)
def test_mistakes_are_one_clear_line(root, rows, options, said):
    write(root, "csv")
    with pytest.raises(SemoError, match=said):
        rows("table", root, **options)


def test_no_column_names_the_recordings(root, rows, put):
    put(root / "metadata.csv", "emotion,speaker\nhappy,x\n")
    with pytest.raises(
        UsageError, match=r"no column is recognised as the path of the recordings.*\(the table has emotion, speaker\)"
    ):
        rows("table", root)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_table(root, rows, content):
    (root / "metadata.csv").write_bytes(content)
    with pytest.raises(SemoError, match="is empty"):
        rows("table", root)


def test_broken_rows_are_one_reason_each(root, check):
    lines = [
        b"path,label,text",
        b"wav/a.wav,happy,fine",
        b"wav/b.wav,sad,\xff\xfe broken",
        b"wav/\xe9.wav,sad,broken name",
        b"wav/a.wav,sad,the id again",
        b"wav/c.wav,happy,not there",
        b"wav/d.wav,happy,too,many,cells",
        b"../outside.wav,happy,",
        b"/etc/hostname,happy,",
        b",happy,no path",
        b"wav/e.wav,happy," + b"x" * 10_000_000,
        b"wav/f.wav,happy," + b"y" * 30_000,
        b"wav/" + b"g" * 2000 + b".wav,happy,long name",
        b"wav,happy,a folder",
        b"wav/h\0.wav,happy,a NUL",
    ]
    (root / "metadata.csv").write_bytes(b"\n".join(lines))
    found = check("table", root, "corpus.split=random")
    aside = dict(found.aside)
    assert aside.pop("path that cannot be read") == 1
    assert aside == {
        "transcript that is not UTF-8 text": 1,
        "path that is not UTF-8 text": 1,
        "id repeats: an earlier row has it already": 1,
        "missing: there is no such file": 1,
        "row with more cells than the header (3)": 1,
        "path that leads out of the corpus root": 2,
        "cell of more than 131,072 characters": 1,
        "row with a NUL character": 1,
        "transcript of more than 20,000 characters": 1,
        "path of more than 500 characters": 1,
        "not a file": 1,
    }
    assert found.counts["emotion"] == {"happy": 1}


def test_broken_lines_of_json(root, check):
    lines = [
        b'{"path": "wav/a.wav", "label": "happy"}',
        b"{broken",
        b"[1, 2]",
        b'{"path": "\xff"}',
        b'{"path": "wav/b.wav", "text": "\\ud800"}',
        b'{"path": {"a": 1}}',
        b"[" * 100_000,
        b'{"path": "wav/b.wav", "text": "' + b"x" * 10_000_000 + b'"}',
        b'{"path": "wav/b.wav", "label": "sad"}',
    ]
    (root / "metadata.jsonl").write_bytes(b"\n".join(lines))
    found = check("table", root, "corpus.split=random")
    assert found.aside["line that is not a JSON object"] == 3
    assert found.aside["text that is not in the table's encoding"] == 1
    assert found.aside["transcript that is not UTF-8 text"] == 1
    assert found.aside["line of more than 1,000,000 bytes"] == 1
    # the row with the surrogate came first and has the id of the last one
    assert found.aside["id repeats: an earlier row has it already"] == 1
    assert found.rows == 8


def test_broken_text_in_parquet(root, check):
    path = pa.array([b"wav/a.wav", b"wav/\xff.wav", b"wav/b.wav"]).cast(pa.binary())
    broken = pa.StringArray.from_buffers(3, path.buffers()[1], path.buffers()[2])
    pq.write_table(pa.table({"path": broken, "label": ["happy", "sad", "sad"]}), root / "metadata.parquet")
    found = check("table", root, "corpus.split=random")
    assert found.aside == {"path that is not UTF-8 text": 1}
    assert found.counts["emotion"] == {"happy": 1, "sad": 1}


def test_rows_after_a_broken_one_can_be_stored(root, tmp_path):
    """What the first stage makes of broken rows must fit into its shards."""
    from annotate.corpora import corpus_rows, data_manifest
    from annotate.store.shards import Store

    (root / "metadata.csv").write_bytes(b"path,text\nwav/\xe9.wav,\xff\nwav/a.wav,fine\n")
    loaded = data_manifest.load("table")
    reader, request = corpus_rows.request_of(loaded, root, {})
    index = corpus_rows.read(Store(tmp_path / "work"), loaded, reader, request, 128, "x")
    assert index.rows == 2


def test_the_two_genders_of_one_speaker_are_flagged(root, check, put):
    put(root / "metadata.csv", "path,speaker,gender\nwav/a.wav,s,F\nwav/b.wav,s,M\n")
    assert "conflict: speaker s is given two genders" in check("table", root, "corpus.split=random").text()


def test_names_of_text_files_that_no_file_can_have(root, rows, put):
    put(root / "metadata.csv", f"path,t\nwav/a.wav,{'x' * 400}\nwav/b.wav,a\x01b\n")
    found = rows("table", root, transcript_file="{t}.txt")
    assert {row["transcript_given"] for row in found.values()} == {None}


def test_a_text_file_in_no_known_encoding_is_a_note(root, rows, put):
    put(root / "metadata.csv", "path\nwav/a.wav\n")
    (root / "wav/a.txt").write_bytes(b"\xff\xff\xff")
    row = rows("table", root, transcript_file="wav/a.txt")["wav/a"]
    assert (row["transcript_given"], row["notes_corpus"]) == (
        None,
        ["transcript: its text file cannot be read (line 1: cannot be decoded as UTF-8, GB18030)"],
    )


def test_a_table_elsewhere_is_part_of_what_the_rows_depend_on(root, tmp_path_factory):
    from annotate.corpora import corpus_rows, data_manifest

    table = tmp_path_factory.mktemp("lists") / "labels.csv"
    loaded = data_manifest.load("table")

    def depends():
        reader, request = corpus_rows.request_of(loaded, root, {"table": str(table)})
        return corpus_rows.depends(loaded, reader, request, 128)

    table.write_text("path\nwav/a.wav\n")
    before = depends()
    assert depends() == before
    table.write_text("path\nwav/a.wav\nwav/b.wav\n")
    assert depends() != before
