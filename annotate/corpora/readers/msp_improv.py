"""MSP-IMPROV: ``sessionN/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav`` and one file with all labels.

The name gives sentence and target emotion (``S01A``), the speaker of the turn (``F01``), the scenario (P while
preparing, R read, S improvised, T the target sentence improvised), and the order of listener and speaker. The
label file is named ``Evalution.txt`` (so misspelt); a block begins with a line like
``UTD-IMPROV-S01A-F01-P-FM01.avi; N; A:1.800000 ; V:3.000000 ; D:2.400000 ; N:2.600000 ;`` (label, activation,
valence, dominance, naturalness, 1 to 5, any of them ``NaN``), and the raters' lines below it are not read.
Description: Busso et al. (2017), IEEE Transactions on Affective Computing 8(1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from annotate.corpora import column_map, corpus_text
from annotate.corpora.reader import Reader, Request, misnamed, nothing_found, paths, recordings, require_folder, stem
from annotate.corpora.utterance import Utterance

LABEL_FILES = ("Evalution.txt", "Evaluation.txt")
LOOKED_FOR = "MSP-IMPROV, session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav and Evalution.txt"
NAME = re.compile(r"MSP-IMPROV-S\d\d[A-Z]-(?P<sex>[FM])(?P<number>\d\d)-(?P<scenario>[PRST])-[FM]{2}\d\d$")
HEAD = re.compile(r"(?:UTD|MSP)-IMPROV-(?P<rest>\S+?)\.avi\s*;\s*(?P<label>[^;]*?)\s*;(?P<scores>.*)$")
SCORES = {"V": "valence", "A": "arousal", "D": "dominance"}
OPTIONS = {"scenarios": "which of P (preparing), R (read), S (improvised), T (target); default PRST"}


@dataclass(frozen=True)
class Label:
    """What the raters said of a turn."""

    emotion: str | None
    scores: dict[str, float | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(request: Request) -> Iterator[Utterance]:
    """All turns that have a recording or a label, sorted by id."""
    require_folder(request.root, LOOKED_FOR)
    wanted = request.text("scenarios", "PRST") or ""
    there = list(recordings(request.root))
    paths_by_name = {stem(path): path for path in there if NAME.match(stem(path))}
    texts = {path.rpartition("/")[2].removesuffix(".txt"): path for path in paths(request.root, ".txt")}
    labels = _labels(request.root, texts)
    for turn in sorted({*paths_by_name, *labels}):
        match = NAME.match(turn)
        if match is None or match["scenario"] in wanted:
            yield _utterance(request.root, turn, match, paths_by_name.get(turn), labels.get(turn), texts.get(turn))

    yield from (misnamed(path) for path in there if stem(path) not in paths_by_name and stem(path) not in labels)


def _utterance(
    root: Path, turn: str, match: re.Match[str] | None, path: str | None, label: Label | None, transcript: str | None
) -> Utterance:
    notes = list(label.notes) if label else ["emotion: the label file does not name this turn"]
    words = None
    if transcript is not None:
        words, text_notes = corpus_text.of_recording(root / transcript, ("cp1252",))
        notes += text_notes
    else:
        notes.append("transcript: the corpus has none for this turn")
    scores = label.scores if label else {}
    speaker = f"{match['sex']}{match['number']}" if match else None
    return Utterance(
        id=turn,
        path=path or f"{turn}.wav",
        speaker=speaker,
        gender={"F": "female", "M": "male"}[match["sex"]] if match else None,
        # a session is a pair of speakers, F01 and M01; the folder repeats it
        session=f"session{int(match['number'])}" if match else None,
        emotion=label.emotion if label else None,
        transcript=words,
        notes=tuple(notes),
        drop=None if match else "turn whose name does not give the speaker",
        valence=scores.get("valence"),
        arousal=scores.get("arousal"),
        dominance=scores.get("dominance"),
    )


def _labels(root: Path, texts: dict[str, str]) -> dict[str, Label]:
    """Turn -> label, from the one label file wherever it lies below the root."""
    path = next((texts[name[:-4]] for name in LABEL_FILES if name[:-4] in texts), None)
    if path is None:
        raise nothing_found(root, LOOKED_FOR)
    labels: dict[str, Label] = {}
    for line in corpus_text.read(root / path, ("cp1252",)).content.splitlines():
        match = HEAD.match(line.strip())
        if match:
            # the label file says UTD-IMPROV where the recordings say MSP-IMPROV
            labels[f"MSP-IMPROV-{match['rest']}"] = _label(match)
    if not labels:
        raise nothing_found(
            root, f"labels in {path}, lines like UTD-IMPROV-S01A-F01-P-FM01.avi; N; A:1.8 ; V:3.0 ; ..."
        )
    return labels


def _label(match: re.Match[str]) -> Label:
    notes: list[str] = []
    scores: dict[str, float | None] = {}
    for part in match["scores"].split(";"):
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if colon and name in SCORES:
            scores[SCORES[name]] = column_map.number(SCORES[name], value, notes)
    return Label(match["label"] or None, scores, tuple(notes))


plugin = Reader(version="2", read=read, options=OPTIONS)
