"""Whether the stated sureness of words is true: ``python -m benchmarks.sureness DATA [--draw FILE.svg] [--json FILE]``.

Words of speakers that ``stability.json`` was not fitted on are measured again under every disturbance. A word is kept
where it stays under all of them. The table sets the stated sureness against the share that was kept, by tenths.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from annotate.audio.disturb import FURTHER
from annotate.descriptors.scale import place
from benchmarks import disturbed
from benchmarks.table import Line, show

CORPORA = ("ravdess", "emodb")
FITTED = ("ravdess", "train")  # the corpus and the split that were fitted on
FEWEST, OFF_POINTS, BLANK_BELOW, KEPT = 100, 5.0, 0.9, 95.0
NAMED = ("MP3 64 kbit/s", "noise 20 dB", "+6 dB", "-6 dB", *FURTHER)


def words(corpus: disturbed.Corpus) -> pd.DataFrame:
    """A row for each word of a speaker not fitted on: ``sure``, and for each disturbance whether it kept the word."""
    made: list[dict[str, Any]] = []
    for name, descriptor in corpus.scale["descriptors"].items():
        measure = descriptor["measure"]
        estimator = next(name for column, name in disturbed.MEASURED if column == measure)
        table = disturbed.of(corpus, measure, estimator)
        for row in corpus.rows:
            if row[f"{name}_sure"] is None or (corpus.name, row["split"]) == FITTED:
                continue
            edges = descriptor["groups"][row[f"{name}_scale"]]["edges"]
            word = place(row[measure], edges)
            # a disturbance that is left out changes the thing itself: it says nothing of the word
            kept = {how: how not in table or _kept(table.at[row["id"], how], edges, word) for how in disturbed.ALL}
            who = f"{corpus.name} {row['speaker']}"
            made.append({"corpus": corpus.name, "speaker": who, "name": name, "sure": row[f"{name}_sure"], **kept})
    return pd.DataFrame(made)


def _kept(value: float, edges: Any, word: int) -> bool:
    return bool(np.isfinite(value)) and place(value, edges) == word


def bins(found: pd.DataFrame) -> pd.DataFrame:
    """By tenths of sureness: words, mean stated sureness and share kept under all disturbances, in percent."""
    tenth = np.minimum((found["sure"] * 10).astype(int), 9)
    kept = found[list(disturbed.ALL)].all(axis=1)
    table = pd.DataFrame({"tenth": tenth, "stated": 100 * found["sure"], "kept": 100 * kept})
    grouped = table.groupby("tenth")
    return grouped.agg(stated=("stated", "mean"), kept=("kept", "mean"), words=("kept", "size")).reset_index()


def by_attribute(found: pd.DataFrame) -> pd.DataFrame:
    """A row for each attribute: its words, how many stayed under all disturbances, and how far what was stated is off.

    ``off`` is the mean distance of stated and stayed over the tenths of sureness, weighted by their words, in points.
    """
    made = []
    for name, mine in found.groupby("name"):
        tenths, kept = bins(mine), mine["sure"] >= BLANK_BELOW
        off = np.average((tenths["stated"] - tenths["kept"]).abs(), weights=tenths["words"])
        stays = 100 * mine[list(disturbed.ALL)].all(axis=1)
        made.append({"attribute": name, "words": len(mine), "stayed": stays.mean(), "stated": 100 * mine["sure"].mean(),
                     "off": off, "sure words": 100 * kept.mean(), "of these stayed": stays[kept].mean(),
                     "worst": (worst := mine[list(disturbed.ALL)].mean()).idxmin(), "stayed there": 100 * worst.min(),
                     })  # fmt: skip
    return pd.DataFrame(made)


def lines(found: pd.DataFrame) -> list[Line]:
    """The reaches: no large bin off by more than 5 points; kept words stay under the named disturbances."""
    made = []
    for corpus, mine in [*found.groupby("corpus"), ("all", found)]:
        table = bins(mine)
        large = table[table["words"] >= FEWEST]
        worst = float((large["stated"] - large["kept"]).abs().max())
        sizes = f"{len(mine)} words, {mine['speaker'].nunique()} speakers, {len(large)} such bins"
        made.append(Line(f"{corpus}: worst bin of {FEWEST} words or more", worst, OFF_POINTS, True, "points", sizes))
        kept = mine[mine["sure"] >= BLANK_BELOW]
        for how in NAMED:
            all_stay = 100 * mine[how].mean()
            note = f"{len(kept)} of {len(mine)} words are kept by blank at {BLANK_BELOW}; of all {all_stay:.1f} %"
            stay = float(100 * kept[how].mean())
            made.append(Line(f"{corpus}: kept words that stay, {how}", stay, KEPT, False, "%", note))
    return made


def draw(found: pd.DataFrame, path: Path) -> None:
    """The reliability diagram: stated against kept, the size of a dot by its words."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 100], [0, 100], color="grey", linewidth=0.8)
    for corpus, mine in found.groupby("corpus"):
        table = bins(mine)
        axes.scatter(table["stated"], table["kept"], s=8 + 3 * np.sqrt(table["words"]), label=str(corpus), alpha=0.7)
        for _, one in table.iterrows():
            axes.annotate(f"{one['words']:.0f}", (one["stated"], one["kept"]), fontsize=7, textcoords="offset points",
                          xytext=(5, -8))  # fmt: skip
    axes.set(xlabel="stated sureness, %", ylabel="words kept under every disturbance, %", xlim=(0, 102), ylim=(0, 102))
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--draw", type=Path)
    disturbed.add_options(parser)
    chosen = parser.parse_args()
    there = disturbed.corpora(chosen.data, CORPORA, chosen.work, chosen.workers, chosen.every)
    found = pd.concat([words(corpus) for corpus in there])
    for corpus, mine in [*found.groupby("corpus"), ("all", found)]:
        print(f"{corpus}: stated sureness and words kept under every disturbance, %")
        print(bins(mine).drop(columns="tenth").round(1).to_string(index=False), "\n")
        print(by_attribute(mine).round(1).to_string(index=False), "\n")
    if chosen.draw:
        draw(found, chosen.draw)
        print(f"drawn: {chosen.draw}")
    return show(lines(found), chosen.json)


if __name__ == "__main__":
    sys.exit(main())
