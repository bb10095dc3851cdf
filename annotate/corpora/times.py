"""Rows that are parts of a recording: which part, from what a table says of times.

A start with an end, or with a length, as audformat (``file, start, end``), NeMo (``offset, duration``) and many others
have them: in seconds, as a clock (``0:01:02.5``), as pandas writes time deltas (``0 days 00:00:10.5``) or with a unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from annotate.errors import UsageError

# virtual fields of a column map: they make an utterance's path
START, END, LENGTH = TIMES = ("start", "end", "length")
# what names of columns are made of, compared as other columns' names are: segment_start, endTimeMs, Duration [s]
SAYS = {
    START: "start|begin|beginning|beg|onset|from|tmin|xmin|t0",
    END: "end|stop|finish|until|to|tmax|xmax|t1",
    LENGTH: "duration|dur|length|len",
}
AROUND = (
    "time|times|timestamp|ts|t|clip|utterance|utt|segment|seg|audio|turn|chunk|part|cut|sentence|point|position|pos"
)
COLUMN_UNITS = {
    1.0: "s|sec|secs|second|seconds", 0.001: "ms|msec|msecs|millis|millisecond|milliseconds",
    1e-6: "us|usec|usecs|microsecond|microseconds", 60.0: "min|mins|minutes",
}  # fmt: skip
COUNTED = "sample|samples|frame|frames"
CLOCK = re.compile(r"(?:(?P<days>\d+) days? ?,? ?)?(?:(?P<h>\d+):)?(?P<m>\d+):(?P<s>\d+(?:[.,]\d+)?)$")
UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 0.001, "min": 60.0}
NUMBER = re.compile(r"(?P<number>\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*(?P<unit>[a-z]*)$", re.IGNORECASE)
SQUEEZED = re.compile(r"[\s_.()\[\]-]")
NOTHING = ("nat", "nan", "none", "null")
BEFORE = re.compile(r"-\s*\d")


def sources(names: Iterable[str], mapped: Mapping[str, Any], where: str) -> dict[str, str]:
    """Columns of usual names that say which part of its recording a row is: a start, and an end or a length.

    Args:
        names: the columns of the table.
        mapped: the fields that the user maps; what is mapped, or to null, is left alone.
        where: the table, for errors.

    Raises:
        UsageError: they count samples or frames, which are no times without a rate.
    """
    if any(field in mapped for field in TIMES):
        return {}
    squeezed = {SQUEEZED.sub("", name).lower(): name for name in names}
    columns = {field: _shortest(squeezed, says) for field, says in SAYS.items()}
    onset, offset = _shortest(squeezed, "onset"), _shortest(squeezed, "offset")
    if onset and offset:  # of sound events: from, and up to
        columns |= {START: onset, END: offset}
    elif columns[START] is None:
        columns[START] = offset
    if "t0" not in squeezed and "t1" in squeezed and "t2" in squeezed:
        columns |= {START: squeezed["t1"], END: squeezed["t2"]}
    start, end, length = (columns[field] for field in TIMES)
    if start is None or (end is None and length is None):
        return _refuse_counts(squeezed, where)
    kept = {START: start, END: end} if end is not None else {START: start, LENGTH: length}
    return {field: column for field, column in kept.items() if column is not None}


def _shortest(squeezed: Mapping[str, str], says: str, units: str = "|".join(COLUMN_UNITS.values())) -> str | None:
    pattern = re.compile(rf"(?:{AROUND})*(?:{says})(?:{AROUND})*(?:{units})?")
    return squeezed.get(min((name for name in squeezed if pattern.fullmatch(name)), key=len, default=""))


def _refuse_counts(squeezed: Mapping[str, str], where: str) -> dict[str, str]:
    """No columns, where none counts samples or frames from a start to an end either."""
    start, end, length = (_shortest(squeezed, says, f"in(?:{COUNTED})|{COUNTED}") for says in SAYS.values())
    if start is None or (end is None and length is None):
        return {}
    raise UsageError(
        f"{where}: columns '{start}' and '{end or length}' count samples or frames, but the times of a segment are "
        "expected in seconds; add such columns, or read whole recordings with corpus.options.columns.start=null"
    )


def part_of(values: Mapping[str, str | None], columns: Mapping[str, str]) -> tuple[float | None, float | None]:
    """From and up to when, in seconds; None for the recording's beginning or end.

    Args:
        values: field -> what the row holds.
        columns: field -> its column, whose name may say that it is in milliseconds.

    Raises:
        ValueError: what is no time, or no part; the message is the reason to put the row aside.
    """
    start, end, length = (_time(values.get(field), field, columns.get(field, field)) for field in TIMES)
    if length is not None and end is None:
        end = (start or 0.0) + length
    if end is not None and end <= (start or 0.0):
        raise ValueError(f"a segment from {start or 0.0:g} to {end:g} s: it must end after it starts")
    return start, end


def _time(value: str | None, field: str, column: str) -> float | None:
    """Seconds of a cell; None where it holds nothing."""
    text = (value or "").strip()
    if not text or text.lower() in NOTHING:
        return None
    if BEFORE.match(text):
        raise ValueError(f"{column}: '{text[:40]}' is before the beginning of the recording")
    clock, number = CLOCK.match(text), NUMBER.match(text)
    if clock:
        hours = 24 * int(clock["days"] or 0) + int(clock["h"] or 0)
        return 3600.0 * hours + 60.0 * int(clock["m"]) + float(clock["s"].replace(",", "."))
    if number and number["unit"].lower() in UNITS:
        unit = number["unit"].lower()
        seconds = float(number["number"].replace(",", ".")) * (UNITS[unit] if unit else _unit(column))
        if math.isfinite(seconds):
            return seconds
    way_out = f"corpus.options.columns.{field}=null leaves the column out"
    raise ValueError(
        f"{column}: '{text[:40]}' is not a time within a recording, in seconds or as 0:01:02.5 ({way_out})"
    )


@cache  # of every row's start and end
def _unit(column: str) -> float:
    """Seconds of the unit that a column's name ends with; 1 where it names none."""
    name = SQUEEZED.sub("", column).lower()
    for seconds, names in COLUMN_UNITS.items():
        if re.search(rf"(?:{'|'.join(SAYS.values())}|offset|{AROUND})(?:in)?(?:{names})$", name):
            return seconds
    return 0.001 if name.endswith("ms") else 1.0


def named(start: float | None, end: float | None) -> str:
    """What tells the parts of a recording apart in their ids: its times in milliseconds."""
    return f"{round(1000 * (start or 0.0)):07d}" + ("" if end is None else f"-{round(1000 * end):07d}")
