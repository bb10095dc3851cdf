"""How much of the emotion words and numbers tell: ``python -m benchmarks.words DATA [--json FILE]``.

A multinomial logistic regression (scikit-learn's, C = 0.3) names the emotion of the clips of speakers that it was not
fitted on: four folds, the speakers dealt one after the other in the order of their names. Words are one-hot, made by
the recipe's scale, whose edges are fitted on the fold's training speakers; a speaker's own usual is of all their clips,
whose labels it does not see. Captions are bags of words, without those that name an emotion: descriptions, which are
chosen without a look at the label, and explanations, whose choice gives some of it away.

Reasons are those of ``evidence.json``; they hold where their sign is the same on speakers not counted.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from annotate import attributes, settings
from annotate.captions import grammar
from annotate.captions.content_selection import select
from annotate.captions.supported_reasons import Evidence
from annotate.captions.wording import wording
from annotate.dataset.finished_rows import Dropped, finished
from annotate.descriptors import evidence, scale, speaker_relative, sufficiency
from annotate.descriptors.clip_measurements import ClipMeasurements
from annotate.descriptors.tally import Coded
from annotate.descriptors.words import Wording
from annotate.pipeline import Pipeline
from benchmarks.table import Line, show

CORPORA = ("ravdess", "emodb")
WORDS_UA, CAPTIONS_SHARE, REASONS_HOLD = 57.0, 0.9, 97.0
LEVELS = (3, 5)
COMPARISONS = ("group", "speaker", "both")
REACHED = (attributes.ALL, 5, "speaker")  # what the reach of words is of
THREE = 3  # speakers of the small corpus that reasons are counted on
CAPTIONS = ("description", "explanation")
Row = dict[str, Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ran:
    """A run of a corpus: its finished rows and its ``evidence.json``."""

    rows: list[Row]
    evidence: dict[str, Any]


def run(name: str, output: Path, lines: Sequence[str]) -> Ran:
    """The whole way with a shipped recipe and further settings; what an earlier run left there is not made again."""
    recipe = settings.load(name, ["dataset.audio=none", *lines], output)
    pipeline = Pipeline(recipe, workers=2)
    state, context = pipeline.run().state, pipeline.context
    found = finished(context.store, state.owners, state.index.shards, schema=context.schema)
    rows = [row for row in found if not isinstance(row, Dropped) and row["emotion"] is not None]
    return Ran(rows, evidence.load(output / "evidence.json"))


def coded(rows: Sequence[Row], training: Sequence[bool], table: attributes.AttributeTable) -> Coded:
    """The rows with words by a scale that was fitted on the training speakers, and by each speaker's own usual."""
    made = scale.descriptors(table)
    taught = [row for row, mine in zip(rows, training, strict=True) if mine]
    edges = scale.fit(taught, made, scale.Method(), {})
    usual = speaker_relative.fit(
        ClipMeasurements.of(rows, [one.measure for one in made]), edges, scale.Method().smallest_group
    )
    worded = Wording(edges, usual)([{**row, "drop_audio": None} for row in rows], ["words", "own"])
    cues = table.cues("both")
    measures = list(dict.fromkeys(one.measure for one in cues.values()))
    whole = [
        {name: row[name] for name in ("id", "speaker", "emotion", *measures)}
        | {"split": "train" if mine else "test"}
        | {column: (first | second).get(column) for column in cues}
        for row, mine, first, second in zip(rows, training, worded["words"], worded["own"], strict=True)
    ]
    order = {column: one.words(table.levels) for column, one in cues.items()}
    return Coded.of([pa.Table.from_pylist(whole)], order, measures)


def folds_of(rows: Sequence[Row]) -> tuple[NDArray[np.int64], list[NDArray[np.bool_]]]:
    """Place of each row's speaker, and the masks of the rows tested, shape (rows,)."""
    speakers = sorted({row["speaker"] for row in rows})
    place = np.array([speakers.index(row["speaker"]) for row in rows])
    return place, sufficiency.dealt(place, speakers)


def recalls(rows: Sequence[Row], levels: int) -> dict[tuple[str, str], float]:
    """(chosen attributes, comparison) -> UA in percent of words, or of ``numbers``: means over the folds."""
    place, folds = folds_of(rows)
    chosen = {name: attributes.table(name, levels) for name in (attributes.PAPER, attributes.ALL)}
    found: dict[tuple[str, str], list[float]] = {}
    for test in folds:
        known = coded(rows, (~test).tolist(), chosen[attributes.ALL])
        for name, table in chosen.items():
            logs = {one.measure for one in table.values() if one.log}
            numbers = [
                sufficiency.against_own(known.values[one.measure], place, one.measure in logs)
                for one in table.cues("group").values()
            ]
            matrices = {"numbers": np.stack(numbers, axis=1)}
            for against in COMPARISONS:
                columns = table.cues(against)
                hot = [sufficiency.one_hot(known.words[column], len(known.order[column])) for column in columns]
                matrices[against] = np.hstack(hot)
            for what, seen in matrices.items():
                score = sufficiency.fitted_recall(seen[~test], known.emotion[~test], seen[test], known.emotion[test])
                found.setdefault((name, what), []).append(score)
    return {key: 100 * float(np.mean(scores)) for key, scores in found.items()}


def texts(ran: Ran, table: attributes.AttributeTable, style: str) -> list[str]:
    """A caption of every row in a style."""
    told = Evidence.of(ran.evidence)
    found = []
    for row in ran.rows:
        telling = select(row, table, told, style, "short", "both")
        found.append(" ".join(grammar.draw(row, telling, style=style, row_id=row["id"])))
    return found


def bags(rows: Sequence[Row], captions: Sequence[str]) -> float:
    """UA in percent of the captions' words, without those that name an emotion."""
    named = emotion_words(wording()["emotion"]) | {str(row["emotion"]) for row in rows}
    held = [set(re.findall(r"[a-z]+", text.lower())) - named for text in captions]
    known = {word: at for at, word in enumerate(sorted(set().union(*held)))}
    seen = np.zeros((len(rows), len(known)))
    for at, bag in enumerate(held):
        seen[at, [known[word] for word in bag]] = 1.0
    emotions = sorted({row["emotion"] for row in rows})
    emotion = np.array([emotions.index(row["emotion"]) for row in rows])
    return 100 * float(sufficiency.recall(seen, emotion, folds_of(rows)[1])["ua"])


def emotion_words(phrases: Any) -> set[str]:
    """Every word of the phrases by which captions name emotions."""
    if isinstance(phrases, str):
        return set(re.findall(r"[a-z]+", phrases.lower())) - {"a", "an", "the", "in", "of", "no", "with", "and"}
    below = phrases.values() if isinstance(phrases, Mapping) else phrases
    return set().union(*(emotion_words(one) for one in below))


def few_speakers(rows: Sequence[Row], levels: int) -> tuple[int, int, int]:
    """Reasons counted on three speakers alone and tried on all others, over every choice of three: tried, hold, sets.

    The whole way is that of a corpus of these three: scale, words and evidence see no other.
    """
    table = attributes.table(attributes.ALL, levels)
    tried = hold = sets = 0
    for chosen in itertools.combinations(sorted({row["speaker"] for row in rows}), THREE):
        mine = [row["speaker"] in chosen for row in rows]
        known = coded(rows, mine, table)
        unseen = evidence.weigh(known.tally(known.training), {}, known.tally(~known.training))["unseen"]
        tried, hold, sets = tried + unseen["tried"], hold + unseen["hold"], sets + 1
    return tried, hold, sets


def small_cells(content: Mapping[str, Any]) -> int:
    """Reasons for an emotion that fewer than ten of its clips carry, or that are of an emotion of fewer."""
    cells = (cell for columns in content["emotions"].values() for cells in columns.values() for cell in cells.values())
    fewest = evidence.FEWEST_CLIPS
    return sum(
        cell["of"] < fewest or (cell["sense"] == evidence.FOR and cell["clips"] < fewest)
        for cell in cells
        if cell["sense"] != evidence.SILENT
    )


def lines_of(name: str, ran: Mapping[int, Ran]) -> Iterator[Line]:
    """The lines of one corpus, from its runs by their number of levels."""
    found = {
        (levels, *key): ua for levels, one in ran.items() for key, ua in recalls(one.rows, levels).items()
    }  # fmt: skip
    rows = ran[LEVELS[0]].rows
    note = f"{len(rows)} clips, chance {100 / len({row['emotion'] for row in rows}):.1f} %"
    for levels, chosen, against in itertools.product(LEVELS, (attributes.PAPER, attributes.ALL), COMPARISONS):
        reach = WORDS_UA if (chosen, levels, against) == REACHED else None
        many = len({one.name for one in attributes.table(chosen, levels).cues("both").values()})
        what = f"{name}: {many} attributes, {levels} levels, against {against}: words"
        ua = found[levels, chosen, against]
        yield Line(what, ua, reach, False, "%", f"numbers {found[levels, chosen, 'numbers']:.1f} %, {note}")
    for levels, style in itertools.product(LEVELS, CAPTIONS):
        words = found[levels, attributes.ALL, "both"]
        ua = bags(ran[levels].rows, texts(ran[levels], attributes.table(attributes.ALL, levels), style))
        reach = CAPTIONS_SHARE * words if style == CAPTIONS[0] else None
        what = f"{name}: {style}s, {levels} levels, without the emotion's words"
        yield Line(what, ua, reach, False, "%", f"{100 * ua / words:.0f} % of what all words of the rows give")
    for levels, one in ran.items():
        unseen = one.evidence["unseen"]
        share = 100 * unseen["hold"] / unseen["tried"] if unseen["tried"] else None
        note = f"{unseen['hold']} of {unseen['tried']} on {unseen['speakers']} speakers"
        yield Line(f"{name}: reasons that hold, {levels} levels", share, REASONS_HOLD, False, "%", note)


def small_lines(rows: Sequence[Row], quickstart: Ran) -> Iterator[Line]:
    """What the smallest corpora give reasons for."""
    tried, hold, sets = few_speakers(rows, LEVELS[0]) if rows else (0, 0, 0)
    note = f"{hold} of {tried}, {sets} choices of three speakers"
    share = 100 * hold / tried if tried else 100.0
    yield Line("emodb: reasons counted on three speakers that fail on the others", 100 - share, 0, True, "%", note)
    wrong = small_cells(quickstart.evidence)
    note = f"{len(quickstart.rows)} clips, {quickstart.evidence['unseen']['reasons']} reasons"
    yield Line("quickstart: reasons that rest on fewer than ten clips", wrong, 0, True, "", note)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.words", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", type=Path, default=Path("out/words"))
    chosen = parser.parse_args()
    lines: list[Line] = []
    emodb: list[Row] = []
    for name in CORPORA:
        if (chosen.data / name).is_dir():
            root = f"corpus.root={chosen.data / name}"
            # what is measured does not depend on the levels: the second run words anew what the first has measured
            ran = {levels: run(name, chosen.work / name, [root, f"descriptors.levels={levels}"]) for levels in LEVELS}
            lines += lines_of(name, ran)
            emodb = ran[LEVELS[0]].rows if name == "emodb" else []
    spoken = run("quickstart", chosen.work / "quickstart", [f"corpus.root={chosen.work / 'quickstart-corpus'}"])
    return show([*lines, *small_lines(emodb, spoken)], chosen.json)


if __name__ == "__main__":
    sys.exit(main())
