"""What ``semo-annotate verify`` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from annotate.captions.claims import source as sources
from annotate.captions.claims import verify as verifying
from annotate.captions.claims.judge import VERDICTS
from annotate.errors import UsageError


def verify(source: str, mapping: Sequence[str], output: Path | None, strict: bool = False) -> None:
    """Verify a data set: lines to a file or standard output, counts to the other."""
    tally = verifying.Tally()
    lines = verifying.verify(sources.rows(source, _mapping(mapping)), tally, strict)
    if output is not None:
        verifying.write(output, lines)
    else:
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))
    to = sys.stdout if output is not None else sys.stderr
    for text in summary(source, tally):
        print(text, file=to)


def summary(source: str, tally: verifying.Tally) -> list[str]:
    """The counts in sentences."""
    judged = sum(tally.verdicts.values())
    counts = ", ".join(f"{name} {tally.verdicts[name]}" for name in VERDICTS)
    lines = [f"{source}: {judged} captions: {counts}"]
    if tally.empty:
        lines.append(f"{tally.empty} of {tally.rows} rows have no caption and were not judged")
    for found, count in tally.unread.most_common(5):
        lines.append(f"{count} x {found}: not understood, taken as unknown")
    if tally.agreement:
        lines += _agreement(tally)
    return lines


def _agreement(tally: verifying.Tally) -> list[str]:
    """The file's verdicts against ours: a row for each verdict it states, and the three shares that count."""
    width = max(map(len, VERDICTS))
    lines = ["verdict in the file against verdict found:", " " * (width + 2) + "  ".join(VERDICTS)]
    for stated in VERDICTS:
        counts = "  ".join(f"{tally.agreement[stated, found]:>{len(found)}}" for found in VERDICTS)
        lines.append(f"{stated:<{width}}  {counts}")
    for what, part, whole in (
        ("contradictions found", tally.contradictions_found(), tally.stated("contradiction")),
        ("false alarms", tally.false_alarms(), tally.stated("ok", "missing")),
        ("unsupported found", tally.unsupported, tally.stated("unsupported")),
    ):
        lines.append(f"{what}: {_share(part, whole)}")
    return lines


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none to find"


def _mapping(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        ours, equals, theirs = one.partition("=")
        if not equals or not ours or not theirs:
            raise UsageError(f"--map {one}: expected COLUMN=NAME, for example --map caption=text")
        found[ours.strip()] = theirs.strip()
    return found
