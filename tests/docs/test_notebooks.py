"""The notebooks run from their first cell to their last in a real Jupyter kernel."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import SHARED, tiny_ravdess, voice

import annotate

NOTEBOOKS = Path(__file__).resolve().parents[2] / "docs" / "notebooks"

pytestmark = pytest.mark.slow


def execute(name: str, folder: Path) -> str:
    """Run a notebook in a folder; returns the text of all its outputs."""
    nbclient = pytest.importorskip("nbclient", reason="the extra 'dev' is not installed")
    import nbformat

    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(str(output.get("text") or output.get("data")) for output in outputs)


def test_from_a_folder_to_a_caption(tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    for speaker in range(4):
        for clip in range(12):
            folder = tmp_path / "recordings" / f"speaker{speaker}"
            folder.mkdir(parents=True, exist_ok=True)
            samples = voice(1.0, 110.0 + 60 * (speaker % 2) + 4 * clip, level=0.1 + 0.02 * clip, syllables=3 + clip % 3)
            samples = samples + 0.001 * noise.standard_normal(len(samples)).astype(np.float32)
            soundfile.write(folder / f"{clip:02d}.wav", samples, 16000)
    shown = execute("from-a-folder-to-a-caption.ipynb", tmp_path)
    assert "'ok'" in shown or "'missing'" in shown


def test_words_by_emotion(tmp_path: Path) -> None:
    tiny_ravdess(tmp_path / "corpus")
    annotate.run(
        "ravdess", corpus={"root": tmp_path / "corpus"}, output=tmp_path / "out" / "ravdess", workers=1, progress=False
    )
    assert "image/png" in execute("words-by-emotion.ipynb", tmp_path)


def test_intonation_by_emotion(tmp_path: Path) -> None:
    """What a new user does with sixty real recordings and the documentation."""
    wav = SHARED / "data" / "emodb" / "wav"
    if not wav.is_dir():
        pytest.skip("the real recordings of EmoDB are not here (../shared/data/emodb)")
    (tmp_path / "emodb" / "wav").mkdir(parents=True)
    clips = sorted(wav.iterdir())
    for place in range(60):
        shutil.copy(clips[place * len(clips) // 60], tmp_path / "emodb" / "wav")
    shown = execute("intonation-by-emotion.ipynb", tmp_path)
    assert "image/png" in shown
    assert "60 of 60 rows" in shown
    assert "monotone" in shown
    assert "a classifier names the emotion correctly" in shown
