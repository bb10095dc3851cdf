"""Why a recording is put aside."""

from __future__ import annotations


class Refused(Exception):
    """The recording is not measured; the message is the reason."""


def seconds_or_bytes(amount: int, per_second: float | None) -> str:
    """An amount of samples in bytes as people read it: in seconds where the byte rate is known."""
    return f"{amount / per_second:.2f} s" if per_second else f"{amount:,} bytes"


def truncated(there: int, promised: int, per_second: float | None) -> Refused:
    """The refusal of a file that holds fewer bytes of samples than its header promises."""
    of = seconds_or_bytes(promised, per_second)
    return Refused(f"truncated: the file contains only {seconds_or_bytes(max(0, there), per_second)} of {of}")
