"""Speaking rate from the signal alone, against the syllables of the known text over the time spoken.

No hand labels of time were at hand for these corpora: the time spoken is the package's own (``voice`` has its
error), so that what is tested is the counting. The slopes are those fitted without the corpus tested
(``held_out/rate.json``); bands, smoothings and dips of the estimator were chosen looking at all of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from annotate.features.rate import signal
from benchmarks.accuracy.line import Line
from benchmarks.fit import rate as fitting
from benchmarks.fit.files import HELD_OUT

REACH = 0.80
NAMES = {"emodb": "EmoDB (German)", "ravdess": "RAVDESS", "fda": "FDA"}
TOLD = ("rate_syllables_s",)


def lines(data: Path, workers: int) -> list[Line]:
    """Correlation and mean error of each corpus."""
    fits = json.loads((HELD_OUT / "rate.json").read_text(encoding="utf-8"))["without"]
    found = []
    for corpus, name in NAMES.items():
        rows = fitting.measured(data, workers, (corpus,))
        truth = np.array([rate for _, rate, _ in rows])
        read = np.array([signal.joined(views, fits[corpus]) for _, _, views in rows])
        enough = len(rows) > 2
        r = float(np.corrcoef(read, truth)[0, 1]) if enough else None
        said = f"{len(rows)} clips whose text is whole; slopes fitted without {corpus}" if enough else "too few clips"
        how = (said, TOLD, "rate: signal")
        found.append(Line(f"rate from the signal: correlation, {name}", r, REACH, False, "", *how))
        off = 100 * float(np.mean(np.abs(read / truth - 1))) if enough else None
        found.append(Line(f"rate from the signal: mean error, {name}", off, None, True, "%", *how))
    return found
