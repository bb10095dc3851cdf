"""docs/python.md and docs/extending.md do what they say: their code and their files are carried out as they stand."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import tiny_ravdess, voice

import annotate
from annotate.cli import annotate as command
from docs.test_docs import lines

DOCS = Path(__file__).resolve().parents[2] / "docs"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = re.compile(r"`([\w-]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_python_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    tiny_ravdess(tmp_path / "recordings", actors=4)
    soundfile.write("clip.wav", voice(1.0, 220.0, syllables=4), 16000)
    annotate.run("ravdess", corpus={"root": "recordings"}, output="out/ravdess", workers=1, progress=False)
    names: dict[str, object] = {}
    for block in PYTHON.findall((DOCS / "python.md").read_text(encoding="utf-8")):
        if "load_model" not in block:  # needs a trained model: tests/api/test_replying.py
            exec(compile(block, "docs/python.md", "exec"), names)
    shown = capsys.readouterr().out
    assert "absent.wav: missing" in shown
    assert "Output('out/ravdess'" in shown


def test_the_extending_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "extending.md").read_text(encoding="utf-8")
    files = dict(FILES.findall(page))
    assert len(files) == 6
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    noise = np.random.default_rng(0)
    Path("calls").mkdir()
    for speaker in range(1, 6):
        for number in range(6):
            emotion, hiss = ("angry", 0.05) if number % 2 else ("calm", 0.0005)
            samples = voice(1.0, 110.0 + 10 * speaker + 30 * (number % 2), syllables=4)
            samples = samples + hiss * noise.standard_normal(len(samples)).astype(np.float32)
            soundfile.write(f"calls/c{speaker:02d}_{emotion}_{number}.wav", samples, 16000)
    for line in lines(DOCS / "extending.md"):
        program, *words = shlex.split(line)
        assert program == "semo-annotate"
        assert command.main(words) == 0, line
    output = annotate.Output("out/calls")
    frame = output.frame()
    assert frame["zero_crossings_s"].notna().all()
    assert set(frame["brightness"]) == {"dull", "medium", "bright"}
    assert "brightness" in output.evidence["emotions"]["anger"]
    assert (frame["caption_words"] == frame["caption"].fillna("").str.split().str.len()).all()
    assert (output.folder / "README.md").read_text().count("brightness")
    assert (output.folder / "report.html").read_text().count("brightness")
    judged = annotate.check("A person speaks with a dull timbre.", {"brightness": "bright"})
    assert judged.verdict == "contradiction"
    captions = " ".join(frame["caption"].dropna())
    assert any(word in captions for word in ("dull", "bright", "duller", "brighter"))
    verdicts = read_lines(
        tmp_path / "verdicts.jsonl", command.main(["verify", "out/calls", "--output", "verdicts.jsonl"])
    )
    assert {one["verdict"] for one in verdicts} <= {"ok", "missing"}
    assert any(claim["about"] == "brightness" for one in verdicts for claim in one["claims"])
    _semo_eval(output)


def read_lines(path: Path, code: int) -> list[dict[str, Any]]:
    assert code == 0
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _semo_eval(output: annotate.Output) -> None:
    """What semo-eval takes of the data set: a reply is held against an attribute from outside too."""
    figures = pytest.importorskip("annotate.semollm.evaluation.metrics", reason="needs the extra 'train'")
    from annotate.semollm.data.corpus import Corpus
    from annotate.semollm.inference import predict

    corpus = Corpus(str(output.folder))
    clip = next(clip for clip in corpus.clips if clip.row["brightness"] == "bright")
    truth = predict.truth(clip)
    assert truth["brightness"] == "bright"
    for word, share in (("dull", 0.0), ("bright", 1.0)):
        row = {**truth, "reply": f"The person is speaking with a {word} timbre."}
        assert figures.faithful([row]) == share
