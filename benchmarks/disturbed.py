"""The measurements of a corpus's clips, as they are and under every disturbance of ``annotate/audio/disturb.py``.

The corpus goes the whole way first, with the default recipe, so that its splits, words and edges are those of a run.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from annotate import registry, settings
from annotate.audio import disturb
from annotate.audio.decode import decode
from annotate.audio.disturb import DISTURBANCES, disturbed
from annotate.dataset.rows import Dropped, finished
from annotate.pipeline import Pipeline
from annotate.store import fingerprint

CLEAN = "clean"
# how a measurement is named here: its column, and the estimator that fills it
MEASURED = {
    ("pitch_median_hz", "praat"): ("pitch", "praat"),
    ("rate_syllables_s", "transcript"): ("rate", "transcript"),
    ("rate_syllables_s", "signal"): ("rate", "signal"),
    ("loudness_lufs", "lufs"): ("energy", "lufs"),
    ("level_rms_dbfs", "rms"): ("energy", "rms"),
}
LEVELS = ("loudness_lufs", "level_rms_dbfs")
GAINS = ("+6 dB", "-6 dB")


@dataclass(frozen=True)
class Corpus:
    """A corpus that went the whole way.

    Attributes:
        name: of its recipe.
        rows: its finished rows.
        scale: the content of ``scale.json``.
        measured: a row for each clip, disturbance (or ``clean``), measure and estimator: ``value``.
    """

    name: str
    rows: list[dict[str, Any]]
    scale: dict[str, Any]
    measured: pd.DataFrame


def corpora(data: Path, names: Sequence[str], work: Path, workers: int) -> list[Corpus]:
    """Those of the corpora named that lie in ``data``, measured; ``work`` keeps what is done for another time."""
    return [_corpus(data / name, name, work / name, workers) for name in names if (data / name).is_dir()]


def _corpus(root: Path, name: str, output: Path, workers: int) -> Corpus:
    recipe = settings.load(name, [f"corpus.root={root}", "dataset.audio=none", "captions.style=description"], output)
    pipeline = Pipeline(recipe, workers=workers)
    pipeline.run()
    shards = json.loads((output / "work" / "corpus" / "index.json").read_text(encoding="utf-8"))["shards"]
    rows = [r for r in finished(pipeline.store, pipeline.owners, shards, ("path",)) if not isinstance(r, Dropped)]
    kept = output / f"disturbed-{_versions()}.parquet"
    if not kept.is_file():
        _measure(root, rows, workers).to_parquet(kept)
    return Corpus(name, rows, json.loads((output / "scale.json").read_text("utf-8")), pd.read_parquet(kept))


def _versions() -> str:
    """What was measured by other estimators or under other disturbances is not taken for this."""
    versions = [registry.load(slot, plugin).version for slot, plugin in MEASURED.values()]
    return fingerprint.of([versions, inspect.getsource(disturb)])[:12]


def _measure(root: Path, rows: list[dict[str, Any]], workers: int) -> pd.DataFrame:
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(partial(_clip, root), rows, chunksize=8)
        return pd.DataFrame([line for lines in found for line in lines])


def _clip(root: Path, row: dict[str, Any]) -> list[dict[str, Any]]:
    return list(_values(root, row))


def _values(root: Path, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sound = decode(root / row["path"]).recording
    for how in (CLEAN, *DISTURBANCES):
        heard = sound if how == CLEAN else disturbed(sound, how)
        for (measure, estimator), (slot, plugin) in MEASURED.items():
            values = registry.load(slot, plugin).measure(heard, row).values
            yield {
                "id": row["id"],
                "how": how,
                "measure": measure,
                "estimator": estimator,
                "value": values.get(measure),
            }


def relative(measured: pd.DataFrame) -> pd.DataFrame:
    """Values by clip (rows) and disturbance (columns) of one measure and estimator, levels made relative.

    What a gain does to the level of all clips (its median change) is taken off: it is no change of how loud one clip is
    among the others. What a codec takes is not (LAME makes everything 0.45 dB quieter): a corpus may hold MP3 beside
    wav, and a word that would not survive it must be less sure.
    """
    table = measured.pivot_table(index="id", columns="how", values="value", dropna=False)
    if measured["measure"].iloc[0] in LEVELS:
        gains = table[[how for how in GAINS if how in table]]
        table[gains.columns] = gains.sub(gains.sub(table[CLEAN], axis=0).median(), axis=1)
    return table


def of(corpus: Corpus, measure: str, estimator: str) -> pd.DataFrame:
    """``relative`` of one measure of a corpus."""
    mine = corpus.measured
    return relative(mine[(mine["measure"] == measure) & (mine["estimator"] == estimator)])
