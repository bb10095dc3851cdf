"""Every content and every fold, trained and answered, in one resumable command.

``OUTPUT/foldN/`` holds the stages that all contents share, ``OUTPUT/foldN/CONTENT/`` the third stage of a content
and the answers of its test speakers. A cell that is done is not trained again; one that was stopped goes on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from annotate import console
from annotate.errors import UsageError, unknown_name
from annotate.recipe_sections import CONTENTS
from annotate.semollm.data import folds
from annotate.semollm.data.corpus import Corpus
from annotate.semollm.settings import TrainRecipe
from annotate.semollm.training import cross_fitting, finishing, run_stages


def contents(text: str, corpus: Corpus) -> list[str]:
    """What ``--sweep`` means: ``contents`` is all that the data set's texts can tell apart, or a list of some.

    Raises:
        UsageError: a content that there is not.
    """
    if text != "contents":
        chosen = [content.strip() for content in text.split(",")]
        for content in chosen:
            if content not in CONTENTS:
                raise unknown_name("content", content, ["contents", *CONTENTS])
            corpus.column(content)
        return chosen
    # of two sentences that all say, as in RAVDESS, a text tells nothing: the paper's table leaves it out too
    few = len({clip.row.get("transcript") for clip in corpus.clips}) <= FEW_TEXTS
    swept = [content for content in corpus.contents if not (few and "T" in content.split("+"))]
    if not swept:
        raise UsageError(f"{corpus.folder}: has no contents to sweep")
    return swept


FEW_TEXTS = 2


def cell(output: Path, fold: folds.Fold, content: str) -> Path:
    """The folder of a cell."""
    return output / fold.name / content


def run(
    recipe: TrainRecipe,
    corpus: Corpus,
    chosen: Sequence[str],
    count: int,
    stages: Sequence[int],
    quiet: bool,
    tell: Callable[[str], None] = lambda line: console.show(line, error=True),
) -> list[Path]:
    """Train and answer what is lacking; returns the folders of all cells, in the order of contents, then folds."""
    if 3 not in stages:
        raise UsageError("--sweep: expected stage 3 among --stages; contents are taught there")
    known: run_stages.Prepared | None = None
    cut = folds.by_speaker(corpus, count)
    for fold in cut:
        mine = folds.taken(corpus, fold, recipe.template)
        shared = [stage for stage in stages if stage < 3]
        init, held_out = None, None
        if shared:
            base = run_stages.Training(
                _with(recipe, output=recipe.output / fold.name), mine, shared, None, quiet, known
            )
            if not base.finished():
                finishing.run(base)
            base.release()
            known, init = base.prepared, str(base.result.model)
            if cross_fitting.applies(base):
                held_out = functools.cache(
                    functools.partial(cross_fitting.held_out_logits, base)
                )  # the same for all contents
        for content in chosen:
            folder = cell(recipe.output, fold, content)
            made = run_stages.Training(_with(recipe, output=folder, content=content), mine, [3], init, quiet, known)
            if made.finished():
                continue
            tell(f"{content}, fold {fold.number} of {fold.count}: {folder}")
            known = made.prepare()
            if shared:
                base.prepared = known
            result = finishing.run(made, held_out)
            if result.scored:
                tell(f"{content}, fold {fold.number} of {fold.count}: {result.scored.text()}")
    return [cell(recipe.output, fold, content) for content in chosen for fold in cut]


def _with(recipe: TrainRecipe, output: Path, content: str | None = None) -> TrainRecipe:
    change: dict[str, Any] = {"output": output}
    if content is not None:
        third = recipe.stages.stage3.model_copy(update={"content": content})
        change["stages"] = recipe.stages.model_copy(update={"stage3": third})
    return recipe.model_copy(update=change)
