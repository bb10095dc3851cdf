"""The pages on corpora: the worked example does what it says, and the overview leaves nothing out."""

import re
from pathlib import Path

import pytest
import soundfile
from conftest import voice

from annotate import assets, registry
from annotate.cli.annotate import main
from annotate.corpora import data_manifest as manifests

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = re.compile(r"^`(?P<name>[\w./-]+)`:\n\n```\w+\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^```\nsemo-annotate (?P<line>[^\n]+)\n```", re.MULTILINE)
OUTPUT = re.compile(r"^```text\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The files of the page, written down as a newcomer would."""
    page = (DOCS / "your-corpus.md").read_text(encoding="utf-8")
    for match in FILE.finditer(page):
        path = tmp_path / match["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    for number in range(1, 9):
        path = tmp_path / f"kitchen/audio/{number:04d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sound = voice(1.5 + 0.1 * number, 110 + 15 * number, level=0.04 * number, syllables=4)
        soundfile.write(path, sound, 16000)
    monkeypatch.chdir(tmp_path)
    return page


def test_the_worked_example(example, capsys):
    assert {match["name"] for match in FILE.finditer(example)} == {
        "kitchen/labels.csv", "kitchen.yaml", "kitchen-recipe.yaml",
    }  # fmt: skip
    check, run = (match["line"] for match in COMMAND.finditer(example))
    assert main(check.split()) == 0
    shown = OUTPUT.search(example)
    assert shown is not None
    assert capsys.readouterr().out == shown["text"]
    assert main(run.split()) == 0
    from datasets import load_dataset

    rows = {row["id"]: row for row in load_dataset("out/kitchen", split="train")}
    names = load_dataset("out/kitchen", split="train").features["emotion"].names
    assert sorted(names) == ["anger", "happiness", "sadness"]
    assert {row["gender"] for row in rows.values()} <= {"female", "male"}


def test_the_overview_names_every_corpus_and_option():
    page = (DOCS / "corpora.md").read_text(encoding="utf-8")
    for name in assets.names("data_manifests"):
        assert f"`{name}`" in page
        manifest = manifests.load(name)
        if name in ("quickstart", "ravdess"):
            continue
        for option in registry.load("reader", manifest.reader).options:
            assert re.search(rf"^\| `{manifest.reader}`.*`{option}`", page, re.MULTILINE), option
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), None)
        if row is not None and "features" in row:
            assert manifest.licence.publish == "features"
            assert all(f"`{known}`" in row for known in (*manifest.labels, *manifest.splits))
