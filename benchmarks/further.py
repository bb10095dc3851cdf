"""How far measurements move under the disturbances that ``sure.json`` is not fitted on.

``python -m benchmarks.further DATA [--clips N]``, DATA as for the other benches. For each of ``disturb.FURTHER`` and
each measure: the largest and the median change of N clips of RAVDESS, spread over its actors, and the share of clips
that move further than 99 % of the clips did that ``sure.json`` is fitted on. Where that share is well above 1 %, the
stated sureness is too high for such a change.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from annotate import registry
from annotate.audio import disturb
from annotate.audio.decode import decode
from annotate.descriptors import sure

TEXTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
MEASURED = {
    "pitch_median_hz": ("pitch", "praat"),
    "rate_syllables_s": ("rate", "transcript"),
    "loudness_lufs": ("energy", "lufs"),
}
RATIOS = ("pitch_median_hz", "rate_syllables_s")
AT = sure.SHARES.index(0.99)


def changes(path: Path) -> dict[tuple[str, str], float]:
    """Of one clip by disturbance and measure; ratios as logarithms, NaN where a value is lost."""
    clean = decode(path).recording
    row = {"transcript": TEXTS[path.stem.split("-")[4]], "language": "en"}
    found = {}
    for measure, (slot, name) in MEASURED.items():
        plugin = registry.load(slot, name)
        before = plugin.measure(clean, row).values.get(measure)
        for how in disturb.FURTHER if before is not None else ():
            after = plugin.measure(disturb.disturbed(clean, how), row).values.get(measure, np.nan)
            found[how, measure] = float(np.log(after / before) if measure in RATIOS else after - before)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clips", type=int, default=48)
    chosen = parser.parse_args()
    paths = sorted((chosen.data / "ravdess").rglob("*.flac"))
    paths = paths[:: max(1, len(paths) // chosen.clips)]
    moved = [changes(path) for path in paths]
    fitted = sure.shipped()
    print(f"{len(paths)} clips | disturbance | measure | median | largest | lost | beyond the fitted 99 %")
    for how in disturb.FURTHER:
        for measure, (_, name) in MEASURED.items():
            values = np.array([one[how, measure] for one in moved if (how, measure) in one])
            if measure == "loudness_lufs":
                values = values - np.nanmedian(values)  # what it does to all clips changes no word
            known = fitted[measure][name]
            beyond = (values > known["rise"][AT]) | (-values > known["fall"][AT])
            print(
                f"| {how} | {measure} | {np.nanmedian(values):+.3f} | {np.nanmax(np.abs(values)):.3f} "
                f"| {np.isnan(values).sum()} | {100 * beyond.mean():.0f} % |"
            )


if __name__ == "__main__":
    main()
