"""A tiny data set, tiny models and a training of them, made once for all tests of the room."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="session")
def house(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished data set of tones, tiny models, and a recipe, in one folder; not to be changed by tests."""
    from annotate import settings
    from annotate.pipeline import Pipeline

    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from semollm import tiny_models

    folder = tmp_path_factory.mktemp("semollm")
    made = settings.load("ravdess", [f"corpus.root={tiny}", "features.voice=none"], folder / "set")
    Pipeline(made, workers=1).run()
    recipe = tiny_models.recipe(tiny_models.save_whisper(folder / "ear"), tiny_models.save_llm(folder / "mouth"))
    recipe["features"] = {"folder": str(folder / "features")}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    return folder


@pytest.fixture(scope="session")
def trained(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stages, never interrupted."""
    from annotate.cli.train import main

    folder = tmp_path_factory.mktemp("trained") / "out"
    assert main(line(house, folder, "--quiet")) == 0
    return folder


def line(house: Path, output: Path, *further: str) -> list[str]:
    return [
        str(house / "set" / "manifest.yaml"),
        "--recipe",
        str(house / "tiny.yaml"),
        "--output",
        str(output),
        *further,
    ]


def error_text(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err.strip()
    assert "Traceback" not in error
    return error
