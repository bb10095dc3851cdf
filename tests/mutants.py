"""Mutants of whatever is read, and what no reader may do with them: the harness that all mutation tests share.

A reader is a function of the mutant's file. It may return, or refuse with one ``SemoError``. Everything else is a
fault: another exception, a line that says "unexpected" or nothing, taking longer than ``LONGEST_S``, and, where the
caller says how to compare, a value that differs from the whole file's without anything that says so.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.errors import SemoError

LONGEST_S = 20.0
PIECES = [
    "{", "}", "[", "]", ":", ": ", "- ", "&a ", "*a", "!!python/object:os.system ", "???", "null", "1e999",
    "\t", "\x00", "\ud7ff", "'", '"', "#", "|", ">", "<<: ", "yes", "-1", "0x", "\u2028", "%", "@", "~", "\n", "  ",
    "\u202e", "\x1b[31m", "../../x", "/dev/zero", "9" * 5000, "[" * 3000, "{{ 1/0 }}", "NaN", ",", ";",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, -1, 0, 10**30, float("nan"), float("inf"), "", "x" * 10_000, "../../x", "/dev/zero", "\u202e", "a\0b",
    "\ud800", [], {}, [[]], [1, 2, 3], {"a": 1},
]  # fmt: skip
SIZES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


class Hang(BaseException):
    """A reader took longer than it may; no ``except Exception`` swallows it."""


@dataclass(frozen=True)
class Fault:
    """What a reader did wrong, and which mutant made it do so: kind and number give the same mutant again."""

    kind: str
    number: int
    mutation: str
    what: str


@dataclass
class Outcome:
    """What became of the mutants of one kind of file."""

    read: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)

    def require_none(self) -> None:
        """Fail with the first faults, each with what makes it again."""
        lines = [f"{one.kind} {one.number} ({one.mutation}): {one.what}" for one in self.faults[:5]]
        assert not self.faults, f"{len(self.faults)} faults in {self.read + self.refused}\n" + "\n".join(lines)


def of_bytes(content: bytes, chance: random.Random) -> tuple[bytes, str]:
    """A file with bytes cut, flipped, repeated, moved or overwritten; half of the time in its first 512."""
    data, ways = bytearray(content), []
    for _ in range(chance.randint(1, 3)):
        if not data:
            break
        at = chance.randrange(min(len(data), 512) if chance.random() < 0.5 else len(data))
        way = chance.choice(("cut", "flip", "byte", "size", "remove", "insert", "repeat", "zero", "swap"))
        ways.append(f"{way}@{at}")
        length = chance.randint(1, max(1, len(data) // 8))
        if way == "cut":
            del data[chance.randrange(len(data)) :]
        elif way == "flip":
            data[at] ^= 1 << chance.randrange(8)
        elif way == "byte":
            data[at] = chance.randrange(256)
        elif way == "size":
            wide = chance.choice((2, 4, 8))
            value = chance.choice(SIZES) & ((1 << 8 * wide) - 1)
            data[at : at + wide] = value.to_bytes(wide, chance.choice(("little", "big")))
        elif way == "remove":
            del data[at : at + length]
        elif way == "insert":
            data[at:at] = chance.randbytes(min(length, 4096))
        elif way == "repeat":
            data[at:at] = data[at : at + min(length, 1 << 16)]
        elif way == "zero":
            data[at : at + length] = bytes(len(data[at : at + length]))
        else:
            other = chance.randrange(len(data))
            size = min(length, 64)
            one, two = bytes(data[at : at + size]), bytes(data[other : other + size])
            data[at : at + size] = two
            data[other : other + size] = one
    return bytes(data), " ".join(ways)


def of_text(text: str, chance: random.Random) -> tuple[str, str]:
    """Text with pieces put in, taken out, shuffled by line, repeated or replaced."""
    ways = []
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        way = chance.choice(("put in", "taken out", "shuffled", "repeated", "replaced"))
        ways.append(f"{way}@{at}")
        if way == "put in":
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif way == "taken out":
            text = text[:at] + text[at + chance.randint(1, 12) :]
        elif way == "shuffled":
            lines = text.splitlines(keepends=True)
            chance.shuffle(lines)
            text = "".join(lines)
        elif way == "repeated":
            text = text[:at] + text[max(0, at - chance.randint(1, 40)) :]
        else:
            text = text.replace(chance.choice([": ", "_", "e", "1", '"', ","]), chance.choice(PIECES), 1)
    return text, " ".join(ways)


def of_json(content: Any, chance: random.Random) -> tuple[Any, str]:
    """Parsed JSON or YAML with values of other types, keys gone or renamed, lists grown: well formed and wrong."""
    content = json.loads(json.dumps(content))
    ways = []
    for _ in range(chance.randint(1, 3)):
        where, holder, key = _somewhere(content, chance)
        if holder is None:
            content = copy.deepcopy(chance.choice(VALUES))
            ways.append("all replaced")
            continue
        way = chance.choice(("replace", "replace", "remove", "rename", "wrap", "deep"))
        ways.append(f"{way} {where}")
        if way == "replace":
            holder[key] = copy.deepcopy(chance.choice(VALUES))
        elif way == "remove":
            del holder[key]
        elif way == "rename" and isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key)
        elif way == "wrap":
            holder[key] = [holder[key]]
        elif way == "deep":
            nested: Any = holder[key]
            for _ in range(80):
                nested = [nested]
            holder[key] = nested
    return content, ", ".join(ways)


def _somewhere(content: Any, chance: random.Random) -> tuple[str, Any, Any]:
    """A random place within: its path, the list or mapping that holds it, the key there."""
    path, holder, key = "", None, None
    while isinstance(content, (dict, list)) and content:
        holder, key = content, chance.choice(list(content) if isinstance(content, dict) else range(len(content)))
        path, content = f"{path}/{key}", holder[key]
        if chance.random() < 0.3:
            break
    return path, holder, key


Mutate = Callable[[random.Random], tuple[bytes, str]]


def bytes_of(path: Path) -> Mutate:
    """Mutants of a file's bytes."""
    content = path.read_bytes()
    return lambda chance: of_bytes(content, chance)


def text_of(path: Path) -> Mutate:
    """Mutants of a text file: of its text, or of its bytes."""
    content = path.read_bytes()

    def mutate(chance: random.Random) -> tuple[bytes, str]:
        if chance.random() < 0.3:
            return of_bytes(content, chance)
        text, ways = of_text(content.decode("utf-8"), chance)
        return text.encode("utf-8", "surrogatepass"), ways

    return mutate


def json_of(path: Path, dump: Callable[[Any], str] = json.dumps, load: Callable[[str], Any] = json.loads) -> Mutate:
    """Mutants of a JSON (or, with ``yaml``'s functions, YAML) file: of its content, its text or its bytes."""
    plain, content = text_of(path), load(path.read_text(encoding="utf-8"))

    def mutate(chance: random.Random) -> tuple[bytes, str]:
        if chance.random() < 0.4:
            return plain(chance)
        changed, ways = of_json(content, chance)
        return dump(changed).encode("utf-8", "surrogatepass"), ways

    return mutate


def hold(
    kind: str,
    count: int,
    mutate: Mutate,
    read: Callable[[Path], Any],
    path: Path,
    *,
    differs: Callable[[Any], str | None] = lambda result: None,
    also: Sequence[type[BaseException]] = (),
    longest_s: float = LONGEST_S,
) -> Outcome:
    """Have ``count`` mutants of a file read.

    Args:
        kind: what is read; seeds the mutants, so that the same kind and number give the same mutant.
        count: how many.
        mutate: makes a mutant, and says what it did.
        read: reads the file.
        path: where the mutant is put.
        differs: given what was read, says how it differs from the whole file's in silence; None where it does not.
        also: exceptions by which this reader refuses, beside ``SemoError`` (``Refused`` of the decoder, for one).
        longest_s: longer is a hang.
    """
    outcome = Outcome()
    for number in range(count):
        content, mutation = mutate(random.Random(f"{kind} {number}"))
        if path.is_dir():
            raise AssertionError(f"{path}: expected a file")
        path.write_bytes(content)
        what = _judged(read, path, differs, (SemoError, *also), longest_s, outcome)
        if what is not None:
            outcome.faults.append(Fault(kind, number, mutation, what))
    return outcome


def _judged(
    read: Callable[[Path], Any],
    path: Path,
    differs: Callable[[Any], str | None],
    refusals: tuple[type[BaseException], ...],
    longest_s: float,
    outcome: Outcome,
) -> str | None:
    began = time.monotonic()
    try:
        with _limit(longest_s):
            result = read(path)
    except refusals as refused:
        outcome.refused += 1
        what = _wrong_line(str(refused))
    except Hang:
        what = f"took longer than {longest_s:g} s"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}:{place.lineno})"
    else:
        outcome.read += 1
        what = differs(result)
    if what is None and time.monotonic() - began > longest_s:
        what = f"took longer than {longest_s:g} s"
    return what


def _wrong_line(line: str) -> str | None:
    if not line.strip():
        return "refused without a word"
    if "unexpected:" in line.lower() or "Traceback" in line:
        return f"refused with {line[:200]!r}"
    return f"refused with a line of {len(line)} characters" if len(line) > 2000 else None


@contextlib.contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Break off what takes too long, where the platform has timers for it."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
