"""The writer ``openai`` against servers on loopback that misbehave, and llama.cpp's own, killed in the middle."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotate.captions.captions import writing
from annotate.captions.llm_captions import compose
from annotate.captions.supported_reasons import Evidence
from annotate.captions.writer import Options, WriterError
from annotate.captions.writers.openai import OpenAI
from annotate.recipe_sections import CaptionSettings
from annotate.store.journal import Journal
from benchmarks.table import Line

ROWS = [
    {"id": f"row-{number}", "gender": "female", "pitch": "high", "speed": "fast", "volume": "loud",
     "emotion": "anger", "transcript": f"The words of row {number}"}
    for number in range(16)
]  # fmt: skip
TRUE = "A woman speaks fast and loudly in a high voice; she sounds angry."
LLAMA = """
import sys, time
import xllamacpp
from annotate.captions.writer import default_model
wanted = xllamacpp.CommonParams()
wanted.model.path = default_model()
wanted.n_parallel, wanted.n_ctx, wanted.warmup, wanted.verbosity = 4, 4096, False, -1
server = xllamacpp.Server(wanted)
print(server.listening_address + "/v1", flush=True)
time.sleep(3600)
"""


def lines(work: Path) -> list[Line]:
    made = _server_module()

    def late(*_: Any) -> None:
        time.sleep(60)

    faults: dict[str, Any] = {
        "500": 500, "429": 429, "half an answer": b'{"choices": [{"mess', "an empty answer": made.answer(""),
        "half a JSON": '{"choices": [{"mess', "an answer cut off": made.answer("A woman speaks", "length"),
        "a minute": late,
    }  # fmt: skip
    held = [_goes_on(made, work / f"{name}.jsonl", fault) for name, fault in faults.items()]
    wrong = [f"{name}: {why}" for name, why in zip(faults, held, strict=True) if why]
    killed = _killed(work / "killed.jsonl")
    return [
        Line("faults of a server: answers lost, asked twice, or more than a line", len(wrong), 0, at_most=True,
             note="; ".join(wrong) or f"of {len(faults)}: {', '.join(faults)}"),
        Line("llama.cpp's own server, killed in the middle: the same", int(bool(killed)), 0, at_most=True, note=killed),
    ]  # fmt: skip


def _server_module() -> Any:
    path = Path(__file__).resolve().parents[1] / "tests" / "captions" / "server.py"
    spec = importlib.util.spec_from_file_location("loopback", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["loopback"] = module
    spec.loader.exec_module(module)
    return module


def _run(url: str, journal: Path, mode: str, timeout_s: float = 30.0) -> str:
    """Write all rows; the line that it stopped with, or nothing."""
    how = writing(
        CaptionSettings(writer="openai", url=url, mode=mode, style="description").model_dump(), journal, Evidence()
    )
    assert how is not None
    kept = Journal(journal)
    try:
        found = compose(ROWS, how.plan, OpenAI(Options(url=url, parallel=2, timeout_s=timeout_s, retries=1)), kept)
        return "" if all(found) else "rows without a caption"
    except WriterError as error:
        return str(error)


def _goes_on(made: Any, journal: Path, fault: Any) -> str:
    """Six answers, then the fault for good; then a server that is well. What is wrong, or nothing."""
    journal.unlink(missing_ok=True)

    def well(*_: Any) -> Any:
        return made.answer(TRUE)

    def ill(number: int, body: dict[str, Any]) -> Any:
        return well(number, body) if number <= 6 else fault(number, body) if callable(fault) else fault

    with made.serving(ill) as server:
        said = _run(server.url, journal, "free", timeout_s=0.5)
    before = len(Journal(journal))
    with made.serving(well) as server:
        again = _run(server.url, journal, "free")
        asked = len(server.asked)
    return _verdict(said, again, before, asked, expected=6)


def _verdict(said: str, again: str, before: int, asked: int, expected: int) -> str:
    if not said or "\n" in said:
        return f"it said {said!r}"
    if again:
        return f"then: {again}"
    if before < expected:
        return f"{before} answers kept"
    return "" if asked == len(ROWS) - before else f"{asked} asked for {len(ROWS) - before}"


def _killed(journal: Path) -> str:
    """A steered run on llama.cpp's own server, killed after some answers, then one that lives."""
    journal.unlink(missing_ok=True)
    process, url = _llama()
    watch = _kill_after(process, journal, 4)
    said = _run(url, journal, "steered")
    watch()
    before = len(Journal(journal))
    process, url = _llama()
    try:
        again = _run(url, journal, "steered")
    finally:
        process.kill()
        process.wait()
    ids = Counter(line.split('"id": "')[1].split('"')[0] for line in journal.read_text("utf-8").splitlines())
    if again or not said or "\n" in said:
        return f"first {said!r}, then {again!r}"
    if not 0 < before < len(ROWS):
        return f"{before} answers before it was killed"
    return "" if set(ids.values()) == {1} and len(ids) == len(ROWS) else f"answers a row: {dict(ids)}"


def _llama() -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", LLAMA], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def _kill_after(process: subprocess.Popen[str], journal: Path, answers: int) -> Callable[[], None]:
    from threading import Thread

    def watch() -> None:
        while process.poll() is None and len(Journal(journal)) < answers:
            time.sleep(0.02)
        process.kill()
        process.wait()

    thread = Thread(target=watch)
    thread.start()
    return thread.join
