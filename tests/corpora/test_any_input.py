"""Whatever bytes a table holds: rows that can be stored, or one clear error."""

import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.corpora import corpus_rows
from annotate.corpora import data_manifest as manifests
from annotate.corpora.recording_path import RecordingPaths
from annotate.errors import SemoError
from annotate.store import schema

PIECES = st.sampled_from(
    [b"path", b"text", b"label", b"wav/a.wav", b",", b";", b"\n", b"\r", b'"', b"\0", b"\xff", b"../x", b"{", b"}",
     b'{"path": "', b'"}', b"\xed\xa0\x80", "é".encode(), b"\\ud800", b"|", b" ", b"NaN", b"1e999", b"[", b"]"]
)  # fmt: skip
CONTENT = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=40).map(b"".join))
LISTS = ("metadata.csv", "metadata.jsonl", "metadata.json", "wav.scp", "text")


@pytest.mark.parametrize("name", LISTS)
@given(content=CONTENT)
@settings(max_examples=150, deadline=None)
def test_tables_and_lists(name, content):
    root = Path(tempfile.mkdtemp())
    try:
        kind = "table" if name.startswith("metadata") else "kaldi"
        head = b"path,text,label\n" if name == "metadata.csv" else b""
        (root / "wav.scp").write_bytes(b"a wav/a.wav\nb wav/b.wav\n")
        (root / name).write_bytes(head + content)
        loaded = manifests.load(kind)
        reader, request = corpus_rows.request_of(loaded, root, {})
        rows = list(corpus_rows.checked(loaded, reader, request))
        pa.Table.from_pylist(rows, schema.arrow(corpus_rows.COLUMNS))
        assert all(row["drop_corpus"] for row in rows)  # there is no recording at all
    except SemoError:
        pass  # one clear line; any other exception fails
    finally:
        shutil.rmtree(root)


@given(st.text(alphabet=st.sampled_from("ab./\\~ \0é#\n"), max_size=20))
@settings(max_examples=300, deadline=None)
def test_no_path_leads_out(path):
    root = Path(tempfile.mkdtemp())
    try:
        (root / "in/a").mkdir(parents=True)
        (root.parent / f"{root.name}-secret").write_bytes(b"secret " * 300)
        (root / "in/b").write_bytes(b"inside " * 300)
        place = RecordingPaths(root / "in").find(path)
        assert place.refused or (root / "in" / place.path).resolve().is_relative_to(root / "in")
    finally:
        (root.parent / f"{root.name}-secret").unlink()
        shutil.rmtree(root)
