"""The one exception that users see: what is wrong, where, what was expected, the nearest right name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from annotate.console import printable


class SemoError(Exception):
    """A failure that is told in one line and ends the command with exit code 1."""

    def __init__(self, message: str) -> None:
        # a name from a user's file may hold line breaks of any kind, and what a terminal would obey
        super().__init__(printable(" ".join(message.split())))


class UsageError(SemoError):
    """A wrong command, recipe or name: told in one line, exit code 2."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, or None where nothing comes close."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return close[0] if close else None


def unknown_name(what: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not among the known ones, with the nearest right one offered."""
    names = sorted(known)
    close = nearest(name, names)
    hint = f"did you mean '{close}'?" if close else f"known are: {', '.join(names) or 'none'}"
    return UsageError(f"{what} '{name}' is unknown; {hint}")
