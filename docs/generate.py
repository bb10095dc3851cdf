"""Writes what the docs repeat of the code: the help texts and the columns. ``make docs`` runs it, a test compares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

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


def filled(text: str) -> str:
    """A page with its generated part made anew."""
    head, tail = "<!-- generated: columns -->\n", "<!-- end -->"
    pattern = re.compile(re.escape(head) + ".*?" + re.escape(tail), re.DOTALL)
    return pattern.sub(lambda match: f"{head}\n{columns()}\n{tail}", text)


def pages() -> dict[Path, str]:
    """Every page that holds something generated, as it should read."""
    rows = DOCS / "data-set.md"
    return {DOCS / "commands.md": commands(), rows: filled(rows.read_text(encoding="utf-8"))}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
