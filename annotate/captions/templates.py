"""Jinja2 templates for replies and captions: what they may use, and how transcripts stay data.

A template is text that we or the user wrote; a transcript never becomes one. It is given to templates as
a value, on one line, with its straight quotes made typographic so that it cannot end the sentence's own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from annotate import assets, documents
from annotate.captions.hedge import hedged
from annotate.errors import UsageError

# Jinja is loaded where something is rendered, or a template is not ours: a finished run does neither
if TYPE_CHECKING:
    import jinja2

    from annotate.captions import sandbox

T = TypeVar("T")
MOST_BYTES = 1 << 20  # of a template's file


@cache
def compiled(source: str) -> jinja2.Template:
    """A shipped template, compiled once per process. A name that it uses and that is not given is an error."""
    import jinja2
    import jinja2.sandbox

    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters["hedged"] = hedged
    return environment.from_string(source)


@lru_cache(maxsize=64)
def _bounded(text: str) -> sandbox.Bounded:
    from annotate.captions import sandbox

    return sandbox.Bounded(text)


def source(kind: str, name: str) -> str:
    """The text of a template, shipped (``replies/paper``) or the user's own file; refused if it does not parse."""
    try:
        path = Path(name) if Path(name).is_file() else assets.find("templates", f"{kind}/{name}")
    except (OSError, ValueError):  # longer than a path may be, or with NUL in it
        path = assets.find("templates", f"{kind}/{name}")
    text = documents.read_text(path, MOST_BYTES)
    if assets.is_shipped(path):  # those parse, as tests hold
        return text
    import jinja2

    try:
        _bounded(text)
    except jinja2.TemplateSyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno}: not a valid template: {error.message}") from None
    return text


def render(text: str, where: str, **values: Any) -> str:
    """Render a template, which may be a stranger's, to one line; an error names the template and what it lacked.

    Raises:
        UsageError: it does not parse, lacks a value, or does more than a template may (see ``captions.sandbox``).
    """
    import jinja2

    try:
        rendered = _bounded(text).render(values)
    except jinja2.TemplateError as error:
        raise UsageError(f"template '{where}': {error}") from None
    return re.sub(r"\s+", " ", rendered).strip()


@lru_cache(maxsize=256)  # asked for once for every content of a row
def quoted(transcript: str | None) -> str | None:
    """A transcript as it may stand between single quotes: one line, no straight quotes, no control characters."""
    if transcript is None:
        return None
    # formatting characters would let a transcript reorder the sentence around it
    kept = "".join(" " if c.isspace() else c for c in transcript if c.isspace() or unicodedata.category(c)[0] != "C")
    text = re.sub(r"\s+", " ", kept).strip()
    return text.replace("'", "\u2019").replace('"', "\u201d") or None


def picker(row_id: str) -> Callable[[Sequence[T], str], T]:
    """``pick(options, salt)``: one of the options, always the same for the same row and salt."""

    def pick(options: Sequence[T], salt: str = "") -> T:
        digest = hashlib.sha256(f"{salt}\0{row_id}".encode()).digest()
        return options[int.from_bytes(digest[:8], "big") % len(options)]

    return pick
