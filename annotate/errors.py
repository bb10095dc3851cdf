"""The one exception that users see: what is wrong, where, what was expected, the nearest right name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from annotate.console import printable

LONGEST_LINE = 1800  # a damaged file may hold anything in place of a name
LONGEST_NAME = 120  # of what is unknown


class SemoError(Exception):
    """A failure that is told in one line and ends the command with exit code 1."""

    def __init__(self, message: str) -> None:
        # a name from a user's file may hold line breaks of any kind, and what a terminal would obey
        line = printable(" ".join(message.split()))
        super().__init__(line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 4]} ...")


class UsageError(SemoError):
    """A wrong command, recipe or name: told in one line, exit code 2."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, or None where nothing comes close."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return close[0] if close else None


def unknown_name(what: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not among the known ones, with the nearest right one offered."""
    names = sorted(known)
    close = nearest(name[:LONGEST_NAME], names)
    hint = f"did you mean '{close}'?" if close else f"known are: {', '.join(names) or 'none'}"
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
    return UsageError(f"{what} '{shown}' is unknown; {hint}")
