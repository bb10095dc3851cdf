"""The counts of a verification, as a person reads them."""

from __future__ import annotations

from annotate.captions.reading.judge import VERDICTS
from annotate.captions.reading.verify import Tally


def lines(source: str, tally: Tally) -> list[str]:
    """The counts in sentences."""
    judged = sum(tally.verdicts.values())
    counts = ", ".join(f"{name} {tally.verdicts[name]}" for name in VERDICTS)
    shown = [f"{source}: {judged} captions: {counts}"]
    if tally.empty:
        shown.append(f"{tally.empty} of {tally.rows} rows have no caption and were not judged")
    for value, count in tally.unread.most_common(5):
        shown.append(f"{count} x {value}: not understood, treated as unknown")
    if tally.claims:
        shown += _claims(tally)
    if tally.agreement:
        shown += _agreement(tally)
    return shown


def _claims(tally: Tally) -> list[str]:
    """A row for each thing that captions speak of: claims that hold, are false, cannot be told, and rows untold."""
    columns = {"holds": "hold", "false": "false", "unknown": "not understood", "untold": "not told"}
    width = max(len(name) for name in ("claims about", *tally.about()))
    lines = [f"{'claims about':<{width}}  " + "  ".join(f"{name:>14}" for name in columns.values())]
    for about in tally.about():
        counts = "  ".join(f"{tally.claims[about, outcome]:>14}" for outcome in columns)
        lines.append(f"{about:<{width}}  {counts}")
    return lines


def _agreement(tally: Tally) -> list[str]:
    """The file's verdicts against ours: a row for each verdict it states, and the three shares that count."""
    width = max(map(len, VERDICTS))
    lines = ["verdict in the file against verdict found:", " " * (width + 2) + "  ".join(VERDICTS)]
    for stated in VERDICTS:
        counts = "  ".join(f"{tally.agreement[stated, verdict]:>{len(verdict)}}" for verdict in VERDICTS)
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
