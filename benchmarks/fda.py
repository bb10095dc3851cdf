"""Pitch against the laryngograph on Bagshaw's FDA sentences: ``python benchmarks/fda.py DATA``.

Reference frame i lies at 0.015 * i seconds and is held against the estimate's nearest frame; outside the estimate's
frames nothing is voiced. Gross: more than 20 % off, of the frames voiced in both. Voicing: voiced in one of the two
alone, of all frames.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from annotate.audio.decode import decode
from annotate.features.pitch.praat import STEP_S, track

REFERENCE_STEP_S = 0.015
REACH = {"gross": 0.4, "voicing": 4.5}


def errors(folder: Path, speaker: str) -> dict[str, float]:
    """Gross and voicing error of one speaker, per cent."""
    gross = both = wrong = frames = 0
    for path in sorted(folder.glob(f"{speaker}*.flac")):
        found, truth = track(decode(path).recording), np.loadtxt(path.with_suffix(".f0ref"))
        times = REFERENCE_STEP_S * np.arange(len(truth))
        f0 = found.f0[np.abs(found.times[None] - times[:, None]).argmin(axis=1)]
        f0 = np.where((times < found.times[0] - STEP_S / 2) | (times > found.times[-1] + STEP_S / 2), 0.0, f0)
        agreed = (truth > 0) & (f0 > 0)
        gross += int((np.abs(f0[agreed] / truth[agreed] - 1) > 0.2).sum())
        both += int(agreed.sum())
        wrong += int(((truth > 0) != (f0 > 0)).sum())
        frames += len(truth)
    return {"gross": 100 * gross / both, "voicing": 100 * wrong / frames}


def main() -> int:
    folder = Path(sys.argv[1]) / "fda"
    lines = [
        (f"{speaker} {what}", value, REACH[what])
        for speaker in ("rl", "sb")
        for what, value in errors(folder, speaker).items()
    ]
    for what, value, reach in lines:
        print(f"{what:<12} {value:.2f} %   reach {reach} %   {'held' if value <= reach else 'MISSED'}")
    held = sum(value <= reach for _, value, reach in lines)
    print(f"{held} of {len(lines)} reaches hold")
    return int(held < len(lines))


if __name__ == "__main__":
    raise SystemExit(main())
