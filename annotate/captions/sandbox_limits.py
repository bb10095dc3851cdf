"""What one rendering of a template may cost, and how large what it makes may be."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import jinja2
from jinja2 import nodes

MOST_SOURCE = 200_000  # characters of a template
MOST_NODES = 1_000_000  # run through in one rendering
LONGEST_TEXT = 100_000  # characters of a value, and of what is rendered
LONGEST_LIST = 10_000  # items of a value, with those of what is in it
LARGEST_BITS = 4096
CHARACTERS_A_NODE = 20  # what handling so much text costs, as much as a node


class Exceeded(jinja2.TemplateRuntimeError):
    """A template does more, or makes more, than it may."""


class _Active(threading.local):
    """What is left of the rendering under way in this thread; None where none is."""

    left: float | None = None
    call_cost: int = 0


active = _Active()


def spend(cost: float) -> None:
    """Count what a rendering does.

    Raises:
        Exceeded: nothing is left.
    """
    if active.left is None:
        raise nodes.Impossible  # at compile time: nothing is computed before rendering
    active.left -= cost
    if active.left < 0:
        raise Exceeded(f"takes too long (more than {MOST_NODES:,} steps)")


def bounded(value: Any) -> Any:
    """The value, if it is no larger than a value may be."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Exceeded(f"makes a text of more than {LONGEST_TEXT:,} characters")
        spend(len(value) / CHARACTERS_A_NODE)
    elif isinstance(value, int):
        if value.bit_length() > LARGEST_BITS:
            raise Exceeded("makes a number too large")
    elif isinstance(value, (list, tuple, dict, set)):
        spend(_items(value, 0))
    return value


def _items(value: Any, counted: int) -> int:
    """Items of a container and of the containers in it."""
    parts: Iterable[Any] = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    for part in parts:
        counted += 1
        if counted > LONGEST_LIST:
            raise Exceeded(f"makes a list of more than {LONGEST_LIST:,} items")
        if isinstance(part, (list, tuple, dict, set)):
            counted = _items(part, counted)
    return counted
