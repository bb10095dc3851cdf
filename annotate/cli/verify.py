"""What ``semo-annotate verify`` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from annotate import console
from annotate.captions import source as sources
from annotate.captions.reading import verify as verifying
from annotate.captions.reading.judge import VERDICTS
from annotate.errors import SemoError, UsageError

GRAVITY = ("contradiction", "unsupported", "missing")  # the worst first


def verify(
    source: str, mapping: Sequence[str], output: Path | None, strict: bool = False, fail_on: str | None = None
) -> None:
    """Verify a data set: lines to a file or standard output, counts to the other.

    Raises:
        SemoError: the source cannot be read; or, with ``fail_on``, a caption is as bad as that, or none was judged.
    """
    tally = verifying.Tally()
    named = _mapping(mapping)
    # a corpus whose column of volume is called energy means volume by the word, also in its captions
    energy = named.get("volume", "").lower() == "energy"
    lines = verifying.verify(sources.rows(source, named), tally, strict, energy)
    if output is not None:
        verifying.write(output, lines)
    else:
        for line in lines:
            console.show(json.dumps(line, ensure_ascii=False))
    to = sys.stdout if output is not None else sys.stderr
    for text in summary(source, tally):
        console.show(text, file=to)
    if fail_on is not None:
        _gate(source, tally, fail_on)


def _gate(source: str, tally: verifying.Tally, mildest: str) -> None:
    """Fail where a caption has this verdict or a worse one."""
    bad = {name: tally.verdicts[name] for name in GRAVITY[: GRAVITY.index(mildest) + 1] if tally.verdicts[name]}
    if bad:
        counts = ", ".join(f"{name} {count}" for name, count in bad.items())
        raise SemoError(f"{source}: {counts} of {sum(tally.verdicts.values())} captions (--fail-on {mildest})")
    if not sum(tally.verdicts.values()):
        raise SemoError(f"{source}: no row has a caption, so none was judged (--fail-on {mildest})")


def summary(source: str, tally: verifying.Tally) -> list[str]:
    """The counts in sentences."""
    judged = sum(tally.verdicts.values())
    counts = ", ".join(f"{name} {tally.verdicts[name]}" for name in VERDICTS)
    lines = [f"{source}: {judged} captions: {counts}"]
    if tally.empty:
        lines.append(f"{tally.empty} of {tally.rows} rows have no caption and were not judged")
    for found, count in tally.unread.most_common(5):
        lines.append(f"{count} x {found}: not understood, taken as unknown")
    if tally.claims:
        lines += _claims(tally)
    if tally.agreement:
        lines += _agreement(tally)
    return lines


def _claims(tally: verifying.Tally) -> list[str]:
    """A row for each thing that captions speak of: claims that hold, are false, cannot be told, and rows untold."""
    columns = {"holds": "hold", "false": "false", "unknown": "not understood", "untold": "not told"}
    width = max(len(name) for name in ("claims about", *tally.about()))
    lines = [f"{'claims about':<{width}}  " + "  ".join(f"{name:>14}" for name in columns.values())]
    for about in tally.about():
        counts = "  ".join(f"{tally.claims[about, outcome]:>14}" for outcome in columns)
        lines.append(f"{about:<{width}}  {counts}")
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
