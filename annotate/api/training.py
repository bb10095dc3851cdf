"""``annotate.train`` and ``annotate.sweep``: SEmoLLM on a finished data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from annotate.semollm.data.corpus import Corpus
    from annotate.semollm.settings import TrainRecipe
    from annotate.semollm.training.result import Result

STAGES = (1, 2, 3)


def load_training_recipe(
    recipe: str | os.PathLike[str] | TrainRecipe | None = None,
    *,
    overrides: Sequence[str] = (),
    output: str | os.PathLike[str] | None = None,
    **sections: Any,
) -> TrainRecipe:
    """Read a training recipe, replace some of its settings, and check all of them.

    Args:
        recipe: a file, a shipped name, or a recipe that is loaded already; without one ``small``, or
            ``paper-wavlm-llama2`` where there is a GPU.
        overrides: ``KEY=VALUE`` as on the command line, as in ``["stages.stage3.content=E+G"]``.
        output: the output folder, in place of the recipe's.
        **sections: settings in place of the recipe's, nested as in the file: ``model={"encoder": "FOLDER"}``.

    Returns:
        The resolved recipe, which ``train`` and ``sweep`` take.

    Raises:
        SemoError: one line that names the key, what was found and what was expected.
    """
    from annotate import settings as recipes
    from annotate.api.recipes import plain
    from annotate.semollm import settings

    for name in sections:
        if name not in settings.TrainRecipe.model_fields:
            raise unknown_name("training recipe: section", name, settings.TrainRecipe.model_fields)
    given = plain(sections) | ({} if output is None else {"output": os.fspath(output)})
    if not isinstance(recipe, settings.TrainRecipe):
        return settings.load(_by_machine() if recipe is None else os.fspath(recipe), overrides, given)
    if not given and not overrides:
        return recipe
    content = recipe.model_dump(mode="json")
    return recipes.resolved(settings.TrainRecipe, content, f"recipe '{recipe.name}'", overrides, given)


def train(
    dataset: str | os.PathLike[str],
    *,
    recipe: str | os.PathLike[str] | TrainRecipe | None = None,
    stages: Sequence[int] = STAGES,
    init: str | os.PathLike[str] | None = None,
    audio_root: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **sections: Any,
) -> Result:
    """Train SEmoLLM; resumable, and what is trained stays trained. Needs the extra ``train``.

    Args:
        dataset: a finished output or its ``manifest.yaml``, or a data set's name on the Hub.
        recipe: as for ``load_training_recipe``, or what that gives.
        stages: which stages, in order.
        init: what to start from: a trained model (folder or name on the Hub), or the published ``43.pth``.
        audio_root: where the recordings lie, if the data set names them by path.
        progress: show a bar and the losses.
        **sections: settings in place of the recipe's, ``output`` among them.

    Returns:
        ``model`` (the folder that ``load_model`` takes), ``histories`` (stage -> losses), ``skipped`` (stages that
        were trained before), ``notes``, ``scored`` (of the test split), and all of it as ``text()``.

    Raises:
        SemoError: the data set, a setting or ``init`` cannot be used, or the extra is not installed.

    Example:
        >>> annotate.train("out/ravdess", recipe="small").model  # doctest: +SKIP
        PosixPath('out/semollm-small/model')
    """
    chosen = load_training_recipe(_located(dataset, recipe), **sections)
    corpus = _corpus(dataset, audio_root)
    from annotate.semollm.training import finishing
    from annotate.semollm.training.run_stages import Training

    start = None if init is None else os.fspath(init)
    return finishing.run(Training(chosen, corpus, list(stages), start, not progress))


def sweep(
    dataset: str | os.PathLike[str],
    contents: str | Sequence[str] = "all",
    *,
    folds: int | str = 4,
    recipe: str | os.PathLike[str] | TrainRecipe | None = None,
    stages: Sequence[int] = STAGES,
    audio_root: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> list[Path]:
    """Train and score contents of replies, each in folds of speakers; resumable. Needs the extra ``train``.

    Args:
        dataset: as for ``train``.
        contents: ``all`` that the data set's texts can tell apart, or some, as in ``["E", "E+V"]``.
        folds: how many, as a number or as ``speaker:5``; the speakers of each are tested once.
        recipe: as for ``train``.
        stages: which stages; stage 3 must be among them.
        audio_root: as for ``train``.
        progress: as for ``train``.

    Returns:
        The folder of each cell, by contents, then folds; ``evaluate`` makes the table of their common folder.

    Raises:
        SemoError: as for ``train``, or fewer speakers than folds.
    """
    if not isinstance(folds, str) and (isinstance(folds, bool) or not isinstance(folds, int) or folds < 2):
        raise UsageError(f"folds: {folds!r}; expected a whole number of at least 2")
    chosen = load_training_recipe(_located(dataset, recipe))
    corpus = _corpus(dataset, audio_root)
    from annotate.semollm.data import folds as speaker_folds
    from annotate.semollm.training import sweep

    count = speaker_folds.asked(folds) if isinstance(folds, str) else folds
    named = contents if isinstance(contents, str) else ",".join(contents)
    wanted = sweep.contents("contents" if named == "all" else named, corpus)
    return sweep.run(chosen, corpus, wanted, count, list(stages), not progress)


def _located(dataset: str | os.PathLike[str], recipe: Any) -> Any:
    """The recipe as given; a data set that is not there is refused before anything heavy is loaded."""
    from annotate.dataset import manifest
    from annotate.semollm.data.corpus import located

    manifest.load(located(os.fspath(dataset)))
    return recipe


def _corpus(dataset: str | os.PathLike[str], audio_root: str | os.PathLike[str] | None) -> Corpus:
    from annotate.api.training_libraries import need_training_libraries
    from annotate.semollm.data.corpus import Corpus, located

    need_training_libraries()
    return Corpus(str(located(os.fspath(dataset))), None if audio_root is None else Path(audio_root))


def _by_machine() -> str:
    from annotate.api.training_libraries import need_training_libraries

    need_training_libraries()
    import torch

    return "paper-wavlm-llama2" if torch.cuda.is_available() else "small"
