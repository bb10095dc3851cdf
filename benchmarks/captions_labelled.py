"""The check against labelled captions: the regression files together, and each by itself."""

from __future__ import annotations

from pathlib import Path

from annotate.captions.caption_rows import rows
from annotate.captions.reading.verify import Tally, verify
from benchmarks.table import Line

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "data" / "claims" / "regression"


def lines() -> list[Line]:
    """Three shares with their reaches on all captions, then on each file without."""
    files = sorted(FOLDER.glob("*.jsonl"))
    shares = _lines("labelled", files, reach=True)
    for file in files:
        shares += _lines(f"  {file.stem}", [file], reach=False)
    return shares


def _lines(what: str, files: list[Path], reach: bool) -> list[Line]:
    tally = Tally()
    for file in files:
        for _ in verify(rows(str(file), {}), tally):
            pass
    shares = [
        ("contradictions found", tally.contradictions_found(), tally.stated("contradiction"), 99.0),
        ("false alarms", tally.false_alarms(), tally.stated("ok", "missing"), 2.0),
        ("unsupported found", tally.unsupported, tally.stated("unsupported"), 95.0),
    ]
    return [
        Line(f"{what}: {name}", 100 * part / whole if whole else None, wanted if reach else None,
             at_most=name == "false alarms", unit="%", note=f"{part} of {whole}")
        for name, part, whole, wanted in shares
    ]  # fmt: skip
