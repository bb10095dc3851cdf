"""One table of plug-ins, by kind and name.

A shipped plug-in is one module in the folder of its kind that defines ``plugin``; its name is the
module's (with ``-`` for ``_``). Third parties join with an entry point in the group
``semo_annotate.KIND`` that names such an object. Names are listed without importing anything.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module, metadata, util
from types import ModuleType
from typing import Any

from annotate.errors import SemoError, unknown_name

# kind -> the package whose modules are its plug-ins
FEATURE_SLOTS = ("transcript", "pitch", "energy", "rate", "gender", "voice")
PLACES = {slot: f"annotate.features.{slot}" for slot in FEATURE_SLOTS} | {
    "reader": "annotate.corpora.readers",
    "writer": "annotate.captions.writers",
}


@cache
def _shipped(kind: str) -> dict[str, str]:
    spec = util.find_spec(PLACES[kind])
    places = list(spec.submodule_search_locations or []) if spec else []
    return {
        module.name.replace("_", "-"): f"{PLACES[kind]}.{module.name}"
        for module in pkgutil.iter_modules(places)
        if not module.name.startswith("_")
    }


@cache
def joined(kind: str) -> dict[str, metadata.EntryPoint]:
    """What other packages bring of a kind, by name."""
    return {point.name: point for point in metadata.entry_points(group=f"semo_annotate.{kind}")}


def names(kind: str) -> list[str]:
    """All names of one kind, shipped and joined by entry points, sorted; imports no plug-in."""
    return sorted({*_shipped(kind), *joined(kind)})


def load(kind: str, name: str) -> Any:
    """The plug-in object; an unknown name is an error that offers the nearest one."""
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


def about(kind: str, name: str) -> str:
    """The documentation of a plug-in: its module's docstring."""
    plugin = load(kind, name)
    module = _module(kind, name) if name in _shipped(kind) else plugin
    return (module.__doc__ or "").strip()
