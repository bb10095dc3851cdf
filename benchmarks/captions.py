"""What is claimed of captions: ``python -m benchmarks.captions DATA [--json FILE]``.

DATA/ravdess holds the recordings. Parts (``--parts``): ``labelled`` (the check against captions labelled by people),
``steered`` and ``free`` (SmolLM2 on RAVDESS), ``speed`` (llamacpp in batches against transformers row by row),
``hostile`` (transcripts that try to be more than data), ``faults`` (a server that misbehaves) and ``counterfactuals``
(every fact of every caption exchanged, and clips changed by a known amount). With ``--work`` the
outputs are kept, and what a broken-off run was answered is not asked again. ``--judge`` is a GGUF file of another model
than the writer, for the perplexity.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import captions_faults, captions_labelled, captions_ravdess, captions_speed, counterfactuals
from benchmarks.captions_options import Given
from benchmarks.table import Line, show

PARTS: dict[str, Callable[[Given], list[Line]]] = {
    "labelled": lambda given: captions_labelled.lines(),
    "steered": lambda given: captions_ravdess.steered(given),
    "free": lambda given: captions_ravdess.free(given),
    "speed": lambda given: captions_speed.lines(given),
    "hostile": lambda given: captions_ravdess.hostile(given),
    "faults": lambda given: captions_faults.lines(given.work),
    "counterfactuals": lambda given: counterfactuals.lines(given.data, given.work / "ravdess", os.cpu_count() or 1),
}


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("data", type=Path)
    reader.add_argument("--json", type=Path)
    reader.add_argument("--parts", default=",".join(PARTS))
    reader.add_argument("--work", type=Path)
    reader.add_argument("--rows", type=int, help="of RAVDESS, drawn by a seed; default all")
    reader.add_argument("--threads", type=int, help="of llama.cpp; default one a core")
    reader.add_argument("--judge", type=Path)
    reader.add_argument("--read", type=Path, help="write 100 steered captions with their facts here, to be read")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = asked.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        given = Given(asked.data, work, asked.rows, asked.threads, asked.judge, asked.read)
        lines = [line for part in asked.parts.split(",") for line in PARTS[part](given)]
        return show(lines, asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
