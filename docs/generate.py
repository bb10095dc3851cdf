"""Writes what the docs repeat of the code: the help texts and the columns. ``make docs`` runs it, a test compares."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import annotate as package
from annotate.cli import annotate, eval, infer, train
from annotate.store import schema

DOCS = Path(__file__).resolve().parent
WIDTH = 100
GROUPS = (
    ("Who and what", schema.IDENTITY),
    ("Measurements", schema.MEASUREMENTS),
    ("Words", schema.SHIPPED.words),
    ("Notes", schema.NOTES),
    ("Replies", schema.REPLIES),
    ("Captions", schema.CAPTIONS),
    ("How sure, and against the speaker's own usual", schema.SHIPPED.stability),
    ("Where values come from", schema.SOURCES),
    ("Further attributes (`descriptors.attributes`)", schema.SHIPPED.added),
)


def commands() -> str:
    """The page of all commands with their help."""
    said = ["# Commands\n\nMade by `docs/generate.py` from the commands' own `--help`.\n"]
    for app in (annotate.app, train.app, infer.app, eval.app):
        for context in _all(app):
            name = context.command_path
            said.append(f"## {name}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(said)


def _all(command: click.Command) -> Iterator[click.Context]:
    """A command and those below it, each as it stands on the command line."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    top = click.Context(command, info_name=command.name, **settings)
    yield top
    if isinstance(command, click.Group):
        for below, one in sorted(command.commands.items()):
            yield click.Context(one, parent=top, info_name=below)


def columns() -> str:
    """The table of all columns."""
    lines = []
    for title, found in GROUPS:
        lines += [f"### {title}\n", "| column | type | what |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {_type(one)} | {one.about} |" for one in found]
        lines.append("")
    return "\n".join(lines)


def _type(column: schema.Column) -> str:
    return {"float": "float32", "list<item: string>": "list of text", "string": "text"}.get(
        str(column.type), str(column.type)
    )


def api() -> str:
    """The page of the Python API: every public name with its signature and its docstring."""
    said = ["# Python API\n\nMade by `docs/generate.py` from the docstrings; [In Python](python.md) shows it in use.\n"]
    for name in sorted(package.__all__, key=str.lower):
        if (public := getattr(package, name)) is not package.Audio:
            said += _public(name, public, 2)
    return "\n".join(said)


def _public(name: str, public: Any, depth: int) -> Iterator[str]:
    """A class with its public methods, or a function."""
    yield f"{'#' * depth} {name}\n"
    if callable(public) and not (isinstance(public, type) and issubclass(public, Exception)):
        yield f"```text\n{name}{_signature(public)}\n```\n"
    yield f"```text\n{inspect.getdoc(public) or ''}\n```\n"
    for below, member in vars(public).items() if isinstance(public, type) else ():
        plain = getattr(member, "__func__", getattr(member, "fget", getattr(member, "func", member)))
        if not below.startswith("_") and inspect.isfunction(plain) and inspect.getdoc(plain):
            yield f"{'#' * (depth + 1)} {name}.{below}\n"
            if not isinstance(member, property | functools.cached_property):
                yield f"```text\n{below}{_signature(plain)}\n```\n"
            yield f"```text\n{inspect.getdoc(plain)}\n```\n"


def _signature(public: Any) -> str:
    # annotations are text, which a signature shows in quotes
    return re.sub(r"""(: |-> )(["'])(.*?)\2""", r"\1\3", str(inspect.signature(public)))


def filled(text: str) -> str:
    """A page with its generated part made anew."""
    head, tail = "<!-- generated: columns -->\n", "<!-- end -->"
    pattern = re.compile(re.escape(head) + ".*?" + re.escape(tail), re.DOTALL)
    return pattern.sub(lambda match: f"{head}\n{columns()}\n{tail}", text)


def pages() -> dict[Path, str]:
    """Every page that holds something generated, as it should read."""
    rows = DOCS / "data-set.md"
    return {DOCS / "commands.md": commands(), DOCS / "api.md": api(), rows: filled(rows.read_text(encoding="utf-8"))}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
