"""Nothing lost, nothing repeated: ``python -m benchmarks.faults DATA [--moments N] [--only PART] [--json FILE]``.

``DATA`` holds ``ravdess/`` with the recordings of RAVDESS. Takes an hour and more on two cores with the thirty
moments that are asked for; ``--moments 3`` is a short try. Prints a table, and ends with 1 where a reach is missed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults import broken, changes, elsewhere, kills, trouble
from benchmarks.faults.runs import digest, run
from benchmarks.table import Line, show

PARTS = ("broken", "trouble", "changes", "kills", "shares", "ray")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--moments", type=int, default=30, help="random moments of kill -9 in every stage")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; may be given several times")
    parser.add_argument("--json", type=Path, help="write the table as JSON")
    chosen = parser.parse_args()
    if not (chosen.data / "ravdess").is_dir():
        parser.error(f"{chosen.data}: holds no folder 'ravdess'")
    with tempfile.TemporaryDirectory() as folder:
        lines = [line for part in chosen.only or PARTS for line in _part(part, chosen, Path(folder))]
    return show(lines, chosen.json)


def _part(part: str, chosen: argparse.Namespace, folder: Path) -> Sequence[Line]:
    work = folder / part
    work.mkdir()
    clips = sum(1 for path in (chosen.data / "ravdess").rglob("*.*") if path.suffix in (".wav", ".flac"))
    what, whole = f"RAVDESS, {clips} clips", kills.ravdess(chosen.data)
    print(f"{part} ...", flush=True)
    if part == "broken":
        return broken.lines(work)
    if part == "kills":
        return kills.lines(work, whole, chosen.moments, what)
    if part in ("trouble", "changes"):
        arguments = trouble.few(chosen.data, work / "corpus")
        held = trouble.Trouble(work, arguments)
        return held.lines() if part == "trouble" else changes.lines(work, arguments, held.unbroken)
    unbroken = folder / "unbroken"
    run(unbroken, *whole)  # what an earlier part has done stays done
    return (elsewhere.ray if part == "ray" else elsewhere.shares)(work, whole, digest(unbroken), what)


if __name__ == "__main__":
    raise SystemExit(main())
