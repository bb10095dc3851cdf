"""The measurements of a corpus's clips, as they are and under every disturbance of ``annotate/audio/disturb.py``.

The corpus goes the whole way first, with the default recipe, so that its splits, words and edges are those of a run.
Every clip is decoded once; all that the estimators write of it is kept, a line of JSON for each clip as soon as it is
measured, so that a run goes on where the last one ended and a further attribute needs no measuring.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from annotate import attributes, registry, settings
from annotate.audio import disturb
from annotate.audio.decode import decode
from annotate.audio.disturb import DISTURBANCES, FURTHER, disturbed
from annotate.dataset.finished_rows import Dropped, finished
from annotate.pipeline import Pipeline
from annotate.store import fingerprint

CLEAN = "clean"
ALL = (*DISTURBANCES, *FURTHER)
LINES = ("descriptors.attributes=all", "descriptors.levels=5")
# the recipes' estimators, and those that may stand in for them
ESTIMATORS = (
    ("pitch", "praat"), ("rate", "transcript"), ("rate", "signal"), ("energy", "lufs"), ("energy", "rms"),
    ("voice", "praat"),
)  # fmt: skip
ATTRIBUTES = attributes.table(attributes.ALL)
LEVELS = tuple(ATTRIBUTES["volume"].measures)
# a room's level is that of its distance to the microphone, which is a gain
GAINS = ("+6 dB", "-6 dB", "room 0.4 s")
# measure -> disturbances after which it should be another: noise added is no error of the noise measured
CHANGES_ITSELF = dict.fromkeys(ATTRIBUTES["noise"].measures, ("noise 20 dB", "-40 dB in 16 bits", "room 0.4 s"))
EVERY = 3


def _measured() -> dict[tuple[str, str], tuple[str, str]]:
    """(column that an attribute is made from, name of an estimator that writes it) -> the estimator's slot and name."""
    return {
        (column, name): (slot, name)
        for attribute in ATTRIBUTES.values()
        for column in attribute.measures
        for slot, name in ESTIMATORS
        if column in registry.load(slot, name).writes
    }


MEASURED = _measured()


@dataclass(frozen=True)
class Corpus:
    """A corpus that went the whole way.

    Attributes:
        name: of its recipe.
        rows: its finished rows, those that were measured.
        scale: the content of ``scale.json``.
        measured: a row for each clip, disturbance (or ``clean``), measure and estimator: ``value``.
        every: one in so many clips of each speaker was measured.
    """

    name: str
    rows: list[dict[str, Any]]
    scale: dict[str, Any]
    measured: pd.DataFrame
    every: int


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every command that measures disturbed clips can be given."""
    parser.add_argument("--work", type=Path, default=Path("out/disturbed"), help="keeps what is measured")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every", type=int, default=EVERY, help="measure one in so many clips of each speaker")


def corpora(data: Path, names: Sequence[str], work: Path, workers: int, every: int = EVERY) -> list[Corpus]:
    """Those of the corpora named that lie in ``data``, measured; ``work`` keeps what is done for another time."""
    return [_corpus(data / name, name, work / name, workers, every) for name in names if (data / name).is_dir()]


def one_in(rows: Sequence[dict[str, Any]], every: int) -> list[dict[str, Any]]:
    """Of each speaker's rows, sorted by id, the first and each ``every``-th after it."""
    by_speaker: dict[str | None, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: str(row["id"])):
        by_speaker.setdefault(row["speaker"], []).append(row)
    return [row for mine in by_speaker.values() for row in mine[::every]]


def _corpus(root: Path, name: str, output: Path, workers: int, every: int) -> Corpus:
    recipe = settings.load(
        name, [f"corpus.root={root}", "dataset.audio=none", "captions.style=description", *LINES], output
    )
    pipeline = Pipeline(recipe, workers=workers)
    state = pipeline.run().state
    done = finished(pipeline.context.store, state.owners, state.index.shards, ("path",))
    rows = one_in([row for row in done if not isinstance(row, Dropped)], every)
    clips = measured(root, rows, kept_file(output), workers)
    scale = json.loads((output / "scale.json").read_text("utf-8"))
    return Corpus(name, rows, scale, pd.DataFrame(_lines(clips)), every)


def kept_file(output: Path) -> Path:
    """Where a corpus's measurements are kept; those of other estimators and disturbances are in another file."""
    versions = [registry.load(slot, plugin).version for slot, plugin in ESTIMATORS]
    state = fingerprint.of([versions, ESTIMATORS, ast.dump(ast.parse(inspect.getsource(disturb)))])[:12]
    return output / f"disturbed-{state}.jsonl"


def measured(root: Path, rows: list[dict[str, Any]], kept: Path, workers: int) -> list[dict[str, Any]]:
    """All measurements of some clips; those that ``kept`` has are not made again.

    Returns:
        For each clip ``id`` and ``values``: disturbance (or ``clean``) -> ``slot: name`` -> column -> value.
    """
    text = kept.read_text("utf-8") if kept.is_file() else ""
    whole = text[: text.rfind("\n") + 1]  # what was killed left a part of a line
    if whole != text:
        kept.write_text(whole, "utf-8")
    clips = {clip["id"]: clip for clip in map(json.loads, whole.splitlines())}
    missing = [row for row in rows if row["id"] not in clips]
    with kept.open("a", encoding="utf-8") as file, ProcessPoolExecutor(workers) as pool:
        for clip in pool.map(partial(_clip, root), missing, chunksize=1):
            file.write(json.dumps(clip) + "\n")
            file.flush()
            clips[clip["id"]] = clip
    return [clips[row["id"]] for row in rows]


def _clip(root: Path, row: dict[str, Any]) -> dict[str, Any]:
    clean = decode(root / row["path"]).recording
    by_disturbance: dict[str, Any] = {CLEAN: values(clean, row)}
    for how in ALL:
        changed = disturbed(clean, how)
        same = np.array_equal(changed.samples, clean.samples)  # as after FLAC
        by_disturbance[how] = by_disturbance[CLEAN] if same else values(changed, row)
    return {"id": row["id"], "values": by_disturbance}


def values(recording: Any, row: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All that the estimators write of a recording: ``slot: name`` -> column -> value.

    Args:
        recording: clean or disturbed.
        row: its ``transcript`` and ``language``.
    """
    return {
        f"{slot}: {name}": dict(registry.load(slot, name).measure(recording, row).values) for slot, name in ESTIMATORS
    }


def _lines(clips: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A line for each clip, disturbance, measure and estimator."""
    for clip in clips:
        for how, written in clip["values"].items():
            for (measure, estimator), (slot, name) in MEASURED.items():
                value = written[f"{slot}: {name}"].get(measure)
                yield {"id": clip["id"], "how": how, "measure": measure, "estimator": estimator, "value": value}


def relative(measured: pd.DataFrame) -> pd.DataFrame:
    """Values by clip (rows) and disturbance (columns) of one measure and estimator, levels made relative.

    What a gain does to the level of all clips (its median change) is taken off: it is no change of how loud one clip is
    among the others. What a codec takes is not (LAME makes everything 0.45 dB quieter): a corpus may hold MP3 beside
    wav, and a word that would not survive it must be less sure. Disturbances after which the measure should be another
    are left out.
    """
    table = measured.pivot_table(index="id", columns="how", values="value", dropna=False)
    measure = measured["measure"].iloc[0]
    if measure in LEVELS:
        gains = table[[how for how in GAINS if how in table]]
        table[gains.columns] = gains.sub(gains.sub(table[CLEAN], axis=0).median(), axis=1)
    return table.drop(columns=list(CHANGES_ITSELF.get(measure, ())), errors="ignore")


def of(corpus: Corpus, measure: str, estimator: str) -> pd.DataFrame:
    """``relative`` of one measure of a corpus."""
    mine = corpus.measured
    return relative(mine[(mine["measure"] == measure) & (mine["estimator"] == estimator)])
