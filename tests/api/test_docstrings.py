"""The examples in the docstrings of the Python API run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from annotate import api

MODULES = sorted(path.stem for path in Path(api.__path__[0]).glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name: str) -> None:
    import annotate

    module = importlib.import_module(f"annotate.api.{name}")
    found = doctest.testmod(module, extraglobs={"annotate": annotate})
    assert found.failed == 0


def test_there_are_examples_that_run() -> None:
    finder = doctest.DocTestFinder()
    examples = [
        example
        for name in MODULES
        for test in finder.find(importlib.import_module(f"annotate.api.{name}"))
        for example in test.examples
        if doctest.SKIP not in example.options
    ]
    assert len(examples) >= 3
