"""Captions as other people and servers give them: chat, thoughts and notes (ollama #10496, xinference #3647, gollm #33,
vllm #17349), foreign captions and a table of Excel's (dataspeech #34)."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED

from annotate.captions.llm_captions import Unwritten, WritingPlan, Written, write
from annotate.captions.prompts import Prompt
from annotate.captions.supported_reasons import literature
from annotate.captions.writer import Options, Sampling, WriterError
from annotate.cli.annotate import main
from annotate.store.journal import Journal

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


@contextmanager
def fake(kind: str) -> Iterator[str]:
    """The address of a server that answers as one in the wild does."""
    if not (CASES / "fake_llm.py").is_file():
        pytest.skip("the inputs of real users are not here (../shared/cases)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(CASES / "fake_llm.py"), kind, str(port)])
    try:
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def served(kind: str, folder: Path, tries: int = 2) -> list[Written | Unwritten]:
    """What a server of a kind makes of twelve rows."""
    openai = pytest.importorskip("annotate.captions.writers.openai", reason="needs the extra 'llm'")
    pytest.importorskip("openai", reason="needs the extra 'llm'")
    levels = itertools.product(("low", "high"), ("slow", "normal"), ("quiet", "normal", "loud"))
    rows: list[dict[str, Any]] = [
        {"id": str(n), "gender": ("male", "female")[n % 2], "pitch": pitch, "speed": speed, "volume": volume,
         "emotion": ("happiness", "sadness", "anger")[n % 3], "transcript": "It is late now."}
        for n, (pitch, speed, volume) in enumerate(levels)
    ]  # fmt: skip
    plan = WritingPlan("free", "description", "short", tries, Sampling(), Prompt.load("description"), literature())
    with fake(kind) as url:
        writer = openai.OpenAI(Options(model="m", url=url, parallel=4, timeout_s=10.0, retries=0))
        return write(rows, plan, writer, Journal(folder / "j.jsonl"))


@pytest.mark.parametrize(
    "kind",
    ["good", "think", "think_empty", "preamble", "note", "twice", "role", "markdown", "max_tokens", "reasoning"],
)
def test_case_09_the_caption_is_taken_out_of_what_stands_around_it(kind: str, tmp_path: Path) -> None:
    found = served(kind, tmp_path)
    assert all(isinstance(one, Written) for one in found), found
    for one in found:
        assert isinstance(one, Written)
        assert one.judged.verdict == "ok"
        assert one.text.startswith("A ")
        assert one.text.count("speaks") == 1
        assert one.text.endswith(".")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("think_cut", "cut off at captions.max_tokens"), ("length", "cut off at captions.max_tokens"),
        ("openrouter", "Provider returned error: model is overloaded"),
        ("ctx", "This model's maximum context length is 64 tokens."),
        ("notfound", "The model `default` does not exist."), ("html", "<html>Sign in</html>"),
    ],
)  # fmt: skip
def test_case_10_a_failure_of_all_rows_stops_in_the_server_s_words(kind: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(WriterError) as stopped:
        served(kind, tmp_path)
    assert said in str(stopped.value)


def test_case_09_a_caption_that_is_cut_without_a_word_is_left_to_the_template(tmp_path: Path) -> None:
    found = served("length_as_stop", tmp_path)
    assert all(isinstance(one, Unwritten) and one.reason for one in found)


@pytest.mark.parametrize(("kind", "code"), [("note", 0), ("length_as_stop", 0), ("ctx", 1)])
def test_case_09_the_whole_way(kind: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = made("09", tmp_path / "in")
    out = tmp_path / "out"
    with fake(kind) as url:
        ended = main([
            "run", "table", f"corpus.root={corpus}", "corpus.split=random", "descriptors.smallest_group=3",
            "features.voice=none", "--workers=1", "--quiet", "--output", str(out), "captions.writer=openai",
            "captions.mode=free", f"captions.url={url}", "captions.model=m", "captions.retries=0", "captions.tries=1",
            "captions.style=description",
            "descriptors.attributes=paper", "descriptors.against=group",  # so few that a caption can name all
        ])  # fmt: skip
    told = capsys.readouterr()
    assert ended == code
    if code:
        assert len(told.err.strip().splitlines()) == 1
        assert "maximum context length is 64 tokens" in told.err
        return
    counts = json.loads((out / "summary.json").read_text("utf-8"))["captions"]
    left = counts["left_to_template"]
    assert sum(counts["written"].values()) + counts["none"] == 12
    assert left == counts["written"].get("template", 0)
    assert (left == 12) == (kind == "length_as_stop")
    assert (f"captions: {left} are the template's" in told.out) == (left > 0)
    assert ("the template's caption because" in (out / "report.html").read_text("utf-8")) == (left > 0)
    assert "ok" in verdicts(out, tmp_path, "--strict")
