"""A whole run whose captions a server writes: it stops in one line where the server does, and goes on later."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from annotate.cli.annotate import main
from captions.server import Server, answer, serving

pytest.importorskip("openai", reason="needs the extra 'llm'")

WAYS = {"low": "in a low voice", "normal": "in a medium-pitched voice", "high": "in a high voice"}
PACE = {"slow": "slowly", "normal": "at a normal pace", "fast": "fast"}
LEVEL = {"quiet": "quietly", "normal": "at a normal volume", "loud": "loudly"}


def honest(_: int, body: dict[str, Any]) -> dict[str, Any]:
    """A model that keeps to the facts of the question."""
    facts = dict(re.findall(r"(\w+): (\w+)\.", body["messages"][-1]["content"]))
    who = {"female": "A woman", "male": "A man"}[facts["Gender"]]
    tables = {"Pitch": WAYS, "Speed": PACE, "Volume": LEVEL}
    how = ", ".join(table[facts[name]] for name, table in tables.items() if name in facts)
    return answer(f"{who} speaks {how}. The emotion is {facts['Emotion']}.")


def run(tiny: Path, out: Path, server: Server, *more: str) -> int:
    return main([
        "run", "ravdess", f"corpus.root={tiny}", "run.shard_rows=20", "features.voice=none", "--workers=2", "--quiet",
        "--output", str(out), "captions.writer=openai", "captions.mode=free", f"captions.url={server.url}",
        "captions.model=m", "captions.retries=0", "captions.style=description", "captions.parallel=4",
        "descriptors.attributes=paper", "descriptors.against=group", *more,  # what the models here speak of
    ])  # fmt: skip


def captions(out: Path) -> list[dict[str, Any]]:
    columns = ["id", "caption", "caption_writer", "caption_model", "caption_tries"]
    return [
        row
        for path in sorted((out / "data").glob("*.parquet"))
        for row in pq.read_table(path, columns=columns).to_pylist()
    ]


def test_a_run_stops_with_its_server_and_goes_on_with_the_next(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with serving(lambda number, body: honest(number, body) if number <= 30 else 503) as server:
        assert run(tiny, out, server) == 1
    error = capsys.readouterr().err.strip()
    assert len(error.splitlines()) == 1
    assert "returns HTTP 503" in error
    assert "run the same command again to continue" in error
    with serving(honest) as server:
        assert run(tiny, out, server) == 0
        assert len(server.asked) == 30
    found = captions(out)
    assert Counter(row["caption_writer"] for row in found) == {"openai": 60}
    assert {row["caption_tries"] for row in found} == {1}
    with serving(honest) as server:
        assert run(tiny, out, server) == 0
        assert not server.asked
    assert main(["verify", str(out), "--output", str(tmp_path / "v.jsonl")]) == 0
    assert "60 captions: ok 60" in capsys.readouterr().out


def test_what_a_lying_server_writes_is_never_published(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with serving(lambda number, body: answer("A happy child sings loudly in the rain.")) as server:
        assert run(tiny, out, server, "captions.tries=2") == 0
        assert len(server.asked) == 120
    found = captions(out)
    assert {row["caption_writer"] for row in found} == {"template"}
    assert not [row for row in found if "child" in row["caption"]]


def test_a_writer_that_cannot_be_had_stops_before_anything_is_computed(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    wrong = ["captions.writer=llamacpp", f"captions.model={tmp_path / 'absent.gguf'}"]
    assert main(["run", "ravdess", f"corpus.root={tiny}", "--output", str(out), "--quiet", *wrong]) == 1
    assert "expected a GGUF model" in capsys.readouterr().err
    assert not (out / "work" / "pitch").exists()
