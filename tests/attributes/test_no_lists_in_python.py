"""What is said of a voice stands in the attributes' files: no Python of the package lists their names or words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import annotate
from annotate import attributes

PACKAGE = Path(annotate.__file__).parent
# eSpeak NG's own parameters are called pitch and volume, and so are the columns of the table that it speaks
SYNTHESISER = "corpora/readers/espeak.py"


def listed(code: str, known: set[str], keys: bool) -> Iterator[tuple[int, list[str]]]:
    """Line and strings of every tuple, list, set or mapping that holds two or more of the known strings.

    A mapping with two words as keys may be of anything ("fast" and "slow" of a rate that was refused).
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            held = node.elts
        elif isinstance(node, ast.Dict) and keys:
            held = [key for key in node.keys if key is not None]
        else:
            continue
        found = [one.value for one in held if isinstance(one, ast.Constant) and one.value in known]
        if len(set(found)) > 1:
            yield node.lineno, found


def modules() -> list[str]:
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("known", ["names", "words"])
def test_no_python_lists_attributes_or_their_words(known: str) -> None:
    shipped = {name: attributes.load(name) for name in attributes.names()}
    looked_for = set(shipped) if known == "names" else {word for one in shipped.values() for word in one.all_words}
    wrong = {
        f"{module}:{line}": found
        for module in modules()
        if module != SYNTHESISER
        for line, found in listed((PACKAGE / module).read_text("utf-8"), looked_for, keys=known == "names")
    }
    assert not wrong


def test_what_is_looked_for_is_found() -> None:
    code = "A = ('pitch', 'speed')\nB = {'low': 1, 'high': 2}\nC = ['pitch', 'energy']\nD = {'quiet', *A, 'loud'}"
    known = {"pitch", "speed", "low", "high", "quiet", "loud"}
    tuples = [(1, ["pitch", "speed"]), (4, ["quiet", "loud"])]
    assert list(listed(code, known, keys=False)) == tuples
    assert sorted(listed(code, known, keys=True)) == sorted([*tuples, (2, ["low", "high"])])
