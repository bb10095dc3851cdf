"""``semo-annotate``: arguments in, one call out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from annotate import __version__
from annotate.cli import tell
from annotate.cli.main import command_line

Command = Callable[..., None]


def _recipe(command: Command) -> Command:
    """The arguments of every command that takes a recipe."""
    command = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")(command)
    command = click.argument("recipe", metavar="RECIPE")(command)
    # read by ``command_line`` from the arguments themselves, since it must serve errors of parsing too
    return click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")(command)


@click.group(name="semo-annotate", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def app() -> None:
    """Turn recordings of emotional speech into explained emotion data.

    RECIPE is a YAML file or a shipped name; KEY=VALUE replaces one of its settings, as in
    corpus.root=recordings.
    """


@app.command()
@_recipe
@click.option("--output", type=click.Path(path_type=Path), help="Output folder, in place of the recipe's.")
@click.option("--workers", type=click.IntRange(min=0), default=0, help="Processes; 0 (default) is one per core.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", help="Who runs the stages.")
@click.option("--shard", metavar="I/N", help="Measure only share I of N, for job arrays; 'merge' unites them.")
@click.option("--dry-run", is_flag=True, help="Say what would be computed and why.")
@click.option("--quiet", is_flag=True, help="No progress, no examples.")
def run(
    recipe: str,
    overrides: tuple[str, ...],
    output: Path | None,
    workers: int,
    engine: str,
    shard: str | None,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Run a recipe, the whole way; what an earlier run has done stays done."""
    from annotate import merge as merging
    from annotate import settings
    from annotate.pipeline import Pipeline

    resolved = settings.load(recipe, overrides, output)
    if shard:
        number, of = merging.parse(shard)
        resolved = resolved.model_copy(update={"output": merging.share_folder(resolved.output, number, of)})
    pipeline = Pipeline(resolved, workers=workers or tell.cores(), engine=engine, quiet=quiet)
    if dry_run:
        tell.plan(pipeline.dry_run())
    elif shard:
        tell.share(resolved.output, pipeline.run_share(number, of))
    else:
        tell.outcome(pipeline.run(), quiet)


@app.command()
@_recipe
def check(recipe: str, overrides: tuple[str, ...]) -> None:
    """Read the corpus only: counts against the expected, what is missing, unknown labels."""
    from annotate import settings
    from annotate.corpora import check as checking

    found = checking.check(settings.load(recipe, overrides))
    print(found.text())
    if not found.usable:
        raise click.exceptions.Exit(1)


@app.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Output folder of the whole.")
@click.option("--workers", type=click.IntRange(min=0), default=0, help="Processes; 0 (default) is one per core.")
@click.option("--quiet", is_flag=True, help="No progress, no examples.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def merge(folders: tuple[Path, ...], output: Path, workers: int, quiet: bool) -> None:
    """Unite the shares of a job array (run --shard I/N) into one data set."""
    from annotate import merge as merging
    from annotate.pipeline import Pipeline

    recipe = merging.gather(folders, output)
    tell.outcome(Pipeline(recipe, workers=workers or tell.cores(), quiet=quiet).run(), quiet)


@app.command("list")
@click.argument("kind", required=False)
def list_(kind: str | None) -> None:
    """What there is: corpora, features, templates, recipes or writers."""
    tell.listing(kind)


@app.command()
@click.argument("name")
def describe(name: str) -> None:
    """What a name means: a corpus, feature, template, recipe, writer or column."""
    tell.description(name)


@app.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def copy(name: str, folder: Path) -> None:
    """Copy a shipped recipe, template or data manifest, to change it."""
    tell.copied(name, folder)


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)
