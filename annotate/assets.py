"""Templates, recipes and data manifests: found in a checkout or inside the wheel, read by name.

A file that the user names by its path always comes before a shipped one of the same name.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from annotate.errors import SemoError, UsageError, unknown_name

KINDS = {"recipes": ".yaml", "data_manifests": ".yaml", "templates": ".jinja2"}


@cache
def home(kind: str) -> Path:
    """The folder of the shipped files of one kind.

    The wheel carries them in ``annotate/shipped``; in a checkout they stand beside the package.
    """
    package = Path(__file__).resolve().parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind


def names(kind: str) -> list[str]:
    """Names of the shipped files of one kind, without the ending, folders kept: ``replies/paper``."""
    base, ending = home(kind), KINDS[kind]
    return sorted(p.relative_to(base).as_posix().removesuffix(ending) for p in base.rglob(f"*{ending}"))


def find(kind: str, name: str) -> Path:
    """The file that a user means by ``name``: a path of their own, or a shipped file.

    ``recipes/ravdess.yaml``, ``ravdess.yaml`` and ``ravdess`` all name the shipped recipe, unless
    such a file exists where the user stands.
    """
    own = Path(name)
    if own.is_file():
        return own
    ending = KINDS[kind]
    short = name.removeprefix(f"{kind}/").removesuffix(ending)
    shipped = home(kind) / f"{short}{ending}"
    if shipped.is_file() and short in names(kind):
        return shipped
    singular = {"recipes": "recipe", "data_manifests": "corpus manifest", "templates": "template"}[kind]
    raise unknown_name(singular, name, names(kind))


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds one mapping; anything else is an error that names file and line."""
    try:
        content = yaml.safe_load(_quote_open(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise UsageError(f"{path}{where}: not valid YAML: {problem}") from None
    except (RecursionError, ValueError) as error:
        raise UsageError(f"{path}: not valid YAML: {error}") from None
    except OSError as error:
        raise SemoError(f"{path}: cannot be read: {error.strerror}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected a mapping of keys to values, found {type(content).__name__}")
    if not all(isinstance(key, str) for key in content):
        wrong = next(key for key in content if not isinstance(key, str))
        raise UsageError(f"{path}: expected text as keys, found {wrong!r}")
    return content


def _quote_open(text: str) -> str:
    """``root: ???`` means "must be given"; YAML would read the bare marks within braces as a key of its own."""
    return re.sub(r"(:\s+)\?\?\?(?=\s*(?:[,}\]#]|$))", r'\1"???"', text, flags=re.MULTILINE)


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
