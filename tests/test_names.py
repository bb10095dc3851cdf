"""Names in the package say one thing each: no class and no file is named twice, no name is a private word.

The lists and ceilings are of what is left: an entry goes with its last place, none is added.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import annotate
from annotate import registry

PACKAGE = Path(annotate.__file__).parent
# a plug-in's file bears the plug-in's name, which slots may share: ``praat`` measures pitch, and voice
PLUG_INS = {PACKAGE.parent.joinpath(*place.split(".")) for place in registry.PLACES.values()}

CLASSES_TWICE = {"Reader"}
FILES_TWICE = {"build.py", "evidence.py", "plan.py", "settings.py", "speaker_relative.py", "summary.py"}


def sources() -> Iterator[Path]:
    return (path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py")


def test_no_class_is_named_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in CLASSES_TWICE} == {}


def test_no_file_is_named_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        if path.parent not in PLUG_INS:
            places[path.name].append(path.relative_to(PACKAGE).as_posix())
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in FILES_TWICE} == {}


# names that say nothing of what they hold, and how often each room still binds one
PRIVATE = {"one", "found", "told", "said", "heard", "how", "own", "sure", "doubt"}
CEILINGS = {"report": 1}


def bound(tree: ast.AST) -> Iterator[str]:
    """The names that a module gives to variables, parameters, fields and functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def room(path: Path) -> str:
    """The folder below the package; the captions' reading is one of its own."""
    folders = path.relative_to(PACKAGE).parts[:-1]
    return "/".join(folders[:2] if folders[:2] == ("captions", "reading") else folders[:1])


def test_private_words_name_nothing() -> None:
    counts: dict[str, int] = defaultdict(int)
    for path in sources():
        names = bound(ast.parse(path.read_text(encoding="utf-8")))
        counts[room(path)] += sum(name.strip("_") in PRIVATE for name in names)
    assert {name: count for name, count in counts.items() if count > CEILINGS.get(name, 0)} == {}
