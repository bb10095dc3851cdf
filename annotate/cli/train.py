"""``semo-train``: arguments in, one call out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

import annotate
from annotate import console
from annotate.cli.main import command_line
from annotate.errors import UsageError


@click.command(name="semo-train", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(annotate.__version__)
@click.argument("source", metavar="MANIFEST|HUB_ID")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--recipe", help="Training recipe: a file or the name of a shipped one. Default: small, or the paper's on a GPU."
)
@click.option("--stages", default="1,2,3", show_default=True, help="Which stages to train, for example 3 or 1,2.")
@click.option("--init", help="Weights to start from: a trained model (folder or Hub name), or 43.pth.")
@click.option(
    "--sweep", metavar="contents|E,E+V,...", help="Train and score a model for each of these contents in every fold."
)
@click.option(
    "--folds", metavar="speaker[:N]", help="For --sweep: N folds by speaker (default 4); each fold is tested once."
)
@click.option("--output", type=click.Path(path_type=Path), help="Output folder; replaces the recipe's.")
@click.option(
    "--audio-root",
    type=click.Path(path_type=Path),
    help="Folder of the recordings, if the data set names them by path.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
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
    """Train SEmoLLM on a finished data set: stages 1, 2 and 3; finished stages are not repeated.

    MANIFEST is the manifest.yaml that semo-annotate run wrote (or its folder); KEY=VALUE replaces a setting of
    the training recipe, as in model.encoder=FOLDER or stages.stage3.content=E+G. For several processes start it
    with a launcher: torchrun --nproc-per-node 2 -m annotate.cli.train MANIFEST ...
    """
    if sweep is None and folds is not None:
        raise UsageError("--folds: expected --sweep beside it, as in --sweep contents --folds speaker")
    if sweep is not None and init is not None:
        raise UsageError("--init: a sweep trains every fold from the beginning, on its own speakers")
    options: Any = {"stages": _stages(stages), "audio_root": audio_root, "progress": not quiet}
    options["recipe"] = annotate.load_training_recipe(recipe, overrides=overrides, output=output)
    if sweep is None:
        result = annotate.train(source, init=init, **options)
        if os.environ.get("RANK", "0") == "0":  # of several processes, one speaks
            console.show_lines(result.text())
        return
    cells = annotate.sweep(source, sweep, folds=folds or "speaker", **options)
    console.show(
        f"{len(cells)} cells: {options['recipe'].output}; their table: semo-eval {options['recipe'].output} MANIFEST"
    )


def _stages(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.strip() in ("1", "2", "3") for part in parts):
        raise UsageError(f"--stages {text}: expected some of 1,2,3, in order")
    return [int(part) for part in parts]


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
