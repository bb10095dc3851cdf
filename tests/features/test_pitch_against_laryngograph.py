"""Pitch against the laryngograph, on a few real sentences."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from conftest import SHARED

from annotate.audio.decode import decode
from annotate.features.pitch.praat import track


def test_fda_pitch_against_the_laryngograph() -> None:
    """Gross errors on a few real sentences of a man and a woman; the bench has them all."""
    folder = SHARED / "data" / "fda"
    if not folder.is_dir():
        pytest.skip("the FDA sentences are not here (../shared/data/fda)")
    for speaker in ("rl", "sb"):
        gross = both = truly = 0
        for number in (1, 2, 3, 4):
            path = folder / f"{speaker}{number:03d}.flac"
            assert soundfile.info(str(path)).samplerate == 20000
            found = track(decode(path).recording)
            truth = np.loadtxt(path.with_suffix(".f0ref"))
            near = np.clip(np.searchsorted(found.times, 0.015 * np.arange(len(truth))), 0, len(found.times) - 1)
            f0 = found.f0[near]
            voiced = (truth > 0) & (f0 > 0)
            truly += int((truth > 0).sum())
            both += int(voiced.sum())
            gross += int((np.abs(f0[voiced] / truth[voiced] - 1) > 0.2).sum())
        assert both > 0.85 * truly
        assert gross <= 0.02 * both
