"""Clips changed by a known amount: does the measurement follow, and does the old caption fall with its words?

Pitch and tempo are changed through WORLD (Morise, Yokomori and Ozawa 2016): its F0 times a factor, its frames set
closer or farther apart. Gain is a factor on the samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from annotate.audio.decode import decode
from annotate.audio.recording import RATE, Recording
from annotate.captions.reading.judge import check
from annotate.descriptors.evidence import Senses
from annotate.descriptors.words import word
from annotate.features.measure import measure_recording
from benchmarks.table import Line

CLIPS = 100
# kind -> amounts, the measure that must follow, the descriptor made of it, and how far it may be off
CHANGES: Mapping[str, tuple[tuple[float, ...], str, str, float, str]] = {
    "pitch": ((-5.0, -2.0, 2.0, 5.0), "pitch_median_hz", "pitch", 0.3, "semitones"),
    "tempo": ((0.7, 0.85, 1.2, 1.4), "rate_syllables_s", "speed", 0.05, ""),
    "gain": ((-12.0, -6.0, 6.0, 12.0), "loudness_lufs", "volume", 0.2, "LU"),
}
FOLLOWED = 95.0
FRAME_MS = 5.0


def changed(sound: Recording, kind: str, amount: float) -> Recording:
    """The recording with its pitch (semitones), tempo (factor) or level (dB) changed."""
    if kind == "gain":
        return Recording(np.asarray(sound.samples * 10 ** (amount / 20), np.float32), sound.duration)
    import pyworld

    f0, envelope, noise = sound.once(_analysed)
    factor, step = (2 ** (amount / 12), FRAME_MS) if kind == "pitch" else (1.0, FRAME_MS / amount)
    made = pyworld.synthesize(f0 * factor, envelope, noise, RATE, step)
    return Recording(made.astype(np.float32), len(made) / RATE)


def unchanged(sound: Recording, kind: str) -> Recording:
    """What a change is held against: WORLD's own copy where it makes the change, which is not quite the recording."""
    return sound if kind == "gain" else changed(sound, kind, 0.0 if kind == "pitch" else 1.0)


def _analysed(sound: Recording) -> tuple[Any, Any, Any]:
    import pyworld

    samples = sound.samples.astype(np.float64)
    f0, times = pyworld.harvest(samples, RATE, f0_floor=50.0, f0_ceil=1000.0, frame_period=FRAME_MS)
    envelope = pyworld.cheaptrick(samples, f0, times, RATE, f0_floor=50.0)
    return f0, envelope, pyworld.d4c(samples, f0, times, RATE)


def measured(sound: Recording, row: Mapping[str, Any]) -> dict[str, Any]:
    """The three measures of words, by the default estimators."""
    found = measure_recording(sound, {"pitch": "praat", "energy": "lufs", "rate": "transcript"}, row)
    return {measure: found.get(measure) for _, measure, *_ in CHANGES.values()}


def off(kind: str, before: float, after: float, amount: float) -> float:
    """How far the measurement is from where it should have gone: semitones, a part of the rate, LU."""
    if kind == "pitch":
        return abs(12 * math.log2(after / before) - amount)
    return abs(after / before / amount - 1) if kind == "tempo" else abs(after - before - amount)


def one(root: Path, scale: Mapping[str, Any], table: Senses, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every change of one clip: how far off, which words changed, what the old caption is worth."""
    sound = decode(root / str(row["audio"])).recording
    found = []
    for kind, (amounts, measure, *_) in CHANGES.items():
        before = measured(unchanged(sound, kind), row)[measure]
        for amount in amounts:
            values = measured(changed(sound, kind, amount), row)
            new = {
                name: word(values[one["measure"]], name, row, scale).word for name, one in scale["descriptors"].items()
            }
            facts = {**{name: row[name] for name in ("gender", "emotion", "transcript")}, **new}
            moved = any(new[name] != row[name] for name in new)
            refused = check(str(row["caption"]), facts, evidence=table).verdict in ("contradiction", "unsupported")
            after = values[measure]
            lost = after is None or before is None
            found.append({
                "kind": kind, "amount": amount, "moved": moved, "right": refused == moved, "id": row["id"],
                "off": None if lost else off(kind, before, after, amount),
                "off_row": None if after is None else off(kind, row[measure], after, amount),
            })  # fmt: skip
    return found


def lines(
    root: Path, rows: Sequence[Mapping[str, Any]], scale: Mapping[str, Any], table: Senses, workers: int
) -> list[Line]:
    """The table of changed clips; ``rows`` are spread evenly to 100."""
    told = [row for row in rows if row["caption"] and all(row[measure] for _, measure, *_ in CHANGES.values())]
    chosen = [told[round(k * (len(told) - 1) / (CLIPS - 1))] for k in range(CLIPS)]
    with ProcessPoolExecutor(workers) as pool:
        found = [each for many in pool.map(partial(one, root, scale, table), chosen) for each in many]
    made = []
    for kind, (_, _, _, most, unit) in CHANGES.items():
        mine = [each for each in found if each["kind"] == kind]
        near = 100 * sum(each["off"] is not None and each["off"] <= most for each in mine) / len(mine)
        within = f"{most:g} {unit}".strip() if unit else f"{100 * most:g} %"
        usual = float(np.median([each["off"] for each in mine if each["off"] is not None]))
        from_row = 100 * sum(each["off_row"] is not None and each["off_row"] <= most for each in mine) / len(mine)
        note = f"{len(mine)} clips, half within {usual:.2g} {unit}".strip()
        note += "" if kind == "gain" else f"; {from_row:.1f} % from the recording itself, WORLD's copy not taken off"
        made.append(Line(f"sound: {kind} followed within {within}", near, FOLLOWED, False, "%", note))
    for moved, what in ((True, "refused where a word changed"), (False, "accepted where none did")):
        mine = [each for each in found if each["moved"] == moved]
        right = 100 * sum(each["right"] for each in mine) / len(mine) if mine else None
        made.append(Line(f"sound: old caption {what}", right, 100, False, "%", f"{len(mine)} clips"))
    return made
