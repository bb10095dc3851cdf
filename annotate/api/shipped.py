"""``annotate.copy_shipped``: shipped recipes, templates and data manifests, to change them."""

from __future__ import annotations

import os
from pathlib import Path

from annotate.errors import SemoError, unknown_name


def copy_shipped(name: str, folder: str | os.PathLike[str] = ".") -> tuple[Path, list[str]]:
    """Copy a shipped recipe, template or data manifest into a folder; nothing is overwritten.

    Args:
        name: its name; where a recipe and a data manifest share one, as ``ravdess``, it is the recipe's, and
            ``data_manifests/ravdess`` names the other.
        folder: where to.

    Returns:
        The copy, and the full names of further shipped files of that name.

    Raises:
        SemoError: no such name, or the copy is there already.
    """
    from annotate import assets

    target = Path(folder)
    named = [kind for kind in assets.KINDS if name.startswith(f"{kind}/")]
    short = name.removeprefix(f"{named[0]}/") if named else name
    kinds = named or [kind for kind in assets.KINDS if short.removesuffix(assets.KINDS[kind]) in assets.names(kind)]
    if not kinds:
        raise unknown_name("shipped file", name, [n for kind in assets.KINDS for n in assets.names(kind)])
    if target.is_file():
        raise SemoError(f"{target}: is a file; expected a folder")
    return assets.copy(kinds[0], short, target), [f"{kind}/{short}" for kind in kinds[1:]]
