"""``semo-eval``: arguments in, one call out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

import annotate
from annotate import console
from annotate.cli.main import command_line

FOLDER = click.Path(path_type=Path)


@click.command(name="semo-eval", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(annotate.__version__)
@click.argument("checkpoint")
@click.argument("manifest", metavar="MANIFEST|HUB_ID")
@click.option("--split", default="test", show_default=True, help="Split to score; 'all' scores every clip.")
@click.option("--table", "form", type=click.Choice(["md", "latex", "csv", "json"]), default="md", show_default=True)
@click.option("--baselines/--no-baselines", default=True, help="For a sweep: also score simpler classifiers.")
@click.option(
    "--decode", type=click.Choice(["greedy", "scored"]), help="How to decode; replaces the model's own setting."
)
@click.option("--encoder", help="Speech encoder to use instead of the model's own.")
@click.option("--llm", help="Language model to use instead of the model's own.")
@click.option("--batch-size", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--audio-root", type=FOLDER, help="Folder of the recordings, if the data set names them by path.")
@click.option("--output", type=FOLDER, help="Folder for figures and plots (default: CHECKPOINT/eval).")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def app(checkpoint: str, manifest: str, form: Any, output: Path | None, quiet: bool, **chosen: Any) -> None:
    """Score a trained model, or a whole sweep, and print the paper's table.

    CHECKPOINT is a folder that semo-train left (a model, or OUTPUT of --sweep), or a model's name on the Hub.
    """
    folder = output or (Path(checkpoint) if Path(checkpoint).is_dir() else Path(Path(checkpoint).name)) / "eval"
    evaluation = annotate.evaluate(checkpoint, manifest, progress=not quiet, **chosen)
    evaluation.write(folder)
    console.show_lines(evaluation.table(form))
    console.show(f"figures and plots: {folder}", error=True)


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
