"""Every line of docs/security.md names a test, and the test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    line.strip("| \n").split(" | ")
    for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "::" in line
]


def test_the_table_is_read() -> None:
    assert len(LINES) > 20
    assert all(len(cells) == 4 for cells in LINES)


@pytest.mark.parametrize("cells", LINES, ids=lambda cells: cells[0])
def test_each_line_is_held_by_a_test(cells: list[str]) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cells[3])
    assert named, cells[3]
    for file, function in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, cells[3]
