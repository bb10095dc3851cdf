"""ESD: ``0001/Angry/0001_000351.wav`` and ``0001/0001.txt`` with ``ID<TAB>text<TAB>emotion`` lines.

Speakers 0001 to 0010 speak Mandarin, 0011 to 0020 English. Some copies have ``train``, ``evaluation`` and
``test`` below the emotion, which become the given split. The text files lie in differing encodings (UTF-8,
UTF-16 with and without byte order mark, GBK), some with spaces for tabs, some with Chinese words for the
emotions; the emotion is the folder's. Source: https://github.com/HLTSingapore/Emotional-Speech-Data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from annotate.corpora import column_map, corpus_text
from annotate.corpora.reader import Reader, Request, misnamed, named, paths, require_folder
from annotate.corpora.utterance import Utterance

LOOKED_FOR = "ESD, 0001/Angry/0001_000351.wav to 0020/..."
NAME = re.compile(r"(?:^|/)(?P<speaker>00\d\d)/(?P<emotion>\w+)/(?:(?P<split>\w+)/)?(?P<id>(?P=speaker)_\d{6})\.\w+$")
LINE = re.compile(r"(?P<id>00\d\d_\d{6})\s+(?P<text>.*?)(?:\s+(?P<emotion>\S+))?\s*$")
WORDS = {"中立": "neutral", "生气": "angry", "快乐": "happy", "伤心": "sad", "惊喜": "surprise"}
OPTIONS = {"language": "all (default), en or zh"}


def read(request: Request) -> Iterator[Utterance]:
    """All clips of the speakers wanted, folder by folder in order."""
    require_folder(request.root, LOOKED_FOR)
    wanted = request.choice("language", ("all", "en", "zh"), "all")
    lists = {path.rpartition("/")[2][:4]: path for path in paths(request.root, ".txt") if _is_list(path)}
    texts: dict[str, tuple[dict[str, str], str | None]] = {}
    for path, match in named(request.root, NAME, LOOKED_FOR):
        if match is None:
            yield misnamed(path)
            continue
        speaker = match["speaker"]
        facts = column_map.speaker_facts(request, speaker)
        if wanted not in ("all", facts.get("language")):
            continue
        if speaker not in texts:
            texts[speaker] = _texts(request.root / lists[speaker]) if speaker in lists else ({}, None)
        yield _utterance(path, match, facts, *texts[speaker])


def _is_list(path: str) -> bool:
    return re.search(r"(?:^|/)00\d\d\.txt$", path) is not None


def _utterance(
    path: str, match: re.Match[str], facts: dict[str, str], texts: dict[str, str], note: str | None
) -> Utterance:
    line = LINE.match(texts.get(match["id"], ""))
    emotion = match["emotion"]
    written = line["emotion"] if line else None
    words, notes = corpus_text.spoken(line["text"].strip() if line else None)
    if line is None:
        notes = (*notes, "transcript: the text file has no line for this clip")
    if written and WORDS.get(written, written).lower() != emotion.lower():
        notes = (*notes, f"emotion: the text file says '{written}'")
    return Utterance(
        id=match["id"],
        path=path,
        speaker=match["speaker"],
        gender=facts.get("gender"),
        language=facts.get("language"),
        emotion=emotion,
        transcript=words,
        split=match["split"],
        notes=(*notes, *((note,) if note else ())),
    )


def _texts(path: Path) -> tuple[dict[str, str], str | None]:
    """Id -> line, and a note on the encoding; what cannot be decoded fails with file and line."""
    read_in = corpus_text.read(path)
    lines = (line.strip("\ufeff \t\r") for line in read_in.content.splitlines())
    return {line[:11]: line for line in lines if line}, read_in.note


plugin = Reader(version="2", read=read, options=OPTIONS)
