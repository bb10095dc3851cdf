"""LibriTTS: ``train-clean-100/103/1241/103_1241_000000_000001.wav`` with ``.normalized.txt`` beside it.

``SPEAKERS.txt`` (columns separated by ``|``, comment lines begin with ``;``) gives the readers' sex; it lies in
the root or one folder above. There are no emotions. Source: https://openslr.org/60; Zen et al. (2019).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from annotate.corpora import column_map, corpus_text
from annotate.corpora.reader import Reader, Request, misnamed, named, require_folder
from annotate.corpora.utterance import Utterance

LOOKED_FOR = "LibriTTS, train-clean-100/103/1241/103_1241_000000_000001.wav"
NAME = re.compile(r"(?:(?P<part>[\w-]+)/)?(?P<speaker>\d+)/(?P<chapter>\d+)/(?P<id>\d+_\d+_\d+_\d+)\.\w+$")
TEXTS = {"normalized": ".normalized.txt", "original": ".original.txt"}
OPTIONS = {"text": "normalized (default) or original: which of the two text files is the transcript"}


def read(request: Request) -> Iterator[Utterance]:
    """All utterances, part by part, speaker by speaker, in the order of their folders."""
    require_folder(request.root, LOOKED_FOR)
    ending = TEXTS[request.choice("text", TEXTS, "normalized")]
    sexes = _sexes(request.root)
    for path, match in named(request.root, NAME, LOOKED_FOR):
        if match is None:
            yield misnamed(path)
            continue
        beside = request.root / (path.rpartition(".")[0] + ending)
        words, notes = (
            corpus_text.of_recording(beside)
            if beside.is_file()
            else (None, (f"transcript: there is no {ending} file",))
        )
        yield Utterance(
            id=match["id"],
            path=path,
            speaker=match["speaker"],
            gender=sexes.get(match["speaker"]),
            # the root may be one part of the corpus: then its own name is the part
            split=match["part"] or request.root.resolve().name,
            session=match["chapter"],
            transcript=words,
            notes=notes,
        )


def _sexes(root: Path) -> dict[str, str]:
    """Speaker -> female or male."""
    for folder in (root, root.resolve().parent):
        path = folder / "SPEAKERS.txt"
        if path.is_file():
            lines = (
                line for line in corpus_text.read(path, ("cp1252",)).content.splitlines() if not line.startswith(";")
            )
            cells = ([cell.strip() for cell in line.split("|")] for line in lines if line.count("|") >= 2)
            return {row[0]: sex for row in cells if (sex := column_map.gender_of(row[1]))}
    return {}


plugin = Reader(version="2", read=read, options=OPTIONS)
