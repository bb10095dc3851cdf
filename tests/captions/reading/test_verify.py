"""``semo-annotate verify``: any data set in, a line a caption out, mistakes in one line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotate.cli.annotate import main

ROWS: list[dict[str, Any]] = [
    {"id": "a", "caption": "A woman speaks loudly.", "gender": "female", "volume": "loud", "verdict": "ok"},
    {"id": "b", "caption": "A man speaks loudly.", "gender": "female", "volume": "loud", "verdict": "contradiction"},
    {
        "id": "c",
        "caption": "An old woman speaks loudly.",
        "gender": "female",
        "volume": "loud",
        "verdict": "unsupported",
    },
    {"id": "d", "caption": "A woman speaks.", "gender": "female", "volume": "loud", "verdict": "missing"},
    {"id": "e", "caption": None, "gender": "female", "volume": "loud"},
]
VERDICTS = ["ok", "contradiction", "unsupported", "missing"]


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def verified(source: Path, folder: Path, *options: str) -> list[dict[str, Any]]:
    out = folder / "verdicts.jsonl"
    assert main(["verify", str(source), "--output", str(out), *options]) == 0
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_a_line_a_caption_with_what_each_claim_was_held_against(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = verified(jsonl(tmp_path / "rows.jsonl", ROWS), tmp_path)
    assert [(line["id"], line["verdict"]) for line in lines] == list(zip("abcd", VERDICTS, strict=True))
    wrong = next(claim for claim in lines[1]["claims"] if claim["about"] == "gender")
    assert (wrong["words"], wrong["says"], wrong["against"], wrong["holds"]) == ("man", ["male"], "female", False)
    assert lines[3]["missing"] == ["volume"]
    said = capsys.readouterr().out
    assert "4 captions: ok 1, contradiction 1, unsupported 1, missing 1" in said
    assert "1 of 5 rows have no caption" in said
    assert "contradictions found: 1 of 1 (100.0 %)" in said
    assert "false alarms: 0 of 2 (0.0 %)" in said


def test_without_an_output_the_lines_go_to_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(jsonl(tmp_path / "rows.jsonl", ROWS))]) == 0
    told = capsys.readouterr()
    assert [json.loads(line)["verdict"] for line in told.out.splitlines()] == VERDICTS
    assert "4 captions" in told.err


def test_a_wrong_label_is_counted_as_a_disagreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verified(
        jsonl(tmp_path / "rows.jsonl", [ROWS[0] | {"verdict": "contradiction"}, ROWS[1] | {"verdict": "ok"}]), tmp_path
    )
    said = capsys.readouterr().out
    assert "contradictions found: 0 of 1" in said
    assert "false alarms: 1 of 1" in said


def test_columns_of_others_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows(
            [["text", "sex", "energy"], ["A lady whispers.", "F", "low"], ["A lady whispers.", "M", "low"]]
        )
    lines = verified(path, tmp_path, "--map", "caption=text", "--map", "gender=sex", "--map", "volume=energy")
    assert [line["verdict"] for line in lines] == ["ok", "contradiction"]


def test_a_folder_of_parquet_with_class_labels_is_read(tmp_path: Path) -> None:
    names = {"info": {"features": {"emotion": {"names": ["sadness", "anger"], "_type": "ClassLabel"}}}}
    table = pa.table({"id": ["a", "b"], "caption": ["She is angry."] * 2, "emotion": [1, 0], "gender": ["female"] * 2})
    (tmp_path / "set" / "data").mkdir(parents=True)
    pq.write_table(
        table.replace_schema_metadata({"huggingface": json.dumps(names)}), tmp_path / "set" / "data" / "train.parquet"
    )
    assert [line["verdict"] for line in verified(tmp_path / "set", tmp_path)] == ["ok", "contradiction"]


def test_what_a_run_makes_is_verified_without_a_contradiction(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["run", "ravdess", f"corpus.root={tiny}", "--output", str(out), "--quiet", "--workers", "1"]) == 0
    lines = verified(out, tmp_path)
    assert len(lines) == 60
    assert {line["verdict"] for line in lines} <= {"ok", "missing"}


@pytest.mark.parametrize(
    ("content", "options", "code", "said"),
    [
        ('{"caption": "x"}\n{"caption"', [], 1, "line 2"),
        ("[1]\n", [], 1, "expected an object"),
        ('{"text": "x"}\n', [], 2, "--map caption=NAME"),
        ('{"caption": "x"}\n', ["--map", "captoin=caption"], 2, "did you mean 'caption'"),
        ('{"caption": "x", "sex": "f"}\n', ["--map", "gender=sexx"], 2, "did you mean 'sex'"),
        ('{"caption": "x"}\n', ["--map", "gender"], 2, "COLUMN=NAME"),
        ("", [], 1, "no rows"),
    ],
)
def test_a_mistake_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, options: list[str], code: int, said: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, "utf-8")
    out = tmp_path / "verdicts.jsonl"
    assert main(["verify", str(path), "--output", str(out), *options]) == code
    error = capsys.readouterr().err.strip()
    assert said in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("name", ["absent.jsonl", "./nowhere", "rows.docx"])
def test_an_absent_or_strange_source_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.docx").write_bytes(b"\xff\xfe")
    assert main(["verify", name]) in (1, 2)
    error = capsys.readouterr().err.strip()
    assert name in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("fail_on", "kept", "code"),
    [
        ("contradiction", "a c d e", 0), ("contradiction", "a b", 1), ("unsupported", "a d", 0),
        ("unsupported", "a c", 1), ("unsupported", "a b", 1), ("missing", "a e", 0), ("missing", "a d", 1),
        ("contradiction", "e", 1),
    ],
)  # fmt: skip
def test_it_can_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str], fail_on: str, kept: str, code: int) -> None:
    rows = [row for row in ROWS if row["id"] in kept.split()]
    out = tmp_path / "v.jsonl"
    assert main(["verify", str(jsonl(tmp_path / "r.jsonl", rows)), "--output", str(out), "--fail-on", fail_on]) == code
    error = capsys.readouterr().err.strip()
    assert ("--fail-on" in error) == bool(code)
    assert len(error.splitlines()) <= 1
    assert len(out.read_text().splitlines()) == sum(row["caption"] is not None for row in rows)


@pytest.mark.parametrize(
    ("name", "content", "encoding"),
    [
        ("excel.csv", "Nr;sex;text\r\n1;w;A man speaks.\r\n2;F;A woman, she speaks.\r\n", "utf-8-sig"),
        ("stated.csv", "sep=|\nNr|sex|text\n1|w|A man speaks.\n2|F|A woman, she speaks.\n", "utf-8"),
        ("tabs.csv", "Nr\tsex\ttext\n1\tw\tA man speaks.\n2\tF\tA woman, she speaks.\n", "utf-16"),
        ("plain.csv", 'Nr,sex,text\n1,w,A man speaks.\n2,F,"A woman, she speaks."\n', "utf-8"),
    ],
)
def test_the_separator_is_found_as_a_run_finds_it(tmp_path: Path, name: str, content: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    lines = verified(path, tmp_path, "--map", "caption=text", "--map", "gender=sex", "--map", "id=Nr")
    assert [(line["id"], line["verdict"]) for line in lines] == [("1", "contradiction"), ("2", "ok")]


def test_a_broken_row_of_a_table_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("gender,caption\nfemale,A woman speaks.\nfemale,A woman,speaks,here.\n", "utf-8")
    assert main(["verify", str(path)]) == 1
    assert "line 3: row with more cells than the header" in capsys.readouterr().err
