"""A corpus through EmoBox's JSON lines: ``fold_1/CORPUS_{train,valid,test}_fold_1.jsonl``.

Each line has ``key``, ``dataset``, ``wav`` (relative to ``corpus.root``, usually ``downloads/CORPUS/...``), the
label in ``emo`` (in some editions in ``type``), and in some ``sex``, ``lang`` and ``spk``. Spellings differ within
one file (``neutral`` and ``Neutral``): the label set ``common`` takes both. Source: https://github.com/emo-box/EmoBox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotate.corpora import column_map, corpus_text, emobox_folds, table_file
from annotate.corpora.reader import Reader, Request, require_folder
from annotate.corpora.utterance import Utterance
from annotate.errors import UsageError

# what "type" says in the editions that have the label in "emo"
KINDS = ("raw", "feature")
OPTIONS = {"emobox": "folder with fold_1, fold_2, ..."}


def read(request: Request) -> Iterator[Utterance]:
    """The utterances of all parts of the first fold: together they are the corpus."""
    require_folder(request.root, "the recordings that EmoBox's JSON lines name")
    named = request.text("emobox")
    if named is None:
        raise UsageError("corpus.options.emobox: give the folder with fold_1, as in EmoBox/data/iemocap")
    folder = Path(named)
    emobox_folds.count(folder)
    for part in ("train", "valid", "test"):
        path = emobox_folds.part(folder, 1, part, required=part != "valid")
        for record in table_file.opened(path).records() if path else ():
            if record.problem:
                yield Utterance(id=f"{path.name}:{record.row}" if path else "", path="", drop=record.problem)
            else:
                yield _utterance(record.values)


def _utterance(line: Mapping[str, Any]) -> Utterance:
    kind = column_map.plain(line.get("type"))
    sex = (column_map.plain(line.get("sex")) or "").lower()
    words, notes = corpus_text.spoken(column_map.plain(line.get("text")), column_map.plain(line.get("spk")))
    path = column_map.plain(line.get("wav")) or ""
    return Utterance(
        id=column_map.plain(line.get("key")) or path,
        path=path,
        speaker=column_map.plain(line.get("spk")),
        gender=column_map.gender_of(sex),
        emotion=column_map.plain(line.get("emo")) or (None if kind in KINDS else kind),
        language=column_map.plain(line.get("lang")),
        transcript=words,
        written=corpus_text.written(column_map.plain(line.get("text")), words),
        notes=notes,
    )


plugin = Reader(version="1", read=read, options=OPTIONS)
