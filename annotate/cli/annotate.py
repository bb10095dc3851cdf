"""``semo-annotate``: arguments in, one call out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from annotate import __version__, console
from annotate.cli import output as printing
from annotate.cli.main import command_line
from annotate.engine.workers import worker_count

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
    pipeline = Pipeline(resolved, workers=worker_count(workers or None), engine=engine, quiet=quiet)
    if dry_run:
        printing.plan(pipeline.dry_run())
    elif shard:
        printing.share(resolved.output, pipeline.run_share(number, of))
    else:
        printing.outcome(pipeline.run(), quiet)


@app.command()
@_recipe
def check(recipe: str, overrides: tuple[str, ...]) -> None:
    """Read the corpus only: counts against the expected, what is missing, unknown labels."""
    from annotate import settings
    from annotate.corpora import check as checking

    found = checking.check(settings.load(recipe, overrides))
    console.show_lines(found.text())
    if not found.usable:
        raise click.exceptions.Exit(1)


@app.command()
@click.argument("source", metavar="DATASET|FILE")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=NAME", help="Our column's name in this data set.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A line of JSON for each caption.")
@click.option("--strict", is_flag=True, help="Refuse unknown words too, as for captions about to be published.")
@click.option(
    "--fail-on",
    type=click.Choice(["contradiction", "unsupported", "missing"]),
    help="End with exit code 1 where a caption has this verdict or a worse one; missing: any that is not ok.",
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def verify(source: str, mapping: tuple[str, ...], output: Path | None, strict: bool, fail_on: str | None) -> None:
    """Read captions back into claims and hold them against the descriptors.

    DATASET is an output folder, a folder of Parquet files, or a data set's name on the Hub; FILE is JSONL,
    JSON, CSV, TSV or Parquet. Without --output the lines go to standard output and the counts to standard error.
    """
    from annotate.cli import verify as verifying

    verifying.verify(source, mapping, output, strict, fail_on)


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
    printing.outcome(Pipeline(recipe, workers=worker_count(workers or None), quiet=quiet).run(), quiet)


@app.command()
@click.argument("output", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--repo", required=True, metavar="USER/NAME", help="The data set's name on the Hub.")
@click.option("--private", is_flag=True, help="Make a new repository private.")
@click.option("--revision", metavar="BRANCH", help="Branch to publish to; default main.")
@click.option(
    "--despite-licence",
    type=click.Choice(["audio", "features"]),
    help="Publish recordings and all (audio), or captions, measurements and ids (features), although the licence "
    "rule of the corpus says otherwise. You answer for it, and the card says so.",
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def push(output: Path, repo: str, private: bool, revision: str | None, despite_licence: str | None) -> None:
    """Publish a finished output on the Hugging Face Hub, as far as the corpus's licence lets it.

    The token is that of 'hf auth login', or HF_TOKEN. A push that was broken off goes on where it was.
    """
    from annotate.dataset.hub import push as pushing

    printing.pushed(
        pushing.push(output, repo, private=private, revision=revision, despite=despite_licence, say=printing.step)
    )


@app.command()
@click.argument("dataset")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--output", type=click.Path(path_type=Path), help="Output folder, in place of the recipe's.")
@click.option("--revision", metavar="BRANCH", help="Revision of the data set on the Hub.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def join(dataset: str, overrides: tuple[str, ...], output: Path | None, revision: str | None) -> None:
    """Put your own recordings back into a data set that was published with ids only.

    DATASET is a folder, or USER/NAME on the Hub; KEY=VALUE is corpus.root=DIR and whatever else its recipe leaves open.
    """
    from annotate.dataset.hub import join as joining

    printing.joined(joining.join(dataset, overrides, output, revision))


@app.command()
@click.argument("output", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on loopback; 0 (default) is any free one.")
@click.option("--open/--no-open", "show", default=True, help="Open the page in the browser.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def review(output: Path, port: int, show: bool) -> None:
    """Listen to the clips of a finished output, and accept, edit, reject or flag their captions.

    The page answers on this machine only. Verdicts are saved at once, in review.jsonl of the output; the next run
    uses them. Ctrl-C ends it.
    """
    from annotate.report.review import server

    server.serve(output, port, lambda address: printing.reviewing(address, show))


@app.command("list")
@click.argument("kind", required=False)
def list_(kind: str | None) -> None:
    """What there is: corpora, attributes, features, templates, recipes or writers."""
    printing.listing(kind)


@app.command()
@click.argument("name")
def describe(name: str) -> None:
    """What a name means: a column, attribute, corpus, label set, feature, writer, template, recipe, setting or command.

    A setting is named as in a recipe, for example captions.style; a section (captions) lists its keys.
    """
    from annotate.cli import describe as describing

    describing.description(name, app.commands, printing.listing, printing.LISTS)


@app.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def copy(name: str, folder: Path) -> None:
    """Copy a shipped recipe, template or data manifest, to change it."""
    printing.copied(name, folder)


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)
