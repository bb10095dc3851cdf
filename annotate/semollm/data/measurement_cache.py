"""Measurements of clips on disk: computed once for a recording, as the encoder's output is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE
from annotate.semollm.data.corpus import Corpus, CorpusClip
from annotate.semollm.model.measurements import NAMES, Numbers, measure, version
from annotate.store import files


def ensure(
    corpus: Corpus, clips: Sequence[CorpusClip], folder: Path, max_s: float, tell: Callable[[int], None]
) -> dict[str, Numbers]:
    """Clip id -> its measurements, kept on disk like the encoder's output and computed where they are lacking."""
    measures: dict[str, Numbers] = {}
    place = folder / f"measures-{version()}"
    for clip in clips:
        digest, samples = corpus.audio(clip)
        taken = samples[: round(max_s * RATE)]
        path = place / digest[:2] / f"{digest[:32]}-{len(taken)}.npy"
        measures[clip.id] = _kept(path, taken)
        tell(1)
    return measures


def _kept(path: Path, samples: NDArray[np.float32]) -> Numbers:
    try:
        held: Numbers = np.load(path)
        if held.shape == (len(NAMES),):
            return held
    except Exception:  # numpy reads the header as a line of Python, and lets through whatever that raises
        pass
    values = measure(samples)
    files.write(path, lambda temporary: _put(temporary, values))
    return values


def _put(path: Path, values: Numbers) -> None:
    with open(path, "wb") as file:
        np.save(file, values)
