"""``annotate.run`` and its parts: a whole recipe, what it would do, and shares of it for job arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.api.outputs import Output
from annotate.api.recipes import load_recipe
from annotate.errors import unknown_name

if TYPE_CHECKING:
    from annotate.dry_run import Planned
    from annotate.pipeline import Outcome, Pipeline
    from annotate.settings import Recipe

    RecipeLike = str | os.PathLike[str] | Recipe


def run(
    recipe: RecipeLike,
    *,
    output: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    engine: str = "local",
    progress: bool = True,
    **sections: Any,
) -> Output:
    """Run a recipe, from recordings to data set. What an earlier run finished is not repeated.

    Args:
        recipe: a YAML file, the name of a shipped recipe, or what ``load_recipe`` gives.
        output: the output folder, in place of the recipe's.
        workers: processes; all cores where it is not given.
        engine: ``local`` or ``ray``.
        progress: show a bar.
        **sections: settings in place of the recipe's, nested as in the file: ``corpus={"root": "recordings"}``.

    Raises:
        SemoError: one line that names the key or the file, what was found and what was expected.

    Example:
        >>> output = annotate.run("ravdess", corpus={"root": "recordings"})  # doctest: +SKIP
        >>> output.frame("train")[["emotion", "pitch", "caption"]]  # doctest: +SKIP
    """
    options = _options(workers, engine, progress)
    return _finished(_pipeline(load_recipe(recipe, output=output, **sections), options).run())


def plan_run(
    recipe: RecipeLike,
    *,
    output: str | os.PathLike[str] | None = None,
    share: str | None = None,
    **sections: Any,
) -> list[Planned]:
    """What ``run`` would compute, and why; nothing is written.

    Args:
        recipe: as for ``run``.
        output: the output folder, in place of the recipe's.
        share: ``"2/8"`` looks at the output of that share of a job array.
        **sections: as for ``run``.

    Returns:
        For each part of the work its name (``part``), how many of its shards would be computed (``shards`` of
        ``of``), and the reason (``why``).

    Raises:
        SemoError: as for ``run``.
    """
    chosen, _ = _shared(load_recipe(recipe, output=output, **sections), share)
    return _pipeline(chosen, _options(1, "local", progress=False)).dry_run()


def run_share(
    recipe: RecipeLike,
    share: str,
    *,
    workers: int | None = None,
    engine: str = "local",
    progress: bool = True,
    **sections: Any,
) -> tuple[Path, Mapping[str, int]]:
    """Measure one share of a corpus, for job arrays; ``merge_shares`` makes the data set of all of them.

    Args:
        recipe: as for ``run``.
        share: ``"2/8"`` is the second of eight.
        workers: processes; all cores where it is not given.
        engine: ``local`` or ``ray``.
        progress: show a bar.
        **sections: as for ``run``.

    Returns:
        The folder of the share, beside the recipe's output, and the rows computed by part; none where an earlier call
        had done all.

    Raises:
        SemoError: as for ``run``, or not a share.
    """
    options = _options(workers, engine, progress)
    chosen, place = _shared(load_recipe(recipe, **sections), share)
    return chosen.output, _pipeline(chosen, options).run_share(*place)


def merge_shares(
    folders: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    workers: int | None = None,
    progress: bool = True,
) -> Output:
    """Unite the shares of a job array into one data set, the same as one run would have made.

    Args:
        folders: those that ``run_share`` left, all of them.
        output: the output folder of the whole.
        workers: processes; all cores where it is not given.
        progress: show a bar.

    Raises:
        SemoError: a folder is no share, they are of different recipes or corpora, or one is missing.
    """
    from annotate import merge

    options = _options(workers, "local", progress)
    recipe = merge.gather([Path(folder) for folder in folders], Path(output))
    return _finished(_pipeline(recipe, options).run())


def _shared(recipe: Recipe, share: str | None) -> tuple[Recipe, tuple[int, int]]:
    """The recipe with the output of a share, and which share it is."""
    from annotate import merge

    if share is None:
        return recipe, (1, 1)
    number, of = merge.parse(share)
    return recipe.model_copy(update={"output": merge.share_folder(recipe.output, number, of)}), (number, of)


def _options(workers: int | None, engine: str, progress: bool) -> dict[str, Any]:
    """The arguments of a pipeline, checked before a recipe is read."""
    from annotate.engine.workers import worker_count
    from annotate.pipeline import ENGINES

    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    return {"workers": worker_count(workers), "engine": engine, "quiet": not progress}


def _pipeline(recipe: Recipe, options: Mapping[str, Any]) -> Pipeline:
    from annotate.pipeline import Pipeline

    return Pipeline(recipe, **options)


def _finished(outcome: Outcome) -> Output:
    finished = Output(outcome.folder)
    finished.computed, finished.published = outcome.computed, outcome.published
    return finished
