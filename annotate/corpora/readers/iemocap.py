"""IEMOCAP: ``SessionN/dialog/EmoEvaluation/DIALOG.txt`` has the labels, ``SessionN/sentences/wav`` the turns.

A line ``[6.2901 - 8.2357]<TAB>Ses01F_impro01_F000<TAB>neu<TAB>[2.5000, 2.5000, 2.5000]`` gives a turn, its
label, and the mean valence, activation and dominance (1 to 5). The raters' own lines below it are not read.
The speaker is session and sex, and the sex is the letter of the turn's last part (``F000``): the one in the
dialogue's name says who wore the markers. Transcripts come from ``dialog/transcriptions/DIALOG.txt``.
Description: Busso et al. (2008), Language Resources and Evaluation 42.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from annotate.corpora import corpus_text
from annotate.corpora.reader import Reader, Request, nothing_found, require_folder
from annotate.corpora.utterance import Utterance

LOOKED_FOR = "IEMOCAP, Session1 to Session5 with dialog/EmoEvaluation/Ses01F_impro01.txt"
LABEL = re.compile(r"\[[\d.]+\s*-\s*[\d.]+\]\s+(?P<turn>\S+)\s+(?P<label>[^\s\[]+)\s+\[(?P<scores>[^\]]*)\]\s*$")
TURN = re.compile(r"Ses(?P<session>\d\d)[FM]_(?P<kind>impro|script)\w*_(?P<sex>[FM])\d{3}$")
SPOKEN = re.compile(r"(?P<turn>Ses\d\d[FM]_\w+)\s+\[[\d. -]+\]\s*:\s*(?P<text>.*)$")
LOWEST, HIGHEST = 1.0, 5.0
OPTIONS = {"dialogues": "all (default), improvised or scripted"}


def read(request: Request) -> Iterator[Utterance]:
    """All labelled turns, session by session, dialogue by dialogue, in the order of the label files."""
    require_folder(request.root, LOOKED_FOR)
    chosen = request.choice("dialogues", ("all", "improvised", "scripted"), "all")
    wanted = {"all": ("impro", "script"), "improvised": ("impro",), "scripted": ("script",)}[chosen]
    files = [
        file
        for folder in sorted(request.root.glob("Session[0-9]*/dialog/EmoEvaluation"))
        for file in sorted(folder.glob("*.txt"))
        if not file.name.startswith(".")  # a Mac's ._Ses01F_impro01.txt
    ]
    if not files:
        inner = next(request.root.glob("*/Session[0-9]*"), None)
        raise nothing_found(request.root, LOOKED_FOR + (f"; try corpus.root={inner.parent}" if inner else ""))
    for file in files:
        for turn in _turns(file):
            match = TURN.match(turn.id)
            if match is None or match["kind"] in wanted:
                yield turn


def _turns(labels: Path) -> Iterator[Utterance]:
    """The turns of one dialogue."""
    session = labels.parents[2].name
    transcripts = _transcripts(labels.parents[1] / "transcriptions" / labels.name)
    for line in corpus_text.read(labels, ("cp1252",)).content.splitlines():
        match = LABEL.match(line)
        if match is None:  # headings, raters' lines
            continue
        turn = match["turn"]
        name = TURN.match(turn)
        sex = name["sex"] if name else None
        words, tags = corpus_text.spoken(transcripts.get(turn))
        scores, notes = _scores(match["scores"])
        if turn not in transcripts:
            notes.append("transcript: the corpus has none for this turn")
        yield Utterance(
            id=turn,
            path=f"{session}/sentences/wav/{labels.stem}/{turn}.wav",
            speaker=f"Ses{name['session']}{sex}" if name else None,
            gender={"F": "female", "M": "male"}.get(sex or ""),
            session=session,
            emotion=match["label"],
            transcript=words,
            written=corpus_text.written(transcripts.get(turn), words),
            valence=scores[0],
            arousal=scores[1],
            dominance=scores[2],
            drop=None if name else "turn whose name does not give the speaker",
            notes=(*tags, *notes),
        )


def _transcripts(path: Path) -> dict[str, str]:
    """Turn -> text. Lines of other forms (``M: ...``) and turns without a label are in the file too."""
    if not path.is_file():
        return {}
    lines = corpus_text.read(path, ("cp1252",)).content.splitlines()
    return {match["turn"]: match["text"] for line in lines if (match := SPOKEN.match(line))}


def _scores(written: str) -> tuple[list[float | None], list[str]]:
    """Valence, activation, dominance; what lies out of 1 to 5 is left out and told."""
    notes: list[str] = []
    scores: list[float | None] = []
    for name, part in zip(("valence", "arousal", "dominance"), [*written.split(","), "", "", ""], strict=False):
        try:
            value = float(part)
        except ValueError:
            value = float("nan")
        inside = LOWEST <= value <= HIGHEST
        scores.append(value if inside else None)
        if not inside:
            notes.append(f"{name}: {part.strip() or 'nothing'} is given, which is not from 1 to 5")
    return scores, notes


plugin = Reader(version="2", read=read, options=OPTIONS)
