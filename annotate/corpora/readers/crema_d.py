"""CREMA-D: ``AudioWAV/1001_DFA_ANG_XX.wav`` is actor, sentence, acted emotion, level (LO MD HI XX).

``VideoDemographics.csv`` has the actors' sex, ``SentenceFilenames.csv`` the names of all clips, and
``summaryTable.csv`` what raters heard, saw, and heard and saw (``A:D`` where votes tie). The acted and the
heard label differ often: ``corpus.options.label`` chooses, and a note holds what was heard where that is
another. Source: https://github.com/CheyneyComputerScience/CREMA-D.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from annotate.corpora import table_file
from annotate.corpora.reader import (
    Reader,
    Request,
    misnamed,
    nothing_found,
    recordings,
    require_file,
    require_folder,
    stem,
)
from annotate.corpora.utterance import Utterance

LOOKED_FOR = "CREMA-D, AudioWAV/1001_DFA_ANG_XX.wav and VideoDemographics.csv"
NAME = re.compile(r"(?P<actor>\d{4})_(?P<sentence>[A-Z]{3})_(?P<emotion>[A-Z]{3})_(?P<level>[A-Z]{2}|X)$")
VOTES = {"heard": "VoiceVote", "seen": "FaceVote", "both": "MultiModalVote"}
OPTIONS = {
    "label": "acted (default), heard, seen, or both (heard and seen): whose word is the emotion",
    "labels": "folder with the three CSV files; by default the root",
}


def read(request: Request) -> Iterator[Utterance]:
    """All clips that are there or that ``SentenceFilenames.csv`` names, sorted by name."""
    require_folder(request.root, LOOKED_FOR)
    label = request.choice("label", ("acted", *VOTES), "acted")
    folder = request.place("labels", ".")
    there = list(recordings(request.root))
    paths_by_name = {stem(path): path for path in there if NAME.match(stem(path))}
    names = {str(row["Filename"]) for row in _rows(folder / "SentenceFilenames.csv")}
    if not paths_by_name and not names:
        raise nothing_found(request.root, LOOKED_FOR)
    if label != "acted":
        require_file(folder / "summaryTable.csv", folder, "summaryTable.csv, which has the votes")
    sexes = {str(row["ActorID"]): str(row["Sex"]).lower() for row in _rows(folder / "VideoDemographics.csv")}
    votes = {str(row["FileName"]): row for row in _rows(folder / "summaryTable.csv")}
    for name in sorted({*paths_by_name, *names}):
        match = NAME.match(name)
        if match is None:
            yield Utterance(
                id=name, path=f"AudioWAV/{name}.wav", drop="name that does not follow the pattern 1001_DFA_ANG_XX"
            )
            continue
        vote = votes.get(name, {})
        chosen = match["emotion"] if label == "acted" else str(vote.get(VOTES[label]) or "") or None
        voted = vote.get(VOTES["heard"])
        sex = sexes.get(match["actor"])
        yield Utterance(
            id=name,
            path=paths_by_name.get(name, f"AudioWAV/{name}.wav"),
            speaker=match["actor"],
            gender=sex if sex in ("female", "male") else None,
            emotion=chosen,
            intensity=match["level"],
            transcript=request.manifest.transcripts.get(match["sentence"]),
            notes=(f"heard: '{voted}'",) if voted and label == "acted" and voted != match["emotion"][0] else (),
        )

    yield from (misnamed(path) for path in there if stem(path) not in paths_by_name and stem(path) not in names)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of one of the corpus's tables; none where it is not there."""
    if path.is_file():
        for record in table_file.opened(path, separator="comma").records():
            if record.problem is None:
                yield {name: value or "" for name, value in record.values.items()}


plugin = Reader(version="2", read=read, options=OPTIONS)
