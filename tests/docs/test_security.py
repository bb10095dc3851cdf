"""Every line of docs/security.md and of the audit in tests/field_cases names tests, and they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = {"docs/security.md": (4, 3), "tests/field_cases/README.md": (3, 1)}  # columns, and which of them names tests


def lines(page: str) -> list[list[str]]:
    """The cells of each line of a page's tables, without their heads."""
    content = (ROOT / page).read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| \n").split(" | ") for line in content if line.startswith("| ")]
    return [cells for cells in rows if cells[0] not in ("What", "Kind")]


LINES = [(page, cells) for page in TABLES for cells in lines(page)]


@pytest.mark.parametrize("page", TABLES)
def test_the_tables_are_read(page: str) -> None:
    assert len(lines(page)) > 20
    assert all(len(cells) == TABLES[page][0] for cells in lines(page))


def test_the_audit_has_every_case_and_every_attack() -> None:
    kinds = " ".join(cells[0] for cells in lines("tests/field_cases/README.md"))
    numbers = {int(number) for number in re.findall(r"\b\d+\b", kinds)}
    assert set(range(1, 20)) <= numbers  # the nineteen attacks
    cases = ROOT.parent / "shared" / "cases"
    if cases.is_dir():
        assert {int(path.stem[-2:]) for path in cases.glob("make_*.py")} <= numbers


@pytest.mark.parametrize(("page", "cells"), LINES, ids=lambda value: value if isinstance(value, str) else value[0])
def test_each_line_is_held_by_tests_that_there_are(page: str, cells: list[str]) -> None:
    place = TABLES[page][1]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cells[place])
    assert named, cells[place]
    for file, function in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, function
