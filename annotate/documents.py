"""YAML and JSON from outside: read whole, or refused in one line, at a bounded cost whatever they hold.

A document may be a stranger's: a downloaded recipe, a manifest, a journal that a disk has damaged. So a file must be
a regular one (not a device that never ends) and not too large, nesting is bounded, and what aliases repeat counts as
often as it is repeated, before anything is built of it.
"""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import yaml

from annotate.errors import SemoError, UsageError

MOST_YAML_BYTES = 4 << 20
MOST_JSON_BYTES = 256 << 20
MOST_JSON_DEPTH = 200
MOST_NODES = 200_000  # of YAML, with what its aliases repeat
DEEPEST = 60
# PyYAML builds base-60 numbers digit group by digit group: a long one takes minutes
_LONG_NUMBER = re.compile(r"[-+]?[0-9][0-9_:.]{99,}")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_text(path: Path, most_bytes: int) -> str:
    """The text of a regular file of UTF-8.

    Raises:
        SemoError: it cannot be read, or is a device or a pipe, or larger than ``most_bytes``.
        UsageError: it is not UTF-8.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SemoError(f"{path}: cannot be read: not a file")
        if status.st_size > most_bytes:
            raise SemoError(f"{path}: {status.st_size:,} bytes; expected at most {most_bytes:,}")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise SemoError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # NUL in the path itself
        raise SemoError(f"{str(path)!r}: cannot be read: {error}") from None


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds one mapping of texts to values.

    Raises:
        SemoError: it cannot be read.
        UsageError: it holds something else, or more than the bounds allow; names file and line.
    """
    content = parse_yaml(read_text(path, MOST_YAML_BYTES), str(path))
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected a mapping of keys to values, found {type(content).__name__}")
    if not all(isinstance(key, str) for key in content):
        wrong = next(key for key in content if not isinstance(key, str))
        raise UsageError(f"{path}: expected text as keys, found {wrong!r}")
    return content


def packaged_yaml(path: Path) -> Any:
    """The content of a YAML file that the package ships: by libyaml's parser where it is there, ten times as fast."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # a safe loader in either case


def parse_yaml(text: str, where: str) -> Any:
    """The content of a YAML text.

    Args:
        text: of the document.
        where: what an error names: the file, or the key on the command line.

    Raises:
        UsageError: not valid, or beyond the bounds.
    """
    text = _quote_open(text)
    try:
        _check_bounds(text, where)
        return yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
        raise UsageError(f"{where}{line}: not valid YAML: {problem}") from None
    except (RecursionError, ValueError, OverflowError, TypeError) as error:
        raise UsageError(f"{where}: not valid YAML: {str(error)[:200]}") from None


def parse_json(text: str | bytes) -> Any:
    """The content of a JSON text.

    Raises:
        ValueError: not valid, or nested too deeply.
    """
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    # how deep json.loads itself goes depends on the version of Python; what walks the content goes less deep
    opened = text.count("[") + text.count("{") if isinstance(text, str) else text.count(b"[") + text.count(b"{")
    if opened > MOST_JSON_DEPTH and _deeper(content, MOST_JSON_DEPTH):
        raise ValueError("nested too deeply")
    return content


def _deeper(content: Any, most: int) -> bool:
    """Whether lists and mappings are nested more than so many times."""
    level = [content]
    for _ in range(most + 1):
        level = [
            below
            for value in level
            if isinstance(value, (list, dict))
            for below in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def read_json(path: Path, most_bytes: int = MOST_JSON_BYTES) -> Any:
    """The content of a JSON file.

    Raises:
        OSError: it cannot be read.
        ValueError: not valid, nested too deeply, not UTF-8, not a regular file, or larger than ``most_bytes``.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > most_bytes:
        raise ValueError("not a file, or too large a one")
    return parse_json(path.read_text(encoding="utf-8"))


def _check_bounds(text: str, where: str) -> None:
    """Refuse what would take too long, or too much memory, to build."""
    weights: dict[str | None, int] = {}  # anchor -> nodes within it, with what its own aliases repeat
    open_nodes: list[tuple[str | None, int]] = []
    nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = f"{where}, line {event.start_mark.line + 1 if event.start_mark else 1}"
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in (anchor for anchor, _ in open_nodes):
                raise UsageError(f"{line}: not valid YAML: *{str(event.anchor)[:40]} is inside what it repeats")
            nodes += weights.get(event.anchor, 0)
        elif isinstance(event, yaml.ScalarEvent):
            _check_scalar(event.value, bool(event.implicit[0]), line)
            nodes += 1
            weights[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, nodes))
            nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor is not None:
                weights[anchor] = nodes - before
        if len(open_nodes) > DEEPEST:
            raise UsageError(f"{line}: nested more than {DEEPEST} deep")
        if nodes > MOST_NODES:
            raise UsageError(f"{line}: more than {MOST_NODES:,} values, counting those that aliases repeat")


def _check_scalar(value: str, plain: bool, line: str) -> None:
    if "\0" in value:
        raise UsageError(f"{line}: not valid YAML: a NUL character")
    if plain and _LONG_NUMBER.fullmatch(value):
        raise UsageError(f"{line}: not valid YAML: a number of {len(value)} digits")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(f"{line}: not valid YAML: an incomplete character (a lone surrogate)") from None


def _quote_open(text: str) -> str:
    """``root: ???`` means "must be given"; YAML would read the bare marks within braces as a key of its own."""
    return re.sub(r"(:\s+)\?\?\?(?=\s*(?:[,}\]#]|$))", r'\1"???"', text, flags=re.MULTILINE)
