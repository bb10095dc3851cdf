"""Whether a clip keeps its words when it is stored in another format, made louder or quieter, or noisy.

Words are made by a scale that is fitted on the clean clips (tertiles within each sex, as by default), one corpus at a
time, and the words of the disturbed clips by the same scale: one clip is disturbed in a corpus that is not. A gain
then changes the volume of a clip, and its word with it; that this is no fault of the word is shown by the last lines,
where the whole corpus is disturbed and the scale fitted on what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.attributes import reply_attributes
from annotate.audio.disturb import DISTURBANCES, disturbed
from annotate.audio.recording import Recording
from annotate.descriptors import scale as scales
from annotate.descriptors.words import word
from annotate.features.measure import measure_recording
from benchmarks.accuracy.line import Line
from benchmarks.measured import over
from benchmarks.recordings import Clip, clips

EVERY = {"ravdess": 8, "emodb": 4}
CLEAN = "clean"
ESTIMATORS = {"pitch": "pitch: praat", "speed": "rate: transcript", "volume": "energy: lufs"}
GAINS = ("+6 dB", "-6 dB")
TOLD = ("MP3 64 kbit/s", "+6 dB", "noise 20 dB")  # the report shows these; the others tell readers nothing more
MADE = scales.descriptors(reply_attributes())
MEASURES = {one.name: one.measure for one in MADE}
ESTIMATORS = {"pitch": "praat", "energy": "lufs", "rate": "transcript"}
Row = dict[str, Any]


def measured(clip: Clip) -> dict[str, Row]:
    """The measurements that make words, of the clean clip and under each disturbance."""
    clean = clip.recording()
    heard = {CLEAN: clean, **{name: disturbed(clean, name) for name in DISTURBANCES}}
    return {name: _row(clip, recording) for name, recording in heard.items()}


def _row(clip: Clip, recording: Recording) -> Row:
    given: Row = {"transcript": clip.text, "language": clip.language, "speaker": clip.speaker, "gender": clip.sex}
    return {**given, **dict.fromkeys(MEASURES.values()), **measure_recording(recording, ESTIMATORS, given)}


def lines(data: Path, workers: int) -> list[Line]:
    """Per descriptor and disturbance the share of clips whose word stays."""
    corpora = [over(clips(data, corpus)[::step], measured, workers) for corpus, step in EVERY.items()]
    rows = [found for found in corpora if found]
    said = f"{sum(map(len, rows))} clips of RAVDESS and EmoDB, scale fitted on the clean ones"
    if not rows:
        return [Line("stability of words", None, note="neither ravdess nor emodb in DATA")]
    lines = [
        _line(descriptor, name, _share(rows, descriptor, name, CLEAN), said)
        for descriptor in MEASURES
        for name in DISTURBANCES
    ]
    anew = "the same clips, all disturbed, scale fitted on them"
    return lines + [
        _line("volume", f"{name} on the whole corpus", _share(rows, "volume", name, name), anew) for name in GAINS
    ]


def _share(corpora: Sequence[Sequence[Mapping[str, Row]]], descriptor: str, name: str, fitted_on: str) -> float:
    kept = total = 0
    for corpus in corpora:
        clean = _scale([rows[CLEAN] for rows in corpus])
        used = clean if fitted_on == CLEAN else _scale([rows[fitted_on] for rows in corpus])
        for rows in corpus:
            before = _word(rows[CLEAN], descriptor, clean)
            kept += before is not None and before == _word(rows[name], descriptor, used)
            total += before is not None
    return 100 * kept / max(total, 1)


def _scale(rows: Sequence[Row]) -> dict[str, Any]:
    return scales.fit(rows, MADE, scales.Method(), {})


def _word(row: Row, descriptor: str, scale: Mapping[str, Any]) -> str | None:
    return word(row[scale["descriptors"][descriptor]["measure"]], descriptor, row, scale).word


def _line(descriptor: str, name: str, share: float, note: str) -> Line:
    told = (descriptor, MEASURES[descriptor]) if name in TOLD else ()
    what = f"words that stay: {descriptor}, {name}"
    return Line(what, share, None, False, "%", note, told, ESTIMATORS[descriptor])
