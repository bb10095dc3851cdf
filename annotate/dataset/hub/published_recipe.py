"""A recipe that came with a downloaded data set: what of it is used, and that none of it names a path on this machine.

Only what stands in ``USED`` is taken over. The corpus and the output are the user's to name; a data manifest or a
template is taken by its name if it is a shipped one; everything else that could name a file is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from annotate import assets, attributes, documents, registry, settings
from annotate.errors import UsageError
from annotate.settings import GIVEN_LATER, Recipe

USED = {
    "corpus": ("labels", "split", "fold"),
    "features": ("transcript", "pitch", "energy", "rate", "gender", "voice"),
    "descriptors": (
        "attributes",
        "levels",
        "against",
        "method",
        "by",
        "fit",
        "threshold",
        "smallest_group",
        "doubtful",
        "doubt_below",
    ),
    "replies": ("contents",),
    "captions": ("style", "mode", "length"),
    "dataset": ("rate", "shard_mb"),
    "run": ("shard_rows",),
}


def load(path: Path, overrides: Sequence[str], output: Path | None) -> Recipe:
    """The recipe of a downloaded data set, with the user's own ``KEY=VALUE`` and output.

    Raises:
        UsageError: it is no recipe, or something is left open that the user has to name.
    """
    content = documents.read_yaml(path)
    given = {override.partition("=")[0] for override in overrides}
    safe: dict[str, Any] = {"name": content.get("name")}
    for section, keys in USED.items():
        held = _section(content, section)
        safe[section] = {key: held[key] for key in keys if key in held}
    _refuse_files(path, safe, given)
    corpus = _section(content, "corpus")
    safe["corpus"] |= {
        "root": GIVEN_LATER,
        "manifest": _shipped(path, "corpus.manifest", "data_manifests", "", corpus.get("manifest"), given),
        "options": _section(corpus, "options"),
    }
    for section, default in (("replies", "paper"), ("captions", "plain")):
        name = _section(content, section).get("template", default)
        key = f"{section}.template"
        safe[section]["template"] = _shipped(path, key, "templates", f"{section}/", name, given)
    safe["output"] = GIVEN_LATER
    recipe = settings.resolved(Recipe, safe, str(path), overrides, {} if output is None else {"output": str(output)})
    _check_options(recipe, given)
    return recipe


def _refuse_files(path: Path, safe: Mapping[str, Any], given: set[str]) -> None:
    """A feature's or an attribute's file is the user's to name: the one would be executed, the other read."""
    named = {f"features.{slot}": [name] for slot, name in safe["features"].items()}
    chosen = safe["descriptors"].get("attributes", [])
    named["descriptors.attributes"] = chosen if isinstance(chosen, list) else [chosen]
    for key, names in named.items():
        wrong = next(
            (str(name) for name in names if registry.is_file(str(name)) or attributes.is_file(str(name))), None
        )
        if wrong is not None and key not in given:
            raise UsageError(f"{path}: {key} names the file '{wrong}'; give your own with {key}=...")


def _section(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    held = content.get(name)
    return dict(held) if isinstance(held, dict) else {}


def _shipped(path: Path, key: str, kind: str, folder: str, name: Any, given: set[str]) -> str:
    """A name, if it is that of a shipped file or the user replaces it."""
    if key in given:
        return GIVEN_LATER
    if not isinstance(name, str) or f"{folder}{name}" not in assets.names(kind):
        raise UsageError(f"{path}: {key} is {str(name)[:80]!r}, which is not shipped; give your own with {key}=FILE")
    return name


def _check_options(recipe: Recipe, given: set[str]) -> None:
    """Refuse an option of the stranger's that would be read as a file outside the user's corpus."""
    for name, value in recipe.corpus.options.items():
        key = f"corpus.options.{name}"
        if key in given or "corpus.options" in given or not isinstance(value, str):
            continue
        absolute = PurePosixPath(value).is_absolute() or bool(PureWindowsPath(value).drive)
        leads_out = absolute or ".." in PurePosixPath(value).parts or "\0" in value
        if leads_out or (not _exists(recipe.corpus.root / value) and _exists(Path(value))):
            raise UsageError(f"{key}: the data set's recipe names the path {value[:80]!r}; give your own: {key}=PATH")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
