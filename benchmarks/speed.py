"""How fast the default feature stage is, as ratios taken within one run: ``python -m benchmarks.speed DATA``.

Ratios of single loops are taken in processor time, block by block in turn, so that neighbours on the machine move
both alike; the ratio of the workers is one of the clock, and wants a quiet machine. DATA is laid out like the data
described in docs/measurements.md; only the recordings under DATA/ravdess are used.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from annotate.audio.decode import decode
from annotate.audio.recording import RATE
from annotate.features import contour, measure
from annotate.pipeline import Pipeline
from annotate.recipe_sections import CorpusSettings, FeatureSettings
from annotate.settings import Recipe
from benchmarks.table import Line, show

DEFAULT = measure.stage(Path("/"), FeatureSettings().model_dump())
PARTS = [part.name for part in DEFAULT.parts]
BLOCKS, BLOCK = 6, 20  # of the loops that are compared
SLOW_CLIPS = 12  # pyin takes its time
SPOKEN = "Kids are talking by the door"


def clips_of(data: Path) -> list[Path]:
    found = sorted((data / "ravdess").rglob("*.flac")) or sorted((data / "ravdess").rglob("*.wav"))
    if not found:
        raise SystemExit(f"{data}/ravdess: no .flac or .wav below it")
    rng = np.random.default_rng(0)
    return [found[i] for i in rng.permutation(len(found))]


def row_of(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {
        "path": path.resolve().relative_to("/").as_posix(),
        "audio_bytes": status.st_size, "audio_mtime_ns": status.st_mtime_ns,
        "drop_corpus": None, "drop_select": None,
        "transcript_given": SPOKEN, "language": "en", "gender_given": "female",
    }  # fmt: skip


def stage(paths: Sequence[Path]) -> None:
    """The whole default stage, decoding included."""
    DEFAULT.compute([row_of(path) for path in paths], PARTS)


def bare(arrays: Sequence[Any]) -> None:
    """The library calls that the default stage was first made of and nothing else; decoding not included.

    They stay as they were when the stage changes, so that the ratio to them shows whether it got faster.
    """
    import parselmouth
    import pyloudnorm
    from parselmouth.praat import call
    from scipy.fft import irfft, next_fast_len, rfft

    meter = pyloudnorm.Meter(RATE)
    for samples in arrays:
        sound = parselmouth.Sound(samples, RATE)
        wide = sound.to_pitch_ac(0.010, 60.0, 15, False, 0.03, 0.45, 0.02, 0.35, 0.14, 900.0)
        f0 = wide.selected_array["frequency"]
        q1, q3 = np.percentile(f0[f0 > 0], [25, 75]) if (f0 > 0).any() else (120.0, 200.0)
        size = next_fast_len(len(samples), real=True)
        gain = np.exp(-3.5 * np.square(np.linspace(0, RATE / 2, size // 2 + 1) / 600))
        low = irfft(rfft(samples, size) * gain, size)[: len(samples)]
        fine = parselmouth.Sound(low, RATE).to_pitch_ac(
            0.005, max(50.0, 0.55 * q1), 15, False, 0.0, 0.0, 0.02, 0.35, 0.0, min(1000.0, 2.2 * q3)
        )
        f0, _ = fine.selected_array["frequency"], fine.selected_array["strength"]
        points = call([sound, wide], "To PointProcess (cc)")
        call(points, "Get jitter (local)", 0, 0, 0.0001, 0.02, 1.3)
        call([sound, points], "Get shimmer (local)", 0, 0, 0.0001, 0.02, 1.3, 1.6)
        meter.integrated_loudness(samples)
        semitones = 12 * np.log2(np.maximum(f0, 1) / 200)
        np.median(f0), f0.mean(), semitones.std(), np.percentile(semitones, [5, 95])
        10 * np.log10(np.mean(np.square(samples)))
        np.cumsum(np.square(samples)), np.cumsum(np.square(low))


def pyin(arrays: Sequence[Any]) -> None:
    """Pitch statistics from librosa's pYIN, called as its manual shows (C2 to C7, frames of 32 ms)."""
    _pyin(arrays, 65.406, 2093.005)


def pyin_narrow(arrays: Sequence[Any]) -> None:
    """The same over 60 to 900 Hz, the range of the default stage."""
    _pyin(arrays, 60.0, 900.0)


def pyin_fine(arrays: Sequence[Any]) -> None:
    """The same over 60 to 900 Hz with a step of 5 ms, that of the default stage."""
    _pyin(arrays, 60.0, 900.0, hop_length=80)


def _pyin(arrays: Sequence[Any], low: float, high: float, **how: Any) -> None:
    import librosa

    for samples in arrays:
        f0, voiced, _ = librosa.pyin(samples, fmin=low, fmax=high, sr=RATE, **how)
        times = librosa.times_like(f0, sr=RATE, **how)
        contour.statistics(contour.Contour(times, np.where(voiced, f0, 0.0)))


def nkululeko(paths: Sequence[Path]) -> None:
    """The Praat features of nkululeko, as it computes them."""
    import pandas as pd
    from nkululeko.feat_extract import feats_praat_core

    zero = pd.Timedelta(0)
    ends = [pd.Timedelta(seconds=decode(path).recording.duration) for path in paths]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        index = pd.MultiIndex.from_arrays([[str(p) for p in paths], [zero] * len(paths), ends])
        feats_praat_core.compute_features(index)


def ratio(
    one: Callable[[Any], None], ones: Sequence[Any], other: Callable[[Any], None], others: Sequence[Any]
) -> float:
    """Processor time of ``one`` over that of ``other``, the median of blocks taken in turn."""
    one(ones[0]), other(others[0])  # imports and caches
    ratios = []
    for mine, theirs in zip(ones, others, strict=True):
        began = time.process_time()
        one(mine)
        between = time.process_time()
        other(theirs)
        ratios.append((between - began) / (time.process_time() - between))
    return float(np.median(ratios))


def loops(paths: list[Path]) -> list[Line]:
    blocks = [paths[i * BLOCK : (i + 1) * BLOCK] for i in range(BLOCKS)]
    arrays = [[decode(path).recording.samples.astype(np.float64) for path in block] for block in blocks]
    clips = f"{BLOCKS} blocks of {BLOCK} clips"
    lines = [Line("default stage / its bare library calls", ratio(stage, blocks, bare, arrays), 0.6, True, "x", clips)]
    few = [block[: SLOW_CLIPS // 4] for block in blocks[:4]]
    few_arrays = [[decode(path).recording.samples for path in block] for block in few]
    lines += [
        Line(f"librosa.pyin {how} / whole default stage", ratio(slow, few_arrays, stage, few), reach, unit="x",
             note=f"statistics of pitch alone, {SLOW_CLIPS} clips")
        for how, slow, reach in (("as in its manual", pyin, 10), ("60-900 Hz, 32 ms", pyin_narrow, None),
                                 ("60-900 Hz, 5 ms", pyin_fine, None))
    ]  # fmt: skip
    what = "nkululeko's Praat features / whole default stage"
    try:
        return [*lines, Line(what, ratio(nkululeko, blocks, stage, blocks), 3, unit="x", note=clips)]
    except ImportError as error:
        return [*lines, Line(what, None, 3, unit="x", note=f"not installed ({error.name})")]


def repeated(paths: Sequence[Path], root: Path, count: int) -> Path:
    """A corpus of ``count`` rows that name the recordings again and again under new ids."""
    (root / "wav").mkdir(parents=True)
    for path in paths:
        shutil.copy(path, root / "wav" / path.name)
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "path", "speaker", "gender", "emotion", "text", "language"))
        for number in range(count):
            name = paths[number % len(paths)].name
            table.writerow(
                (f"clip-{number:07d}", f"wav/{name}", f"s{number % 16}", "FM"[number % 2], "neutral", SPOKEN, "en")
            )
    return root


def measured(root: Path, output: Path, workers: int) -> float:
    """Seconds of the measuring stage of a run."""
    recipe = Recipe(name="bench", corpus=CorpusSettings(manifest="table", root=root), output=output)
    Pipeline(recipe, workers=workers).run_share(1, 1)
    return float(json.loads((output / "work" / "seconds.json").read_text())["measure"])


def workers(paths: Sequence[Path], folder: Path, clips: int) -> list[Line]:
    root = repeated(paths, folder / "corpus", clips)
    two = measured(root, folder / "two", 2)
    one = measured(root, folder / "one", 1)
    with one_core():
        held = measured(root, folder / "held", 1)
    cores = os.cpu_count()
    note = f"{clips} clips, start of the workers included, {cores} cores, load {os.getloadavg()[0]:.1f}"
    return [
        Line("two workers / one", one / two, 1.8, unit="x", note=note),
        Line("two workers / one on one core", held / two, 1.8, unit="x", note=note),
        Line("clips per second, two workers", clips / two, unit="1/s"),
    ]


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """This process on one core: threads of a library, if it starts any, find no other."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def flat(paths: Sequence[Path], folder: Path, clips: int) -> list[Line]:
    """Cost per clip and memory of one process, over many clips against over the first thousand."""
    root = repeated(paths, folder / "corpus", clips)
    paths_in = [root / "wav" / path.name for path in paths]
    process, first = psutil.Process(), 1000
    spent, memory = [], []
    for start in range(0, clips, first):
        rows = [row_of(paths_in[number % len(paths_in)]) for number in range(start, min(start + first, clips))]
        began = time.process_time()
        DEFAULT.compute(rows, PARTS)
        spent.append((time.process_time() - began) / len(rows))
        memory.append(process.memory_info().rss / 2**20)
    return [
        Line(f"cost per clip, {clips} clips / the first {first}", float(np.mean(spent)) / spent[0], 1.1, True, "x"),
        Line(f"memory after {clips} clips / after {first}", memory[-1] / memory[0], 1.1, True, "x",
             f"{memory[-1]:.0f} MB at the end"),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="a folder with ravdess/ in it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--clips", type=int, default=20_000, help="of the run that shows that the cost is flat")
    parser.add_argument("--worker-clips", type=int, default=1920, help="of the runs with one and two workers")
    chosen = parser.parse_args()
    paths = clips_of(chosen.data)
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            *loops(paths),
            *workers(paths, Path(folder) / "workers", chosen.worker_clips),
            *flat(paths, Path(folder) / "flat", chosen.clips),
        ]
    return show(lines, chosen.json)


if __name__ == "__main__":
    sys.exit(main())
