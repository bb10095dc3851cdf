"""What pydantic finds wrong in a user's file, as one line: the key, what was found, the nearest right name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from annotate.errors import UsageError, nearest


def one_line(error: ValidationError, where: str, model: type[BaseModel]) -> str:
    """The first mistake of a file.

    Args:
        error: what validating it raised.
        where: the file, or what else it is called.
        model: the model that it was validated against.
    """
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = _keys_at(first["loc"][:-1], model)
        return f"{where}: {_unknown(key, str(first['loc'][-1]), known)}"
    if first["type"] == "missing":
        return f"{where}: the key '{key}' is missing"
    given = repr(first["input"])
    return f"{where}: {key}: {first['msg'][:1].lower()}{first['msg'][1:]}; found {given[:80]}"


def unknown_key(section: str, key: str, known: Iterable[str]) -> UsageError:
    """The error for a key of a section that is not among the known ones."""
    return UsageError(_unknown(f"{section}.{key}", key, list(known)))


def _unknown(key: str, last: str, known: Sequence[str]) -> str:
    close = nearest(last, known)
    hint = f"did you mean '{close}'?" if close else f"known are: {', '.join(known)}"
    return f"the key '{key}' is unknown; {hint}"


def _keys_at(location: Sequence[Any], model: type[BaseModel]) -> list[str]:
    for part in location:
        field = model.model_fields.get(str(part))
        below: Any = field.annotation if field else None
        below = next(
            (kind for kind in get_args(below) if isinstance(kind, type) and issubclass(kind, BaseModel)), below
        )
        if not (isinstance(below, type) and issubclass(below, BaseModel)):
            return []
        model = below
    return list(model.model_fields)
