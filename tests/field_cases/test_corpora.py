"""Field cases of corpora: 9 encodings, 10 half a corpus; and their kin in other readers."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile
from conftest import silence, tiny_ravdess

from annotate import settings
from annotate.captions import templates
from annotate.corpora import corpus_rows
from annotate.corpora import data_manifest as manifests
from annotate.errors import SemoError, UsageError

CHINESE = "打远一看\t中立"


def rows(name: str, root: Path, **options: Any) -> dict[str, dict[str, Any]]:
    corpus = manifests.load(name)
    reader, request = corpus_rows.request_of(corpus, root, options)
    return {row["id"]: row for row in corpus_rows.checked(corpus, reader, request)}


def wav(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # a level of its own for every name: equal recordings would be one
    level = (1 + zlib.crc32(path.name.encode()) % 10_000) / 32768
    soundfile.write(path, silence(0.2) + level, 16000)
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "noted"),
    [
        (f"0001_000001\t{CHINESE}\n", "utf-16", "UTF-16"),
        (f"0001_000001\t{CHINESE}\n", "utf-16-le", "UTF-16-LE"),
        (f"0001_000001\t{CHINESE}\n", "utf-16-be", "UTF-16-BE"),
        (f"0001_000001\t{CHINESE}\n", "gbk", "GB18030"),
        (f"0001_000001\t{CHINESE}\n", "utf-8", None),
        (f"0001_000001\t{CHINESE}\n", "utf-8-sig", None),
        ("0001_000001 The nine the eggs, I keep. Neutral\n", "ascii", None),
    ],
)
def test_case_9_esd_in_every_encoding(tmp_path: Path, text: str, encoding: str, noted: str | None) -> None:
    wav(tmp_path / "0001/Neutral/0001_000001.wav")
    (tmp_path / "0001/0001.txt").write_bytes(text.encode(encoding))
    row = rows("esd", tmp_path)["0001_000001"]
    assert row["transcript_given"] == ("打远一看" if "打" in text else "The nine the eggs, I keep.")
    assert row["notes_corpus"] == ([f"text: read as {noted}"] if noted else [])


def test_case_9_what_cannot_be_decoded_names_file_and_line(tmp_path: Path) -> None:
    wav(tmp_path / "0001/Neutral/0001_000001.wav")
    (tmp_path / "0001/0001.txt").write_bytes(b"0001_000001\tfine\tNeutral\n0001_000002\t\xff\xff\tAngry\n")
    with pytest.raises(SemoError, match=r"0001\.txt, line 2: cannot be decoded"):
        rows("esd", tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gbk"])
def test_case_9_kaldi_lists(tmp_path: Path, encoding: str) -> None:
    wav(tmp_path / "a.wav")
    for name, line in (
        ("wav.scp", "u1 a.wav\n"),
        ("text", "u1 打远一看\n"),
        ("utt2spk", "u1 s1\n"),
        ("spk2gender", "s1 f\n"),
    ):
        (tmp_path / name).write_bytes(line.encode(encoding))
    row = rows("kaldi", tmp_path, **({"encoding": "gbk"} if encoding == "gbk" else {}))["u1"]
    assert (row["transcript_given"], row["gender_given"], row["drop_corpus"]) == ("打远一看", "female", None)


def test_case_9_kaldi_in_a_wrong_encoding_names_file_and_line(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / "wav.scp").write_bytes(b"u1 a.wav\n")
    (tmp_path / "text").write_bytes(b"u1 \xff\xff\xff\n")
    with pytest.raises(SemoError, match=r"text, after line 0: cannot be decoded as GBK"):
        rows("kaldi", tmp_path, encoding="gbk")
    with pytest.raises(UsageError, match="'klingon' is not a known encoding"):
        rows("kaldi", tmp_path, encoding="klingon")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gbk"])
def test_case_9_tables(tmp_path: Path, encoding: str) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_bytes("path,text\na.wav,打远一看\n".encode(encoding))
    found = rows("table", tmp_path, **({"encoding": "gbk"} if encoding == "gbk" else {}))
    assert [row["transcript_given"] for row in found.values()] == ["打远一看"]


@pytest.mark.parametrize(
    "make", [lambda path: settings.load(str(path)), lambda path: templates.source("captions", str(path))]
)
def test_case_9_a_user_s_own_file_of_another_encoding_is_one_line(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    """The kin: a recipe or a template written by an editor in Latin-1."""
    path = tmp_path / "mine.txt"
    path.write_bytes("name: caf\u00e9 \u00fcber\n".encode("latin-1"))
    with pytest.raises(UsageError, match=r"mine\.txt: not UTF-8 text"):
        make(path)


def iemocap(root: Path, dialogues: tuple[str, ...]) -> None:
    for dialogue in dialogues:
        folder = root / "Session1/dialog/EmoEvaluation"
        folder.mkdir(parents=True, exist_ok=True)
        turns = [f"{dialogue}_{sex}00{k}" for sex in "FM" for k in range(2)]
        lines = [f"[1.0 - 2.0]\t{turn}\tneu\t[3.0, 3.0, 3.0]\n" for turn in turns]
        (folder / f"{dialogue}.txt").write_text("\n".join(lines), encoding="utf-8")
        for turn in turns:
            wav(root / f"Session1/sentences/wav/{dialogue}/{turn}.wav")


def test_case_10_improvised_and_scripted_are_both_kept_and_half_a_corpus_is_loud(
    tmp_path: Path, run: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    import annotate
    from annotate.cli import run_summary

    iemocap(tmp_path / "iemocap", ("Ses01F_impro01", "Ses01M_script01_1"))
    found = run("iemocap", tmp_path / "iemocap", "dataset.audio=none")
    assert len(found.rows) == 8
    assert {name.split("_")[1][:6] for name in found.rows} == {"impro0", "script"}
    assert "rows: 8 found, 10039 expected" in found.summary["differences"]
    assert "four-class anger: 0 found, 1103 expected" in found.summary["differences"]
    run_summary.show(annotate.Output(found.folder), quiet=True)
    assert "differs from what was published: rows: 8 found, 10039 expected" in capsys.readouterr().out
    assert "8 found, 10039 expected" in (found.folder / "report.html").read_text(encoding="utf-8")


def test_case_10_any_corpus_that_lacks_half_is_loud(tmp_path: Path, run: Callable[..., Any]) -> None:
    """The kin: every corpus with published counts, told by a run and not by ``check`` alone."""
    tiny_ravdess(tmp_path / "corpus", actors=3, repeats=1)
    found = run("ravdess", tmp_path / "corpus", "dataset.audio=none")
    assert "rows: 18 found, 1440 expected" in found.summary["differences"]
    assert "speakers: 3 found, 24 expected" in found.summary["differences"]
    assert "label calm: 0 found, 192 expected" in found.summary["differences"]
