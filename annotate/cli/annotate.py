"""``semo-annotate``: arguments in, one call out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

import annotate
from annotate import console
from annotate.cli import output as printing
from annotate.cli import run_summary
from annotate.cli.main import command_line
from annotate.errors import SemoError, UsageError

Command = Callable[..., None]


def _recipe(command: Command) -> Command:
    """The arguments of every command that takes a recipe."""
    command = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")(command)
    command = click.argument("recipe", metavar="RECIPE")(command)
    # read by ``command_line`` from the arguments themselves, since it must serve errors of parsing too
    return click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")(command)


@click.group(name="semo-annotate", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(annotate.__version__)
def app() -> None:
    """Turn recordings of emotional speech into a data set that explains its emotion labels.

    RECIPE is a YAML file or the name of a shipped recipe; KEY=VALUE replaces one of its settings, for example
    corpus.root=recordings.
    """


@app.command()
@_recipe
@click.option("--output", type=click.Path(path_type=Path), help="Output folder; replaces the recipe's.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, help="Number of processes; 0 (default) means one per core."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    help="How the stages are run: on this machine, or with Ray.",
)
@click.option("--shard", metavar="I/N", help="Measure only share I of N, for job arrays; 'merge' combines the shares.")
@click.option("--dry-run", is_flag=True, help="Show what would be computed and why; compute nothing.")
@click.option("--quiet", is_flag=True, help="Show no progress and no examples.")
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
    """Run a recipe, from recordings to data set. What an earlier run finished is not repeated."""
    chosen = annotate.load_recipe(recipe, overrides=overrides, output=output)
    options: Any = {"workers": workers or None, "engine": engine, "progress": not quiet}
    if dry_run:
        printing.plan(annotate.plan_run(chosen, share=shard))
    elif shard:
        printing.share(*annotate.run_share(chosen, shard, **options))
    else:
        run_summary.show(annotate.run(chosen, **options), quiet)


@app.command()
@_recipe
def check(recipe: str, overrides: tuple[str, ...]) -> None:
    """Read the corpus without measuring it: compare counts and report missing recordings and unknown labels."""
    result = annotate.check_corpus(annotate.load_recipe(recipe, overrides=overrides))
    console.show_lines(result.text())
    if not result.usable:
        raise click.exceptions.Exit(1)


@app.command()
@click.argument("source", metavar="DATASET|FILE")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=NAME",
    help="Where a column has another name: COLUMN is ours, NAME is the one in this data set.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results to this file, one line of JSON per caption.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Also report words that the check does not know, as is done before captions are published.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["contradiction", "unsupported", "missing"]),
    help="Exit with code 1 if a caption has this verdict or a worse one (missing: any verdict but ok).",
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def verify(source: str, mapping: tuple[str, ...], output: Path | None, strict: bool, fail_on: str | None) -> None:
    """Read the claims in captions and compare them with the descriptors.

    DATASET is an output folder, a folder of Parquet files, or a data set's name on the Hub; FILE is JSONL,
    JSON, CSV, TSV or Parquet. Without --output, the results go to standard output and the counts to standard error.
    """
    verification = annotate.verify(source, columns=_columns(mapping), strict=strict)
    if output is not None:
        verification.write(output)
    else:
        for line in verification:
            console.show(json.dumps(line, ensure_ascii=False))
    for text in verification.text().splitlines():
        console.show(text, file=sys.stdout if output is not None else sys.stderr)
    if fail_on is not None and (failure := verification.failure(fail_on)):
        raise SemoError(f"{failure} (--fail-on {fail_on})")


def _columns(mapping: tuple[str, ...]) -> dict[str, str]:
    """The columns that ``--map`` names: ours to theirs."""
    pairs = [(given, *(part.strip() for part in given.partition("=")[::2])) for given in mapping]
    for given, ours, theirs in pairs:
        if not ours or not theirs:
            raise UsageError(f"--map {given}: expected COLUMN=NAME, for example --map caption=text")
    return {ours: theirs for _, ours, theirs in pairs}


@app.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="Output folder of the combined data set."
)
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, help="Number of processes; 0 (default) means one per core."
)
@click.option("--quiet", is_flag=True, help="Show no progress and no examples.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def merge(folders: tuple[Path, ...], output: Path, workers: int, quiet: bool) -> None:
    """Combine the shares of a job array (run --shard I/N) into one data set."""
    run_summary.show(annotate.merge_shares(folders, output, workers=workers or None, progress=not quiet), quiet)


@app.command()
@click.argument("output", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--repo", required=True, metavar="USER/NAME", help="The data set's name on the Hub.")
@click.option("--private", is_flag=True, help="Make a new repository private.")
@click.option("--revision", metavar="BRANCH", help="Branch to publish to (default: main).")
@click.option(
    "--despite-licence",
    type=click.Choice(["audio", "features"]),
    help="Publish more than the licence rule of the corpus allows: everything (audio), or captions, measurements and "
    "ids (features). You are responsible, and the card says so.",
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def push(output: Path, repo: str, private: bool, revision: str | None, despite_licence: str | None) -> None:
    """Publish a finished output on the Hugging Face Hub, or as much of it as the corpus's licence allows.

    Log in with 'hf auth login', or set HF_TOKEN. An interrupted push resumes where it stopped.
    """
    pushed = annotate.push(output, repo, private=private, revision=revision, despite_licence=despite_licence)
    printing.pushed(pushed)


@app.command()
@click.argument("dataset")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--output", type=click.Path(path_type=Path), help="Output folder; replaces the recipe's.")
@click.option("--revision", metavar="BRANCH", help="Branch, tag or commit of the data set on the Hub.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def join(dataset: str, overrides: tuple[str, ...], output: Path | None, revision: str | None) -> None:
    """Put your own recordings back into a data set that was published with ids only.

    DATASET is a folder, or USER/NAME on the Hub. Give corpus.root=DIR and what else its recipe leaves open.
    """
    printing.joined(annotate.join(dataset, overrides=overrides, output=output, revision=revision))


@app.command()
@click.argument("output", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the server; 0 (default) takes any free one."
)
@click.option("--open/--no-open", "show", default=True, help="Whether to open the page in the browser.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def review(output: Path, port: int, show: bool) -> None:
    """Listen to the clips of a finished output, and accept, edit, reject or flag their captions.

    The page can only be opened on this machine. Verdicts are saved immediately to review.jsonl in the output; the
    next run applies them. Ctrl-C stops the server.
    """
    annotate.review(output, port=port, open_browser=show)


@app.command("list")
@click.argument("kind", required=False)
def list_(kind: str | None) -> None:
    """List the corpora, attributes, features, templates, recipes or writers."""
    printing.listing(annotate.list_names(kind))


@app.command()
@click.argument("name")
def describe(name: str) -> None:
    """Explain a name: a column, attribute, corpus, label set, feature, writer, template, recipe, setting or command.

    Give a setting as it is named in a recipe, for example captions.style; a section (captions) lists its keys.
    """
    kinds: dict[str, Callable[[], str]] = {kind: partial(_listed, kind) for kind in annotate.list_names()}
    commands = {command: partial(_help, command) for command in app.commands}
    console.show_lines(annotate.describe_name(name, further={**commands, **kinds}))


def _listed(kind: str) -> str:
    return "\n".join([f"{kind}:", *(f"  {entry}" for entry in annotate.list_names(kind)[kind])])


def _help(command: str) -> str:
    help_names = ["-h", "--help"]  # as below the program itself
    with click.Context(app.commands[command], info_name=f"semo-annotate {command}", help_option_names=help_names) as it:
        return app.commands[command].get_help(it)


@app.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def copy(name: str, folder: Path) -> None:
    """Copy a shipped recipe, template or data manifest so that you can edit it."""
    printing.copied(*annotate.copy_shipped(name, folder))


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)
