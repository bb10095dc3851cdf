"""How wrong each measurement is: ``python -m benchmarks.accuracy DATA [--json FILE] [--known] [--only SUBJECT]``.

Prints a table and how many reaches hold; ends with 1 where one is missed. ``DATA`` is a folder of the layout that
``benchmarks/recordings.py`` describes.

Each line has two figures: at hand, with what is shipped, and nested, with the settings and coefficients that speakers
and corpora other than the scored ones give. The nested one is judged and is what users are shown. Where nothing was
chosen or fitted both are the same; where there is no nested one, that at hand is shown, with what was chosen looking
at it.

``--known`` writes the figures into the file that the report and the card read; with ``--only``, figures of other
subjects stay there.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from annotate.features import known_errors
from benchmarks import table
from benchmarks.accuracy.line import Line

SUBJECTS = ("pitch", "gender", "transcript_rate", "rate", "loudness", "voice", "stability", "recognition")
NOTHING_FITTED = ("loudness", "voice", "recognition")  # standards, published methods and models as they come


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path, help="write the table as JSON")
    parser.add_argument("--known", action="store_true", help=f"write {known_errors.FILE.name} of the package anew")
    parser.add_argument("--only", action="append", choices=SUBJECTS, help="one subject; may be given several times")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    if not chosen.data.is_dir():
        parser.error(f"{chosen.data}: there is no such folder")
    lines: list[Line] = []
    for subject in chosen.only or SUBJECTS:
        module = import_module(f"benchmarks.accuracy.{subject}")
        made = module.lines(chosen.data, chosen.workers)
        lines += [replace(line, nested=line.reached) for line in made] if subject in NOTHING_FITTED else made
    status = table.show(lines, chosen.json)
    if chosen.known:
        new = [known(line) for line in lines if line.tells and line.shown is not None]
        told = {one.what for one in new} if chosen.only else {one.what for one in known_errors.all_errors()}
        known_errors.write([one for one in known_errors.all_errors() if one.what not in told] + new)
    return status


def known(line: Line) -> known_errors.KnownError:
    """A line as the report and the card tell it."""
    reach = f"{'at most' if line.at_most else 'at least'} {line.reach:g}" if line.reach is not None else ""
    reached = f"{line.shown:.3g} {line.unit}".rstrip()
    return known_errors.KnownError(line.estimator, line.tells, line.what, reached, reach, line.held, line.note)


if __name__ == "__main__":
    raise SystemExit(main())
