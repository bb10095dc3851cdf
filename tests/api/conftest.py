"""A small finished output that the tests of the Python API look at."""

from __future__ import annotations

from pathlib import Path

import pytest

import annotate
from tests.conftest import tiny_ravdess


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("api") / "corpus"
    tiny_ravdess(root, actors=5)
    return root


@pytest.fixture(scope="session")
def output(corpus: Path) -> annotate.Output:
    return annotate.run(
        "ravdess", output=corpus.parent / "out", workers=1, progress=False,
        corpus={"root": corpus}, descriptors={"smallest_group": 2},
    )  # fmt: skip
