"""How the report writes numbers, and what it does to texts that come from the data."""

from __future__ import annotations

import re
from typing import Any

UNITS = (
    ("_st_s", "semitones/s"), ("_syllables_s", "syllables/s"), ("_phones_s", "phones/s"), ("_hz", "Hz"),
    ("_st", "semitones"), ("_lufs", "LUFS"), ("_dbfs", "dBFS"), ("_db", "dB"), ("_s", "s"),
)  # fmt: skip
MINUS, ELLIPSIS, UNSEEN = "\u2212", "\u2026", "\ufffd"


def unit(measure: str) -> str:
    """The unit that stands in a column's name; empty for a ratio."""
    return next((name for ending, name in UNITS if measure.endswith(ending)), "")


def figure(value: float) -> str:
    """A number with about three figures, with a true minus sign."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign; nothing before a zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", MINUS)


def percent(part: float) -> str:
    """A share as per cent; what is there but rounds to nothing is not called nothing."""
    return "<1 %" if 0 < part < 0.005 else f"{100 * part:.0f} %"


def length(seconds: float) -> str:
    """A time as a person says it."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def visible(text: Any) -> str:
    """A text without control and direction characters, which would change how its surroundings read."""
    written = str(text)
    if written.isprintable():
        return written
    return "".join(c if c.isprintable() or c in "\n\t\u00a0\u3000" else UNSEEN for c in written)


def short(name: str) -> str:
    """A name that fits beside a chart, on one line."""
    line = visible(name).translate({ord("\n"): " ", ord("\t"): " "})
    return line if len(line) <= 11 else line[:10] + ELLIPSIS


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sort key that puts speaker 10 after speaker 9."""
    parts = (part for part in re.split("([0-9]+)", text) if part)
    return [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts]
