"""Templates, recipes and data manifests: found in a checkout or inside the wheel, read by name.

A file that the user names by its path always comes before a shipped one of the same name.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from annotate.errors import SemoError, UsageError, nearest, unknown_name

ENDINGS = (".yaml", ".yml", ".json", ".jinja2", ".jinja", ".j2", ".txt")
KINDS = {"recipes": ".yaml", "data_manifests": ".yaml", "templates": ".jinja2"}


@cache
def home(kind: str) -> Path:
    """The folder of the shipped files of one kind.

    The wheel carries them in ``annotate/shipped``; in a checkout they stand beside the package.
    """
    package = Path(__file__).resolve().parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind


def is_shipped(path: Path) -> bool:
    """Whether a file comes with the package, so that tests hold it to what a user's own is checked for."""
    return any(path.resolve().is_relative_to(home(kind).resolve()) for kind in KINDS)


def names(kind: str) -> list[str]:
    """Names of the shipped files of one kind, without the ending, folders kept: ``replies/paper``."""
    base, ending = home(kind), KINDS[kind]
    return sorted(p.relative_to(base).as_posix().removesuffix(ending) for p in base.rglob(f"*{ending}"))


def find(kind: str, name: str) -> Path:
    """The file that a user means by ``name``: a path of their own, or a shipped file.

    ``recipes/ravdess.yaml``, ``ravdess.yaml`` and ``ravdess`` all name the shipped recipe, unless
    such a file exists where the user stands.
    """
    path = Path(name)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # longer than a path may be, or with NUL in it: no file of the user's
        pass
    ending = KINDS[kind]
    short = name.removeprefix(f"{kind}/").removesuffix(ending)
    shipped = home(kind) / f"{short}{ending}"
    if shipped.is_file() and short in names(kind):
        return shipped
    singular = {"recipes": "recipe", "data_manifests": "corpus manifest", "templates": "template"}[kind]
    if path.suffix in ENDINGS or name.startswith((".", "/", "~")):  # meant as a file
        raise _no_file(singular, path, names(kind))
    raise unknown_name(singular, name, names(kind))


def _no_file(what: str, meant: Path, shipped: list[str]) -> UsageError:
    """The error for a file that is not there: the nearest one beside it, or shipped."""
    try:
        beside = [path.name for path in meant.parent.iterdir() if path.suffix in ENDINGS]
    except (OSError, ValueError):
        where = "its folder does not exist either"
    else:
        close = nearest(meant.name, beside) or nearest(meant.stem, [Path(name).stem for name in beside])
        where = (
            f"the folder has a similar file, '{close}'"
            if close
            else f"no file in {meant.parent.absolute()} has a similar name"
        )
    close = nearest(meant.stem, shipped)
    known = f"did you mean '{close}', which is shipped?" if close else f"shipped are: {', '.join(shipped)}"
    return UsageError(f"{what} '{meant}': there is no such file, and no shipped one has that name; {where}; {known}")


def copy(kind: str, name: str, folder: Path) -> Path:
    """Copy a shipped file into ``folder`` for the user to change; refuses to overwrite."""
    source = find(kind, name)
    target = folder / source.name
    if target.exists():
        raise SemoError(f"{target}: exists already and is not overwritten")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise SemoError(f"{target}: cannot be written: {error.strerror}") from None
    return target
