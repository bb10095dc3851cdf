"""``scale.json``, read and checked: a scale fitted elsewhere, of the same words and with edges that a fit can give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.attributes import Attribute, AttributeTable, reply_attributes
from annotate.descriptors.scale import GROUPINGS, METHODS, READABLE, SCHEMA
from annotate.errors import SemoError


def load(path: Path, table: AttributeTable | None = None) -> dict[str, Any]:
    """A scale fitted elsewhere, for ``descriptors.scale=FILE``; anything else is refused in one line.

    Args:
        path: a ``scale.json``.
        table: the recipe's attributes, whose words it must have; by default the paper's.
    """
    wanted = (table or reply_attributes()).with_replies()

    def check(scale: Mapping[str, Any]) -> None:
        for attribute in wanted.values():
            _check(path, scale, attribute, wanted.words(attribute.name))

    scale = _read(path, check)
    # the table's attributes alone, in its order: what else the file has is of another recipe
    kept = {name: scale["descriptors"][name] for name in wanted}
    return {**scale, "descriptors": kept}


def load_whole(path: Path) -> dict[str, Any]:
    """A scale with all that it holds, whatever recipe it is of; anything else is refused in one line."""

    def check(scale: Mapping[str, Any]) -> None:
        for name, described in scale["descriptors"].items():
            for group, content in described["groups"].items():
                where = f"descriptors.scale={path}: {name}: {group}"
                _check_group(where, content, bool(described["log"]), len(described["words"]) - 1)
                str(described["measure"]), str(described["unit"])

    return _read(path, check)


def _read(path: Path, check: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    try:
        scale = documents.read_json(path)
        if scale["by"] not in GROUPINGS or scale["method"] not in METHODS:
            raise ValueError
        if scale["schema"] not in READABLE:
            raise SemoError(f"descriptors.scale={path}: schema {scale['schema']}, expected {SCHEMA}")
        check(scale)
        return dict(scale)
    except OSError as error:
        raise SemoError(f"descriptors.scale={path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(f"descriptors.scale={path}: is not a scale; expected a scale.json of an earlier run") from None


def _check(path: Path, scale: Mapping[str, Any], attribute: Attribute, words: Sequence[str]) -> None:
    name, where = attribute.name, f"descriptors.scale={path}: {attribute.name}"
    if name not in scale["descriptors"]:
        raise SemoError(f"{where}: the scale has no edges for it; it has {', '.join(scale['descriptors'])}")
    described = scale["descriptors"][name]
    if described["measure"] not in attribute.measures:
        raise SemoError(f"{where}: made from {described['measure']}, expected {' or '.join(attribute.measures)}")
    if list(described["words"]) != list(words):
        raise SemoError(f"{where}: its words are {', '.join(described['words'])}; the recipe's are {', '.join(words)}")
    for group, content in described["groups"].items():
        _check_group(f"{where}: {group}", content, bool(described["log"]), len(words) - 1)
    if attribute.reply and len(words) != reply_attributes().levels:
        few = scale["replies"][name]
        for group, content in few["groups"].items():
            _check_group(f"{where}: replies: {group}", content, bool(few["log"]), len(few["words"]) - 1)


def _check_group(where: str, group: Mapping[str, Any], log: bool, count: int) -> None:
    """Refuse edges that no fit can give: NaN would make every word "normal" without a sound."""
    for of, size in (("edges", count), ("range", 2)):
        if of == "edges" and group[of] is None:
            continue
        values = [float(value) for value in group[of]]
        if not all(map(math.isfinite, values)):
            raise SemoError(f"{where}: {of} are not numbers")
        if len(values) != size:
            raise SemoError(f"{where}: {len(values)} {of}, expected {size}")
        if sorted(values) != values or (log and values[0] <= 0):
            raise SemoError(f"{where}: {of} out of order, or not above zero on a logarithmic scale")
