"""What the tests of readers share: small recordings, a corpus read as a run reads it, the real data where it is."""

from __future__ import annotations

import os
import struct
import wave
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.corpora import check as checking
from annotate.corpora import corpus_rows
from annotate.corpora import data_manifest as manifests
from annotate.recipe_sections import CorpusSettings
from annotate.settings import Recipe
from annotate.settings import load as load_recipe

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def write_wav(path: Path) -> Path:
    """A fifth of a second at 8 kHz, other samples for every name: equal ones would be one recording."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(struct.pack("<h", 100 + zlib.crc32(path.name.encode()) % 20_000) * 1600)
    return path


def write_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def wav() -> Callable[[Path], Path]:
    return write_wav


@pytest.fixture
def put() -> Callable[..., Path]:
    return write_text


@pytest.fixture
def same_wav(tmp_path: Path) -> Callable[[Path], None]:
    """The same recording under many names, cheaply."""
    source = write_wav(tmp_path / "source.wav")

    def link(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, path)

    return link


@pytest.fixture
def rows() -> Callable[..., dict[str, dict[str, Any]]]:
    """Rows of a corpus by id, as the first stage makes them."""

    def of(manifest: str, root: Path, **options: Any) -> dict[str, dict[str, Any]]:
        loaded = manifests.load(manifest)
        reader, request = corpus_rows.request_of(loaded, root, options)
        found = list(corpus_rows.checked(loaded, reader, request))
        by_id = {row["id"]: row for row in reversed(found)}  # of repeats the first
        return {row["id"]: by_id[row["id"]] for row in found}

    return of


@pytest.fixture
def check() -> Callable[..., checking.CorpusCheck]:
    """``semo-annotate check`` of a shipped recipe, or of a manifest with the labels and split given."""

    def of(recipe: str, root: Path, *overrides: str) -> checking.CorpusCheck:
        return checking.check(load_recipe(recipe, [f"corpus.root={root}", *overrides]))

    return of


@pytest.fixture
def check_manifest() -> Callable[..., checking.CorpusCheck]:
    def of(manifest: Path | str, root: Path, **chosen: Any) -> checking.CorpusCheck:
        corpus = CorpusSettings(manifest=str(manifest), root=root, **chosen)
        return checking.check(Recipe(name="test", corpus=corpus, output=root / "out"))

    return of


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """A folder of the real data; skips where it is not there."""

    def of(name: str) -> Path:
        folder = SHARED / "data" / name
        if not folder.is_dir():
            pytest.skip(f"../shared/data/{name} is not there")
        return folder

    return of
