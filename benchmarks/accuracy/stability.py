"""Whether a clip keeps its words when it is stored in another format, made louder or quieter, noisy, cut, in a room.

Words of every attribute are made by a scale that is fitted on the clean clips (three levels, within each sex, as by
default), one corpus at a time, and the words of the disturbed clips by the same scale: one clip is disturbed in a
corpus that is not. A gain then changes the volume of a clip, and its word with it; that this is no fault of the word is
shown by the last lines, where the whole corpus is disturbed and the scale fitted on what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotate import attributes
from annotate.audio.disturb import FURTHER
from annotate.descriptors import scale as scales
from annotate.descriptors.words import Word, word
from annotate.recipe_sections import FeatureSettings
from benchmarks import disturbed
from benchmarks.accuracy.line import Line
from benchmarks.recordings import Clip, clips

CORPORA = ("ravdess", "emodb")
GAINS = ("+6 dB", "-6 dB")
TOLD = ("MP3 64 kbit/s", "+6 dB", "noise 20 dB", *FURTHER)  # the others tell readers nothing more
KEPT = Path("out/disturbed")  # shared with the fit and the bench of the sureness
MADE = scales.descriptors(attributes.table(attributes.ALL))
MEASURES = {one.name: one.measure for one in MADE}
DEFAULTS = FeatureSettings().model_dump()
# column -> the recipe's estimator that writes it, as ``slot: name``
ESTIMATORS = {
    column: f"{slot}: {name}" for (column, _), (slot, name) in disturbed.MEASURED.items() if DEFAULTS[slot] == name
}
Row = dict[str, Any]


def measured(data: Path, corpus: str, workers: int) -> list[dict[str, Row]]:
    """Of some clips of each speaker the measurements that make words: disturbance (or ``clean``) -> row."""
    chosen = disturbed.one_in([_given(data / corpus, clip) for clip in clips(data, corpus)], disturbed.EVERY)
    if not chosen:
        return []
    given = {row["id"]: row for row in chosen}
    kept = disturbed.kept_file(KEPT / corpus)
    kept.parent.mkdir(parents=True, exist_ok=True)
    return [
        {how: {**given[clip["id"]], **_columns(values)} for how, values in clip["values"].items()}
        for clip in disturbed.measured(data / corpus, chosen, kept, workers)
    ]


def _given(root: Path, clip: Clip) -> Row:
    about = {"id": clip.path.stem, "path": str(clip.path.relative_to(root)), "transcript": clip.text}
    return {**about, "language": clip.language, "speaker": clip.speaker, "gender": clip.sex}


def _columns(values: Mapping[str, Mapping[str, Any]]) -> Row:
    return {measure: values[ESTIMATORS[measure]].get(measure) for measure in MEASURES.values()}


def lines(data: Path, workers: int) -> list[Line]:
    """Per attribute and disturbance the share of clips whose word stays."""
    corpora = [measured(data, corpus, workers) for corpus in CORPORA]
    rows = [found for found in corpora if found]
    if not rows:
        return [Line("stability of words", None, note="neither ravdess nor emodb in DATA")]
    note = f"{sum(map(len, rows))} clips of RAVDESS and EmoDB, scale fitted on the clean ones"
    lines = [
        _line(name, how, _share(rows, name, how, disturbed.CLEAN), note) for name in MEASURES for how in disturbed.ALL
        if how not in disturbed.CHANGES_ITSELF.get(MEASURES[name], ())
    ]  # fmt: skip
    anew = "the same clips, all disturbed, scale fitted on them"
    return lines + [
        _line("volume", f"{how} on the whole corpus", _share(rows, "volume", how, how), anew) for how in GAINS
    ]


def _share(corpora: Sequence[Sequence[Mapping[str, Row]]], descriptor: str, name: str, fitted_on: str) -> float:
    kept = total = 0
    for corpus in corpora:
        clean = _scale([rows[disturbed.CLEAN] for rows in corpus])
        used = clean if fitted_on == disturbed.CLEAN else _scale([rows[fitted_on] for rows in corpus])
        for rows in corpus:
            before = _word(rows[disturbed.CLEAN], descriptor, clean)
            # the edges were laid on these very clips, some exactly on one of them
            if before.word is None or np.isclose(rows[disturbed.CLEAN][MEASURES[descriptor]], before.edges).any():
                continue
            kept += before.word == _word(rows[name], descriptor, used).word
            total += 1
    return 100 * kept / max(total, 1)


def _scale(rows: Sequence[Row]) -> dict[str, Any]:
    return scales.fit(rows, MADE, scales.Method(), {})


def _word(row: Row, descriptor: str, scale: Mapping[str, Any]) -> Word:
    return word(row[MEASURES[descriptor]], descriptor, row, scale)


def _line(name: str, how: str, share: float, note: str) -> Line:
    columns = (name, MEASURES[name]) if how in TOLD else ()
    what = f"words that stay: {name}, {how}"
    return Line(what, share, None, False, "%", note, columns, ESTIMATORS[MEASURES[name]])
