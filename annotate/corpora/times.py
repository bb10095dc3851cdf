"""Rows that are parts of a recording: which part, from what a table says of times.

A start with an end, or with a length, as audformat (``file, start, end``), NeMo (``offset, duration``) and many others
have them: in seconds, as a clock (``0:01:02.5``), as pandas writes time deltas (``0 days 00:00:10.5``) or with a unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

# virtual fields of a column map: they make an utterance's path
START, END, LENGTH = TIMES = ("start", "end", "length")
# compared as other columns' names are; with "ms" behind them they are in milliseconds
USUAL = {
    START: ("start", "starttime", "startsec", "starts", "startseconds", "begin", "begintime", "segmentstart", "onset",
            "offset", "tmin", "xmin", "tstart"),
    END: ("end", "endtime", "endsec", "ends", "endseconds", "stop", "stoptime", "segmentend", "tmax", "xmax", "tend"),
    LENGTH: ("duration", "length", "dur", "durationsec", "durations"),
}  # fmt: skip
MILLISECONDS = "ms"
CLOCK = re.compile(r"(?:(?P<days>\d+) days? ?,? ?)?(?:(?P<h>\d+):)?(?P<m>\d+):(?P<s>\d+(?:[.,]\d+)?)$")
UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 0.001, "min": 60.0}
NUMBER = re.compile(r"(?P<number>\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*(?P<unit>[a-z]*)$", re.IGNORECASE)
NOTHING = ("nat", "nan", "none", "null")
BEFORE = re.compile(r"-\s*\d")


def sources(usual: Mapping[str, str], mapped: Mapping[str, Any]) -> dict[str, str]:
    """Columns of usual names that say which part of its recording a row is: a start, and an end or a length.

    Args:
        usual: name of a column without case and separators -> the column.
        mapped: the fields that the user maps; what is mapped, or to null, is left alone.
    """
    if any(field in mapped for field in TIMES):
        return {}
    found = {field: _first(usual, names) for field, names in USUAL.items()}
    if "onset" in usual and "offset" in usual:  # of sound events: from, and up to
        found |= {START: usual["onset"], END: usual["offset"]}
    start, end, length = (found[field] for field in TIMES)
    if start is None or (end is None and length is None):
        return {}
    kept = {START: start, END: end} if end is not None else {START: start, LENGTH: length}
    return {field: column for field, column in kept.items() if column is not None}


def _first(usual: Mapping[str, str], names: Sequence[str]) -> str | None:
    both = (name for plain in names for name in (plain, plain + MILLISECONDS))
    return next((usual[name] for name in both if name in usual), None)


def part_of(found: Mapping[str, str | None], columns: Mapping[str, str]) -> tuple[float | None, float | None]:
    """From and up to when, in seconds; None for the recording's beginning or end.

    Args:
        found: field -> what the row holds.
        columns: field -> its column, whose name may say that it is in milliseconds.

    Raises:
        ValueError: what is no time, or no part; the message is the reason to put the row aside.
    """
    start, end, length = (_time(found.get(field), field, columns.get(field, field)) for field in TIMES)
    if length is not None and end is None:
        end = (start or 0.0) + length
    if end is not None and end <= (start or 0.0):
        raise ValueError(f"a part from {start or 0.0:g} to {end:g} s: it must end after it begins")
    return start, end


def _time(value: str | None, field: str, column: str) -> float | None:
    """Seconds of a cell; None where it holds nothing."""
    text = (value or "").strip()
    if not text or text.lower() in NOTHING:
        return None
    if BEFORE.match(text):
        raise ValueError(f"{column}: '{text[:40]}' lies before the recording's beginning")
    clock, number = CLOCK.match(text), NUMBER.match(text)
    if clock:
        hours = 24 * int(clock["days"] or 0) + int(clock["h"] or 0)
        return 3600.0 * hours + 60.0 * int(clock["m"]) + float(clock["s"].replace(",", "."))
    if number and number["unit"].lower() in UNITS:
        unit = number["unit"].lower()
        if not unit and column.lower().endswith((MILLISECONDS, "msec", "milliseconds")):
            unit = MILLISECONDS
        seconds = float(number["number"].replace(",", ".")) * UNITS[unit]
        if math.isfinite(seconds):
            return seconds
    way_out = f"corpus.options.columns.{field}=null leaves the column out"
    raise ValueError(
        f"{column}: '{text[:40]}' is not a time within a recording, in seconds or as 0:01:02.5 ({way_out})"
    )


def named(start: float | None, end: float | None) -> str:
    """What tells the parts of a recording apart in their ids: its times in milliseconds."""
    return f"{round(1000 * (start or 0.0)):07d}" + ("" if end is None else f"-{round(1000 * end):07d}")
