"""``semo-train``: arguments in, one call out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from annotate import __version__, console
from annotate.cli.main import command_line


@click.command(name="semo-train", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.argument("source", metavar="MANIFEST|HUB_ID")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--recipe", help="Training recipe, a file or a shipped name; without one: small, or the paper's on a GPU."
)
@click.option("--stages", default="1,2,3", show_default=True, help="Which stages, as in 3 or 1,2.")
@click.option("--init", help="What to start from: a trained model (folder or Hub name), or 43.pth.")
@click.option("--sweep", metavar="contents|E,E+V,...", help="Train and score these contents, each in every fold.")
@click.option("--folds", metavar="speaker[:N]", help="For --sweep: N folds (4) of speakers, each tested once.")
@click.option("--output", type=click.Path(path_type=Path), help="Output folder, in place of the recipe's.")
@click.option("--audio-root", type=click.Path(path_type=Path), help="Where the recordings lie, if stored by path.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def app(
    source: str,
    overrides: tuple[str, ...],
    recipe: str | None,
    stages: str,
    init: str | None,
    sweep: str | None,
    folds: str | None,
    output: Path | None,
    audio_root: Path | None,
    quiet: bool,
) -> None:
    """Train SEmoLLM on a finished data set: stages 1, 2 and 3, resumable; what is done stays done.

    MANIFEST is the manifest.yaml that semo-annotate run has left (or its folder); KEY=VALUE replaces a setting of
    the training recipe, as in model.encoder=FOLDER or stages.stage3.content=E+G. For several processes start it
    with a launcher: torchrun --nproc-per-node 2 -m annotate.cli.train MANIFEST ...
    """
    from annotate.dataset import manifest
    from annotate.errors import UsageError
    from annotate.semollm import data, settings

    if sweep is None and folds is not None:
        raise UsageError("--folds: expected --sweep beside it, as in --sweep contents --folds speaker")
    if sweep is not None and init is not None:
        raise UsageError("--init: a sweep trains every fold from the beginning, on its own speakers")
    chosen = _stages(stages)
    given = {} if output is None else {"output": str(output)}
    located = data.located(source)  # before anything heavy is loaded
    manifest.load(located)
    resolved = settings.load(recipe or _by_machine(), overrides, given)
    need_libraries()
    from annotate.semollm import train

    corpus = data.Corpus(str(located), audio_root)
    if sweep is not None:
        _sweep(resolved, corpus, sweep, folds or "speaker", chosen, quiet)
        return
    result = train.Training(resolved, corpus, chosen, init, quiet).run()
    _tell(result)


def _sweep(recipe: Any, corpus: Any, contents: str, folds: str, stages: list[int], quiet: bool) -> None:
    from annotate.semollm import folds as cut
    from annotate.semollm import sweep

    cells = sweep.run(recipe, corpus, sweep.contents(contents, corpus), cut.asked(folds), stages, quiet)
    console.show(f"{len(cells)} cells: {recipe.output}; their table: semo-eval {recipe.output} MANIFEST")


def _stages(text: str) -> list[int]:
    from annotate.errors import UsageError

    parts = text.split(",")
    if not all(part.strip() in ("1", "2", "3") for part in parts):
        raise UsageError(f"--stages {text}: expected some of 1,2,3, in order")
    return [int(part) for part in parts]


def _by_machine() -> str:
    need_libraries()
    import torch

    return "paper-wavlm-llama2" if torch.cuda.is_available() else "small"


def need_libraries() -> None:
    """The libraries of the extra ``train`` may not be there; and theirs is not the word that users need."""
    import importlib.util
    import warnings

    from annotate.errors import SemoError

    names = ("torch", "transformers", "accelerate", "peft", "safetensors")
    lacking = [name for name in names if importlib.util.find_spec(name) is None]
    if lacking:
        raise SemoError(f"{', '.join(lacking)}: not installed; pip install 'semo-annotate[train]'")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _tell(result: Any) -> None:
    from annotate.semollm import watch
    from annotate.semollm.trainer import PARTS

    if int(_environment("RANK")) != 0:
        return
    for stage, rows in sorted(result.histories.items()):
        for name in ("loss", *PARTS):
            if fall := watch.falls(rows, name):
                label = "" if name == "loss" else f" {name}"
                console.show(f"stage {stage}{label}: loss {fall[0]:.4f} at first, {fall[1]:.4f} at last")
        if stage in result.skipped:
            console.show(f"stage {stage}: was trained by an earlier call")
    for note in result.notes:
        console.show(note)
    if result.scored:
        console.show(f"test: {result.scored.text()}")
    console.show(f"model: {result.model}")


def _environment(name: str) -> str:
    import os

    return os.environ.get(name, "0")


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
