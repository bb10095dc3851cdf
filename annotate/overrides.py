"""``key=value`` on the command line: what is typed stays what it is, a path a path and a name a name.

Only where a setting is a number, a truth value, a list or a mapping is the text read as YAML: ``take #1``, ``007``,
``no`` and ``[2024] rec`` are texts wherever a text can stand.
"""

from __future__ import annotations

import contextlib
import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from annotate import documents
from annotate.errors import UsageError

NOTHING = ("null", "~", "")
QUOTES = "\"'"
EXAMPLE = "expected key=value, for example corpus.root=recordings"


def apply(content: dict[str, Any], override: str, model: type[BaseModel]) -> None:
    """Put one override into a recipe's content.

    Args:
        content: the recipe as read; changed in place.
        override: ``key=value``, with ``.`` between the keys.
        model: what the recipe is validated as; says of what kind a setting is.

    Raises:
        UsageError: it is no ``key=value``, or goes through a key that holds a value.
    """
    key, equals, text = override.partition("=")
    if not equals or not key.strip("."):
        raise UsageError(f"'{override}': {EXAMPLE}")
    here = content
    *parents, last = key.split(".")
    for parent in parents:
        below = here.get(parent)
        if below is None:  # a section that the recipe leaves empty
            below = here[parent] = {}
        if not isinstance(below, dict):
            raise UsageError(f"{key}: '{parent}' is a value, not a section")
        here = below
    here[last] = value(key, text, model)


def value(key: str, text: str, model: type[BaseModel]) -> Any:
    """What a text on the command line means for a setting."""
    kinds = _kinds(_annotation(key.split("."), model))
    if len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES:
        return text[1:-1]
    if type(None) in kinds and text in NOTHING:
        return None
    if not text:
        raise UsageError(f"{key}: no value is given; {EXAMPLE}")
    structure = _structure(text) if kinds & {dict, list, tuple, Any} or any(map(_is_section, kinds)) else None
    if structure is not None:
        return structure
    return text if kinds & {str, Path} else _plain(text)


def _annotation(path: list[str], model: Any) -> Any:
    """The type of a setting; Any where the recipe does not say (options of readers, unknown keys)."""
    for place, name in enumerate(path):
        field = model.model_fields.get(name) if _is_section(model) else None
        if field is None:
            return Any
        annotation = field.annotation
        below = [kind for kind in _kinds(annotation) if _is_section(kind)]
        if place == len(path) - 1:
            return annotation
        if not below:
            return Any
        model = below[0]
    return Any


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _kinds(annotation: Any) -> set[Any]:
    """The plain types of an annotation: ``str | dict[str, str]`` is text or mapping, a Literal of texts is text."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return set().union(*(_kinds(kind) for kind in get_args(annotation)))
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin is Literal:
        return {type(kind) for kind in get_args(annotation)}
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {dict}
    return {origin or annotation}


def _structure(text: str) -> Any:
    """A list or mapping that a text spells in full, else None: ``[2024] rec`` is none, nor is ``[2024`` ."""
    if text[:1] not in "[{":
        return None
    try:
        parsed = documents.parse_yaml(text, "")
    except UsageError:
        return None
    return parsed if isinstance(parsed, (list, dict)) else None


def _plain(text: str) -> Any:
    """A number or truth value that is written as such, else the text: ``007``, ``1.10`` and ``no`` are texts."""
    if text in NOTHING:
        return None
    for read in (json.loads, float):
        with contextlib.suppress(ValueError, RecursionError):
            parsed = read(text)
            return parsed if isinstance(parsed, bool) or repr(parsed) == text else text
    return text
