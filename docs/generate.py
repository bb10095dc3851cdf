"""Writes what the docs repeat of the code: help texts, settings, columns, captions.

``make docs`` runs it, a test compares.
"""

from __future__ import annotations

import functools
import html
import inspect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

import annotate as package
from annotate import documents
from annotate.api import reference
from annotate.cli import annotate, eval, infer, train
from annotate.store import columns, schema

DOCS = Path(__file__).resolve().parent
WIDTH = 80
ASTERISK = "\\*"  # a bare one begins emphasis in Markdown
GROUPS = (
    ("Clip, speaker and label", columns.IDENTITY),
    ("Measurements", columns.MEASUREMENTS),
    ("Words", schema.SHIPPED.words),
    ("Notes", columns.NOTES),
    ("Replies", columns.REPLIES),
    ("Captions", columns.CAPTIONS),
    ("Stability of the words, and words relative to the speaker", schema.SHIPPED.stability),
    ("Sources", columns.SOURCES),
    ("Further attributes (`descriptors.attributes`)", schema.SHIPPED.added),
)


def commands() -> str:
    """The page of all commands: what ``--help`` says of each, with its options as a table."""
    said = ["# Commands\n\nMade by `docs/generate.py` from the commands' own `--help`.\n"]
    for app in (annotate.app, train.app, infer.app, eval.app):
        for context in _all(app):
            usage = context.command.get_usage(context).removeprefix("Usage: ")
            about = [" ".join(part.split()) for part in inspect.cleandoc(context.command.help or "").split("\n\n")]
            said += [
                f"## {context.command_path}\n",
                f"```text\n{usage}\n```\n",
                *(f"{_plain(text)}\n" for text in about),
            ]
            if isinstance(context.command, click.Group):
                below = sorted(context.command.commands.items())
                said += _table("command", [(name, command.get_short_help_str(200)) for name, command in below])
            rows = [param.get_help_record(context) for param in context.command.get_params(context)]
            said += _table("option", [(row[0], row[1]) for row in rows if row and row[1]])
    return "\n".join(said)


def _table(head: str, rows: Sequence[tuple[str, str]]) -> list[str]:
    lines = [f"| <code>{html.escape(name).replace('|', '&#124;')}</code> | {_plain(about)} |" for name, about in rows]
    return [f"| {head} | what it does |", "|---|---|", *lines, ""] if lines else []


def _plain(text: str) -> str:
    """Help as Markdown: no tag and no column begins in it."""
    return html.escape(_cell(text), quote=False)


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
        lines += [f"### {title}\n", "| column | type | meaning |", "|---|---|---|"]
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


def settings() -> str:
    """The page of all keys of a recipe and of a training recipe, in the words of ``semo-annotate describe KEY``."""
    from annotate.semollm.settings import TrainRecipe
    from annotate.settings import Recipe

    lines = [
        "# Settings\n\nMade by `docs/generate.py` from the settings themselves; `semo-annotate describe KEY` prints "
        "the same text. On the command line a setting is written `KEY=VALUE`.\n"
    ]
    for title, recipe in (
        ("Recipes of `semo-annotate run`", Recipe),
        ("Training recipes of `semo-train`", TrainRecipe),
    ):
        lines.append(f"## {title}\n")
        lines += _section_tables(recipe, "")
    return "\n".join(lines)


def _section_tables(model: Any, before: str) -> list[str]:
    """The settings of a section as a table, then those of the sections below it; of sections that are alike, once."""
    shown: dict[Any, str] = {}
    rows: list[list[str]] = []
    below: list[str] = []
    meanings = reference._texts_below_keys(model)
    for name, field in model.model_fields.items():
        key = f"{before}{name}"
        section = reference._section(field)
        if section in shown:
            below.append(f"### {key}\n\nThe same keys as `{shown[section]}`.\n")
            continue
        if section is not None:
            shown[section] = key
            about = (section.__doc__ or "").strip()
            below += [f"### {key}\n\n{_cell(about)}\n", *_section_tables(section, f"{key}.")]
            continue
        head = reference._setting(key, "", field).partition("\n")[0]
        values = head.removeprefix(f"{key} (").removesuffix(")")
        rows.append([f"`{key}`", _cell(values), _cell(meanings.get(name, ""))])
    heads = ["key", "values", "meaning"] if any(row[2] for row in rows) else ["key", "values"]
    lines = [heads, ["---"] * len(heads), *(row[: len(heads)] for row in rows)]
    table = [*("| " + " | ".join(line) + " |" for line in lines), ""] if rows else []
    return [*table, *below]


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())


def filled(text: str) -> str:
    """A page with its generated part made anew."""
    head, tail = "<!-- generated: columns -->\n", "<!-- end -->"
    pattern = re.compile(re.escape(head) + ".*?" + re.escape(tail), re.DOTALL)
    return pattern.sub(lambda match: f"{head}\n{columns()}\n{tail}", text)


def gallery() -> str:
    """The page of captions: what the template writes of the clips in ``gallery.yaml``, and what the check refuses."""
    content = documents.read_yaml(DOCS / "gallery.yaml")
    evidence = _evidence(content["reasons"])
    lines = [
        "# Gallery of captions\n\nThe captions are what the shipped template writes. The clips, with their words and "
        "reasons, are made up (`docs/gallery.yaml`); in a data set, reasons are counted on its own training split. A "
        "word with an asterisk is relative to the speaker's other clips. [Captions](captions.md) says how captions are "
        "written and checked; `docs/generate.py` makes this page.\n"
    ]
    for section in content["sections"]:
        lines += [f"## {section['title']}\n", f"{section['text']}\n", "| words | label | caption |", "|---|---|---|"]
        for clip in section["clips"]:
            text = package.caption(
                clip["words"] | {"id": clip["id"]}, emotion=clip.get("emotion"), evidence=evidence,
                style=section.get("style", "explanation"), against=clip.get("against", "both"),
            )  # fmt: skip
            lines.append(f"| {_words(clip['words'])} | {clip.get('emotion', 'none')} | {text} |")
        lines.append("")
    checked = content["checked"]
    lines += [
        "## What the check says about other people's captions\n",
        f"Each is compared with a clip labelled {checked['emotion']}: {_words(checked['words'])}.\n",
        "| caption | verdict | because of |",
        "|---|---|---|",
    ]
    for text in checked["captions"]:
        judged = package.check(text, checked["words"], emotion=checked["emotion"], evidence=evidence)
        wrong = [f'"{one.claim.text}"' for one in judged.held if not one.holds]
        lines.append(f"| {text} | `{judged.verdict}` | {', '.join(wrong) or ', '.join(judged.missing) or ''} |")
    return "\n".join([*lines, ""])


def _evidence(reasons: dict[str, Any]) -> dict[str, Any]:
    """Reasons as ``evidence.json`` has them, all equally strong."""
    return {
        "emotions": {
            emotion: {
                column: {word: {"sense": sense, "difference": 0.3} for word, sense in words.items()}
                for column, words in of.items()
            }
            for emotion, of in reasons.items()
        }
    }


def _words(words: dict[str, Any]) -> str:
    """A clip's words as a table shows them, without the group's where the speaker's stands beside it."""
    shown = {name: word for name, word in words.items() if f"{name}_own" not in words or word != "normal"}
    told = [shown.pop("gender", None) or "gender unknown"]
    for name, word in shown.items():
        if not name.endswith("_scale"):
            told.append(f"{name.removesuffix('_own')} {word}{ASTERISK if name.endswith('_own') else ''}")
    return ", ".join(told)


def pages() -> dict[Path, str]:
    """Every page that holds something generated, as it should read."""
    rows = DOCS / "data-set.md"
    return {
        DOCS / "commands.md": commands(),
        DOCS / "settings.md": settings(),
        DOCS / "api.md": api(),
        DOCS / "gallery.md": gallery(),
        rows: filled(rows.read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
