"""How much of the emotion words and numbers tell: ``python -m benchmarks.words DATA [--json FILE]``.

A multinomial logistic regression (scikit-learn's, C = 0.3) names the emotion of the clips of speakers that it was not
fitted on: four folds, the speakers dealt one after the other in the order of their names. Words are one-hot, made by
the recipe's scale, whose edges are fitted on the fold's training speakers; a speaker's own usual is of all their clips,
whose labels it does not see. Captions are bags of the words of a run's captions, without those that name an emotion.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from annotate import attributes, settings
from annotate.captions.wording import wording
from annotate.dataset.rows import Dropped, finished
from annotate.descriptors import own, scale, sufficiency
from annotate.descriptors.clips import Clips
from annotate.descriptors.tally import Coded
from annotate.descriptors.words import Words
from annotate.pipeline import Pipeline
from benchmarks.table import Line, show

CORPORA = ("ravdess", "emodb")
WORDS_UA, CAPTIONS_SHARE, MOST_ATTRIBUTES = 57.0, 0.9, 12
COMPARISONS = ("group", "speaker", "both")
TOLD = "speaker"  # the comparison that the reach is of
Row = dict[str, Any]


def rows_of(root: Path, name: str, output: Path, lines: Sequence[str]) -> list[Row]:
    """The finished rows of a corpus that goes the whole way with the recipe's settings."""
    recipe = settings.load(name, [f"corpus.root={root}", "dataset.audio=none", *lines], output)
    pipeline = Pipeline(recipe, workers=2)
    pipeline.run()
    index = sum(1 for _ in (output / "work" / "words").glob("*.done"))
    found = finished(pipeline.store, pipeline.owners, index, schema=pipeline.schema)
    return [row for row in found if not isinstance(row, Dropped)]


def coded(rows: Sequence[Row], training: Sequence[bool], table: attributes.AttributeTable, against: str) -> Coded:
    """The rows with words by a scale that was fitted on the training speakers, and each speaker's own usual."""
    made = scale.descriptors(table)
    taught = [row for row, mine in zip(rows, training, strict=True) if mine]
    edges = scale.fit(taught, made, scale.Method(), {})
    usual = own.fit(Clips.of(rows, [one.measure for one in made]), edges, scale.Method().smallest_group)
    worded = Words(edges, usual)([{**row, "drop_audio": None} for row in rows], ["words", "own"])
    cues = table.cues(against)
    measures = list(dict.fromkeys(one.measure for one in cues.values()))
    whole = [
        {name: row[name] for name in ("id", "speaker", "emotion", "split", *measures)}
        | {column: (first | second).get(column) for column in cues}
        for row, first, second in zip(rows, worded["words"], worded["own"], strict=True)
    ]
    order = {column: one.words(table.levels) for column, one in cues.items()}
    return Coded.of([pa.Table.from_pylist(whole)], order, measures)


def told(rows: Sequence[Row], table: attributes.AttributeTable, against: str) -> tuple[float, float]:
    """UA in percent of words and of numbers, mean over the folds."""
    logs = [one.measure for one in table.values() if one.log]
    speakers = sorted({row["speaker"] for row in rows})
    place = np.array([speakers.index(row["speaker"]) for row in rows])
    words, numbers = [], []
    for test in sufficiency.dealt(place, speakers):
        known = coded(rows, (~test).tolist(), table, against)
        seen = np.hstack([sufficiency.one_hot(known.words[name], len(known.order[name])) for name in known.words])
        values = [sufficiency.against_own(known.values[name], place, name in logs) for name in known.values]
        for matrix, kept in ((seen, words), (np.stack(values, axis=1), numbers)):
            kept.append(
                sufficiency.fitted_recall(matrix[~test], known.emotion[~test], matrix[test], known.emotion[test])
            )
    return 100 * float(np.mean(words)), 100 * float(np.mean(numbers))


def captions(rows: Sequence[Row]) -> float:
    """UA in percent of the captions' words, without those that name an emotion."""
    named = emotion_words(wording()["emotion"]) | {str(row["emotion"]) for row in rows}
    bags = [set(re.findall(r"[a-z]+", (row["caption"] or "").lower())) - named for row in rows]
    known = {word: at for at, word in enumerate(sorted(set().union(*bags)))}
    seen = np.zeros((len(rows), len(known)))
    for at, bag in enumerate(bags):
        seen[at, [known[word] for word in bag]] = 1.0
    speakers, emotions = (sorted({row[name] for row in rows}) for name in ("speaker", "emotion"))
    place = np.array([speakers.index(row["speaker"]) for row in rows])
    emotion = np.array([emotions.index(row["emotion"]) for row in rows])
    return 100 * sufficiency.recall(seen, emotion, sufficiency.dealt(place, speakers))["ua"]


def emotion_words(texts: Any) -> set[str]:
    """Every word of the phrases by which captions name emotions."""
    if isinstance(texts, str):
        return set(re.findall(r"[a-z]+", texts.lower())) - {"a", "an", "the", "in", "of", "no", "with", "and"}
    below = texts.values() if isinstance(texts, Mapping) else texts
    return set().union(*(emotion_words(one) for one in below))


def lines_of(name: str, rows: Sequence[Row], levels: Sequence[int] = (3, 5)) -> list[Line]:
    """The lines of one corpus."""
    rows = [row for row in rows if row["emotion"] is not None]
    chance = 100 / len({row["emotion"] for row in rows})
    found = []
    best = 0.0
    for count in levels:
        for chosen in (attributes.PAPER, attributes.ALL):
            table = attributes.table(chosen, count)
            for against in COMPARISONS:
                words, numbers = told(rows, table, against)
                reach = WORDS_UA if (chosen, count, against) == (attributes.ALL, max(levels), TOLD) else None
                best = words if reach else best
                many = len({one.name for one in table.cues(against).values()})
                what = f"{name}: {many} attributes, {count} levels, against {against}: words"
                found.append(Line(what, words, reach, False, "%", f"numbers {numbers:.1f} %, chance {chance:.1f} %"))
    text = captions(rows)
    note = f"of {best:.1f} % from words; captions are written by the evidence of the emotion that they explain"
    found.append(Line(f"{name}: captions without the emotion's words", text, CAPTIONS_SHARE * best, False, "%", note))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.words", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", type=Path, default=Path("out/words"))
    parser.add_argument("--levels", type=int, default=5, help="of the run whose captions are looked at")
    chosen = parser.parse_args()
    recipe = ["descriptors.attributes=all", f"descriptors.levels={chosen.levels}", "descriptors.against=both"]
    lines = [
        line
        for name in CORPORA
        if (chosen.data / name).is_dir()
        for line in lines_of(name, rows_of(chosen.data / name, name, chosen.work / name, recipe))
    ]
    return show(lines, chosen.json)


if __name__ == "__main__":
    sys.exit(main())
