"""What a stage's weights depend on, in one fingerprint; and whether a folder holds what it would train."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.dataset.manifest import digest
from annotate.semollm.compute_device import on_gpu
from annotate.semollm.data.corpus import Corpus
from annotate.semollm.model.pretrained import WEIGHTS
from annotate.semollm.settings import STAGES, TrainRecipe
from annotate.store import fingerprint

VERSION = "1"
FINISHED = "finished.json"  # written last, when a training and its answers are whole
SHARPENED = ("readout", "naming")  # parts of the model with a power that changes replies and no weight
# what may change between two calls without what was trained becoming something else
INCIDENTAL: Any = {
    "output": True,
    "compute": {"threads", "device", "attention", "compile"},
    "features": True,
    "decode": True,
    "model": {"readout": {"sharpen"}, "naming": {"sharpen", "folds"}},
    "stages": {f"stage{number}": {"save_every", "log_every", "evaluate_every"} for number in STAGES},
}


def of_stage(recipe: TrainRecipe, corpus: Corpus, chain: Sequence[int], init: Path | None, batch: int) -> str:
    """Fingerprint of the last stage of a chain.

    Args:
        recipe: resolved.
        corpus: the data set, with its splits.
        chain: the stages trained one after the other, up to this one.
        init: what the first of them starts from.
        batch: clips per update, over all processes.
    """
    kept = recipe.model_dump(mode="json", exclude=INCIDENTAL)
    naming = recipe.model.naming
    if chain[-1] > 1 and chain[0] == 1 and init is None and naming.cross_fits:
        kept["folds"] = naming.folds  # later stages begin with the mean of the weights
    kept["stages"] = {f"stage{stage}": kept["stages"][f"stage{stage}"] for stage in chain}
    data = {name: digest for name, digest in corpus.manifest.get("sha256", {}).items() if "parquet" in name}
    rule = corpus.manifest.get("split_rule")
    return fingerprint.of([VERSION, kept, data, rule, _named(init), list(chain), batch])


def of_replies(recipe: TrainRecipe, last: str) -> str:
    """Fingerprint of the last stage, by its plan ``last``, and of what is decided after it."""
    naming = recipe.model.naming
    folds = [naming.folds] if naming.use else []
    return fingerprint.of([last, recipe.decode, *(getattr(recipe.model, part).sharpen for part in SHARPENED), *folds])


def processes(recipe: TrainRecipe) -> Any:
    """The processes that train together; one where the command was not started by a launcher."""
    from accelerate import PartialState

    gpu = on_gpu(recipe.compute)
    # the first process fills the feature cache while the others wait, for as long as it takes
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    return PartialState(
        cpu=not gpu,
        **({"backend": "gloo"} if several and not gpu else {}),
        **({"timeout": timedelta(days=7)} if several else {}),
    )


def _named(init: Path | None) -> str | None:
    """What a training starts from, by its weights and not by its name alone."""
    if init is None:
        return None
    weights = init if init.is_file() else init / WEIGHTS
    return f"{init.resolve()} {digest(weights) if weights.is_file() else ''}"


def read(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file; None where there is none, or not a whole one."""
    try:
        return dict(documents.read_json(path))
    except (OSError, ValueError, TypeError):
        return None


def done(folder: Path, plan: str) -> dict[str, Any] | None:
    """What a finished stage left, if it is what this plan would train."""
    finished = read(folder / "done.json")
    return (
        finished if finished and finished.get("plan") == plan and (folder / "model" / "config.json").is_file() else None
    )
