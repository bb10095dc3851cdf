"""``semo-annotate merge``: the shares of a job array become one output, as if one run had made it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from annotate import documents, settings
from annotate.errors import SemoError
from annotate.settings import Recipe
from annotate.store import files


def share_folder(output: Path, number: int, of: int) -> Path:
    """Where a share of a job array keeps its work: beside the output, named after the share."""
    return output.with_name(f"{output.name}.share-{number}-of-{of}")


def parse(text: str) -> tuple[int, int]:
    """``2/8`` as (2, 8)."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise SemoError(f"share {text}: expected I/N with I from 1 to N, for example 2/8")
    return int(match[1]), int(match[2])


def gather(folders: Sequence[Path], output: Path) -> Recipe:
    """Bring the shards of all shares into ``output/work`` and return the recipe they were made with.

    Raises:
        SemoError: a folder is no share, the shares are of different corpora or recipes, or one is missing.
    """
    recipes = [_recipe(folder) for folder in folders]
    indices = [_index(folder) for folder in folders]
    for folder, recipe, index in zip(folders, recipes, indices, strict=True):
        if recipe.model_copy(update={"output": output}) != recipes[0].model_copy(update={"output": output}):
            raise SemoError(f"{folder}: was made with a different recipe from {folders[0]}")
        if index != indices[0]:
            raise SemoError(f"{folder}: read a different corpus from {folders[0]}, or the corpus changed in between")
    measured = {int(mark.stem) for folder in folders for mark in (folder / "work" / "audio").glob("*.done")}
    missing = sorted(set(range(indices[0]["shards"])) - measured)
    if missing:
        raise SemoError(
            f"{len(missing)} of {indices[0]['shards']} shards are in none of the folders; is a share missing?"
        )
    for folder in folders:
        _bring(folder / "work", output / "work")
    return recipes[0].model_copy(update={"output": output})


def _recipe(folder: Path) -> Recipe:
    path = folder / "work" / "recipe.yaml"
    if not path.is_file():
        raise SemoError(f"{folder}: is not a share; expected a folder that 'run --shard I/N' has written")
    return settings.load(str(path))


def _index(folder: Path) -> dict[str, int]:
    try:
        return dict(documents.read_json(folder / "work" / "corpus" / "index.json"))
    except (OSError, ValueError, TypeError):
        raise SemoError(f"{folder}: its corpus was not read to the end; run that share again") from None


def _bring(source: Path, target: Path) -> None:
    """Data files first, marks after them: a merge that is broken off is gone on with."""
    for ending in ("*/*.parquet", "*/*.done", "*/index.json"):
        for path in sorted(source.glob(ending)):
            wanted = target / path.relative_to(source)
            if wanted.exists():
                continue
            files.write(wanted, partial(shutil.copyfile, path))
