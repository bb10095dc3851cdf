"""``semo-eval``: arguments in, one call out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from annotate import __version__, console
from annotate.cli.main import command_line
from annotate.cli.train import need_libraries

FOLDER = click.Path(path_type=Path)


@click.command(name="semo-eval", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.argument("checkpoint")
@click.argument("manifest", metavar="MANIFEST|HUB_ID")
@click.option("--split", default="test", show_default=True, help="Which split is asked; all asks every clip.")
@click.option("--table", "form", type=click.Choice(["md", "latex", "csv", "json"]), default="md", show_default=True)
@click.option("--baselines/--no-baselines", default=True, help="For a sweep: hold it against simple methods too.")
@click.option("--decode", type=click.Choice(["greedy", "scored"]), help="In place of the model's own.")
@click.option("--encoder", help="The speech encoder, in place of the model's own.")
@click.option("--llm", help="The language model, in place of the model's own.")
@click.option("--batch-size", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--audio-root", type=FOLDER, help="Where the recordings lie, if stored by path.")
@click.option("--output", type=FOLDER, help="Folder for figures and drawings; CHECKPOINT/eval without it.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def app(checkpoint: str, manifest: str, form: Any, **chosen: Any) -> None:
    """Score a trained model, or a whole sweep, and print the paper's table.

    CHECKPOINT is a folder that semo-train left (a model, or OUTPUT of --sweep), or a model's name on the Hub.
    """
    need_libraries()
    from annotate.semollm import data
    from annotate.semollm.evaluation import run, table

    corpus = data.Corpus(str(data.located(manifest)), chosen["audio_root"])
    folder = Path(checkpoint)
    if run.is_sweep(folder):
        found, labels = _sweep(folder, corpus, chosen)
    else:
        found, labels = _model(checkpoint, corpus, chosen)
    output = chosen["output"] or (folder if folder.is_dir() else Path(folder.name)) / "eval"
    run.write(found, output, labels)
    console.show_lines(table.rendered(found.lines, form, found.notes))
    console.show(f"figures and drawings: {output}", error=True)


def _sweep(folder: Path, corpus: Any, chosen: dict[str, Any]) -> tuple[Any, list[str]]:
    from annotate.progress import Progress
    from annotate.semollm import folds, settings
    from annotate.semollm.evaluation import run
    from annotate.settings import CONTENTS

    cells, notes = run.of_sweep(folder, corpus)
    found = run.report(cells, corpus, CONTENTS)
    found.notes += notes
    if chosen["baselines"]:
        recipe = settings.load(str(next(folder.glob("fold*/*/recipe.yaml"))))
        cut = folds.by_speaker(corpus, len(list(folder.glob("fold*"))))
        with Progress(chosen["quiet"]) as progress:
            run.against(found, corpus, cut, chosen["encoder"] or recipe.model.encoder, progress)
    return found, corpus.labels


def _model(checkpoint: str, corpus: Any, chosen: dict[str, Any]) -> tuple[Any, list[str]]:
    from annotate.progress import Progress
    from annotate.semollm import generate
    from annotate.semollm.evaluation import run
    from annotate.settings import CONTENTS

    how = generate.How(decode=chosen["decode"])
    with Progress(chosen["quiet"]) as progress:
        cell, notes = run.of_model(checkpoint, corpus, chosen["split"], how, chosen["batch_size"], chosen, progress)
    found = run.report([cell], corpus, CONTENTS)
    found.notes += notes
    return found, sorted({*corpus.labels, *(row["said"]["emotion"] for row in cell.rows if row["said"]["emotion"])})


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
