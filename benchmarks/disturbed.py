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

from annotate import attributes, registry, settings
from annotate.audio import disturb
from annotate.audio.decode import decode
from annotate.audio.disturb import DISTURBANCES, disturbed
from annotate.dataset.rows import Dropped, finished
from annotate.pipeline import Pipeline
from annotate.store import fingerprint

CLEAN = "clean"
LINES = ("descriptors.attributes=all", "descriptors.levels=5")
# the recipes' estimators, and those that may stand in for them
ESTIMATORS = (
    ("pitch", "praat"), ("rate", "transcript"), ("rate", "signal"), ("energy", "lufs"), ("energy", "rms"),
    ("voice", "praat"),
)  # fmt: skip
ATTRIBUTES = attributes.table(attributes.ALL)
LEVELS = tuple(ATTRIBUTES["volume"].measures)
GAINS = ("+6 dB", "-6 dB")


def _measured() -> dict[tuple[str, str], tuple[str, str]]:
    """(column that an attribute is made from, estimator) -> its slot and name."""
    columns = [column for one in ATTRIBUTES.values() for column in one.measures]
    found = {}
    for column in columns:
        for slot, name in ESTIMATORS:
            # the level is the same whoever measures it
            if column in registry.load(slot, name).writes and (column, name) != ("level_rms_dbfs", "lufs"):
                found[column, name] = (slot, name)
    # what the two rates share is of the activity, which both measure alike
    return {key: found[key] for key in found if key[1] != "signal" or key[0] == "rate_syllables_s"}


MEASURED = _measured()


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
    recipe = settings.load(
        name, [f"corpus.root={root}", "dataset.audio=none", "captions.style=description", *LINES], output
    )
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
    versions = [registry.load(slot, plugin).version for slot, plugin in ESTIMATORS]
    return fingerprint.of([versions, sorted(MEASURED), inspect.getsource(disturb)])[:12]


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
        values = {one: registry.load(*one).measure(heard, row).values for one in ESTIMATORS}
        for (measure, estimator), one in MEASURED.items():
            yield {
                "id": row["id"],
                "how": how,
                "measure": measure,
                "estimator": estimator,
                "value": values[one].get(measure),
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
