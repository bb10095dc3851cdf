"""EmoBox's partitions (Ma et al., Interspeech 2024): ``fold_K/CORPUS_{train,valid,test}_fold_K.jsonl``.

Each line is an object with ``key`` (``CORPUS-ID``), ``wav`` (a path that ends with the recording's name) and
the label. Only the ids are used: labels, sexes and texts come from the corpus itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from annotate import documents
from annotate.corpora import corpus_text
from annotate.errors import SemoError

Split = Literal["train", "validation", "test"]
FOLD = re.compile(r"fold_(\d+)$")


def count(folder: Path) -> int:
    """How many folds there are.

    Raises:
        SemoError: no ``fold_1`` in the folder.
    """
    numbers = {int(match[1]) for entry in _listed(folder) if entry.is_dir() and (match := FOLD.match(entry.name))}
    if 1 not in numbers:
        raise SemoError(f"{folder}: found no fold_1 of EmoBox with NAME_train_fold_1.jsonl and NAME_test_fold_1.jsonl")
    return max(numbers)


def split(folder: Path, fold: int, folds: int) -> dict[str, Split]:
    """The split of every id in one fold.

    Where EmoBox gives no validation part, the next fold's test part validates, as with every other rule.
    """
    placed: dict[str, Split] = {}
    for name in ids(part(folder, fold, "train")):
        placed[name] = "train"
    valid = part(folder, fold, "valid", required=False)
    for name in ids(valid or part(folder, fold % folds + 1, "test")):
        placed[name] = "validation"
    for name in ids(part(folder, fold, "test")):
        placed[name] = "test"
    return placed


def part(folder: Path, fold: int, name: str, required: bool = True) -> Path | None:
    """The file of one part of one fold."""
    ending = f"_{name}_fold_{fold}.jsonl"
    match = next((entry for entry in _listed(folder / f"fold_{fold}") if entry.name.endswith(ending)), None)
    if match is None and required:
        raise SemoError(f"{folder / f'fold_{fold}'}: found no *{ending} of EmoBox")
    return match


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file.

    Raises:
        SemoError: a line that is not a JSON object, with its number.
    """
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if number == 1:
                corpus_text.refuse_stand_in(path, line)
            if not line.strip():
                continue
            try:
                content = documents.parse_json(line)
            except ValueError:
                content = None
            if not isinstance(content, dict):
                raise SemoError(f"{path}, line {number}: expected a JSON object")
            yield content


def ids(path: Path | None) -> Iterator[str]:
    """Every id of a part in all forms that a reader may use: the key, the key bare, the recording's name."""
    for line in lines(path) if path else ():
        key, name = str(line.get("key", "")), str(line.get("wav", "")).rpartition("/")[2].rpartition(".")[0]
        yield from {key, key.removeprefix(f"{line.get('dataset', '')}-"), name} - {""}


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
