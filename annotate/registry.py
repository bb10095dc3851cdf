"""One table of plug-ins, by kind and name.

A shipped plug-in is one module in the folder of its kind that defines ``plugin``; its name is the
module's (with ``-`` for ``_``). Third parties join with an entry point in the group
``semo_annotate.KIND`` that names such an object. Names are listed without importing anything. A feature may also be a
Python file of one's own, named by its path.
"""

from __future__ import annotations

import hashlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module, metadata, util
from pathlib import Path
from types import ModuleType
from typing import Any

from annotate.errors import SemoError, UsageError, unknown_name

# kind -> the package whose modules are its plug-ins
FEATURE_SLOTS = ("transcript", "pitch", "energy", "rate", "gender", "voice")
PLACES = {slot: f"annotate.features.{slot}" for slot in FEATURE_SLOTS} | {
    "reader": "annotate.corpora.readers",
    "writer": "annotate.captions.writers",
}


@cache
def _shipped(kind: str) -> dict[str, str]:
    spec = util.find_spec(PLACES[kind]) if kind in PLACES else None
    places = list(spec.submodule_search_locations or []) if spec else []
    return {
        module.name.replace("_", "-"): f"{PLACES[kind]}.{module.name}"
        for module in pkgutil.iter_modules(places)
        if not module.name.startswith("_")
    }


@cache
def _groups() -> Any:  # a dictionary in Python 3.10
    """What all packages bring of every kind; looking through the installed packages is done once."""
    return metadata.entry_points()


@cache
def joined(kind: str) -> dict[str, metadata.EntryPoint]:
    """What other packages bring of a kind, by name."""
    return {point.name: point for point in _groups().select(group=f"semo_annotate.{kind}")}


def names(kind: str) -> list[str]:
    """All names of one kind, shipped and joined by entry points, sorted; imports no plug-in."""
    return sorted({*_shipped(kind), *joined(kind)})


def slots(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Slot -> name of its feature, from a recipe's ``features``: the shipped slots in their order, then others.

    Another slot is one that other packages join (``semo_annotate.SLOT``), or whose feature is a file of one's own.
    """
    first = {slot: chosen[slot] for slot in FEATURE_SLOTS if slot in chosen}
    others = {slot: name for slot, name in chosen.items() if slot not in first and is_slot(slot, name)}
    return {**first, **others}


def is_slot(name: str, value: Any) -> bool:
    """Whether a key of a recipe's ``features`` is a slot of another package, or has a feature of one's own."""
    return isinstance(value, str) and (is_file(value) or bool(joined(name)))


def is_file(name: str) -> bool:
    """Whether a plug-in is named by the path of its Python file."""
    return name.endswith(".py")


def digest(name: str) -> str | None:
    """Digest of a plug-in that is a file of one's own, so that what it wrote is known to be out of date."""
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16] if is_file(name) else None


def load(kind: str, name: str) -> Any:
    """The plug-in object; an unknown name is an error that offers the nearest one."""
    if is_file(name):
        return _file_module(kind, name).plugin
    if name in _shipped(kind):
        return _module(kind, name).plugin
    if name in joined(kind):
        return joined(kind)[name].load()
    raise unknown_name(kind, name, names(kind))


def _module(kind: str, name: str) -> ModuleType:
    try:
        return import_module(_shipped(kind)[name])
    except ModuleNotFoundError as error:
        raise SemoError(f"{kind} '{name}' needs the package '{error.name}', which is not installed") from None


@cache
def _file_module(kind: str, name: str) -> ModuleType:
    """A module of the user's, by the path of its file."""
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"{kind}: there is no file '{name}'")
    spec = util.spec_from_file_location(f"semo_annotate_own_{path.stem}", path)
    assert spec  # a path that ends with .py always has one, and a loader
    assert spec.loader
    module = util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SemoError(f"{name}: cannot be loaded: {type(error).__name__}: {error}") from error
    if not hasattr(module, "plugin"):
        raise SemoError(f"{name}: defines no 'plugin'; expected plugin = Feature(...)")
    return module


def about(kind: str, name: str) -> str:
    """The documentation of a plug-in: its module's docstring."""
    plugin = load(kind, name)
    module = _file_module(kind, name) if is_file(name) else _module(kind, name) if name in _shipped(kind) else plugin
    return (module.__doc__ or "").strip()
