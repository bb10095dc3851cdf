"""Captions as other people and servers give them: chat, thoughts and notes (ollama #10496, xinference #3647, gollm #33,
vllm #17349), foreign captions and a table of Excel's (dataspeech #34)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SHARED

from annotate.cli.annotate import main

CASES = SHARED / "cases"


def made(number: str, folder: Path) -> Path:
    """The input of a case, as its script makes it."""
    script = CASES / f"make_{number}.py"
    if not script.is_file():
        pytest.skip("the inputs of real users are not here (../shared/cases)")
    subprocess.run([sys.executable, str(script), str(folder)], cwd=CASES, check=True, capture_output=True)
    return folder


def verdicts(source: Path, folder: Path, *options: str) -> list[str]:
    out = folder / "v.jsonl"
    assert main(["verify", str(source), "--output", str(out), *options]) == 0
    return [json.loads(line)["verdict"] for line in out.read_text("utf-8").splitlines()]


def test_case_26_chat_and_foreign_captions_are_never_ok(tmp_path: Path) -> None:
    source = made("26", tmp_path / "in") / "c.jsonl"
    assert "ok" not in verdicts(source, tmp_path, "--strict")
    # without --strict, facts told twice are no fault of other people's captions
    assert [number for number, verdict in enumerate(verdicts(source, tmp_path)) if verdict == "ok"] == [13]


def test_case_26_a_table_of_excel_s_is_read(tmp_path: Path) -> None:
    source = made("26", tmp_path / "in") / "excel.csv"
    options = ("--map", "caption=text", "--map", "gender=sex", "--map", "pitch=tone")
    assert verdicts(source, tmp_path, *options)[0] == "contradiction"


ROW = {"gender": "male", "pitch": "low", "speed": "slow", "volume": "quiet", "emotion": "sadness"}
TRUE = "A man speaks slowly and quietly in a low voice. He is sad."


@pytest.mark.parametrize("strict", [(), ("--strict",)])
@pytest.mark.parametrize(
    "caption",
    [
        f"<think></think>{TRUE}",
        f"Sure! Here is a description:\n{TRUE}",
        f"{TRUE} (Note: I used all the facts.)",
        f"Option 1: {TRUE} Option 2: {TRUE}",
        f"{TRUE} Elle est une femme joyeuse.",
        f"{TRUE} Он кричит.",
        f"\u202e{TRUE}",
        f"{TRUE}\x00",
        f"{TRUE}\x1b]0;title\x07",
        f"{TRUE} The speaker is {{name}}.",
        "A man. " * 15_000,
        f"Certainly! {TRUE}",
        f"{TRUE} Would you like another version?",
    ],
)
def test_case_26_kin_are_not_ok_either(tmp_path: Path, caption: str, strict: tuple[str, ...]) -> None:
    source = tmp_path / "c.jsonl"
    source.write_text(json.dumps({"id": "1", **ROW, "caption": caption}) + "\n", "utf-8")
    assert verdicts(source, tmp_path, *strict) != ["ok"]


def test_the_plain_one_is_ok(tmp_path: Path) -> None:
    source = tmp_path / "c.jsonl"
    source.write_text(json.dumps({"id": "1", **ROW, "caption": TRUE}) + "\n", "utf-8")
    assert verdicts(source, tmp_path, "--strict") == ["ok"]
