"""MELD: three label files (``train_sent_emo.csv``, ``dev_...``, ``test_...``) and a clip for each of their rows.

Source: https://affective-meld.github.io/. ``Dialogue_ID`` starts again in every split, so the id is
``train/dia0_utt0``. The clips are videos named ``dia0_utt0.mp4`` in a folder for each split; this reads their
sound, so extract it first under the same name (``ffmpeg -i dia0_utt0.mp4 dia0_utt0.wav``). Speakers are names
of characters; a few rows name several, whose sex is then not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from annotate.corpora import column_map, corpus_text, table_file
from annotate.corpora.reader import Reader, Request, nothing_found, paths, require_folder
from annotate.corpora.recording_path import AUDIO_ENDINGS, VIDEO_ENDINGS
from annotate.corpora.utterance import Utterance
from annotate.errors import SemoError, nearest

SPLITS = ("train", "dev", "test")
LOOKED_FOR = "MELD's train_sent_emo.csv, dev_sent_emo.csv and test_sent_emo.csv"
NEEDED = ("Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID")
CLIP = re.compile(r"(?P<path>(?P<folder>.*/)?(?P<name>dia\d+_utt\d+))(?P<ending>\.\w+)$")
IN_FOLDER = re.compile(r"train|dev|val|test", re.IGNORECASE)
OPTIONS = {"labels": "folder with the three label files; by default they are looked for below the root"}


def read(request: Request) -> Iterator[Utterance]:
    """Every row of the label files, split by split, in their order."""
    require_folder(request.root, LOOKED_FOR)
    files = _label_files(request)
    clips = _clips(request.root)
    for split, path in files.items():
        for record in _records(path):
            row = {name: str(record.values.get(name) or "") for name in NEEDED}
            if record.problem:
                yield Utterance(id=f"{path.name}:{record.row}", path="", split=split, drop=record.problem)
                continue
            name = f"dia{row['Dialogue_ID'].strip()}_utt{row['Utterance_ID'].strip()}"
            speaker = corpus_text.repaired(row["Speaker"]).strip() or None
            words, notes = corpus_text.spoken(row["Utterance"], speaker)
            facts = column_map.speaker_facts(request, speaker)
            yield Utterance(
                id=f"{split}/{name}",
                path=clips.get((split, name), f"{split}/{name}.wav"),
                speaker=speaker,
                gender=facts.get("gender"),
                session=f"{split}/dia{row['Dialogue_ID'].strip()}",
                emotion=row["Emotion"].strip() or None,
                transcript=words,
                written=corpus_text.written(row["Utterance"], words),
                split=split,
                notes=notes,
            )


def _label_files(request: Request) -> dict[str, Path]:
    folder = request.place("labels", ".")
    files: dict[str, Path] = {}
    for path in paths(folder, ".csv") if folder.is_dir() else ():
        split, _, rest = path.rpartition("/")[2].partition("_")
        if rest == "sent_emo.csv" and split in SPLITS:
            files.setdefault(split, folder / path)
    if not files:
        raise nothing_found(folder, LOOKED_FOR)
    return {split: files[split] for split in SPLITS if split in files}


def _clips(root: Path) -> dict[tuple[str, str], str]:
    """(split, name) -> path. The split is what the clip's own folders say; a recording comes before a video."""
    clips: dict[tuple[str, str], str] = {}
    for path in paths(root):
        match = CLIP.match(path)
        where = IN_FOLDER.search(match["folder"] or "") if match else None
        if match is None or where is None or match["ending"].lower() not in (*AUDIO_ENDINGS, *VIDEO_ENDINGS):
            continue
        split = {"val": "dev"}.get(where[0].lower(), where[0].lower())
        audible = match["ending"].lower() in AUDIO_ENDINGS
        # where there is only a video, the recording is named that it would be
        if audible or (split, match["name"]) not in clips:
            clips[split, match["name"]] = path if audible else f"{match['path']}.wav"
    return clips


def _records(path: Path) -> Iterator[table_file.Record]:
    """Rows of a label file; some copies are in Windows-1252, others had that read as Latin-1."""
    opened = table_file.opened(path, encoding=corpus_text.read(path, ("cp1252",)).encoding, separator="comma")
    for name in NEEDED:
        if name not in opened.columns:
            close = nearest(name, opened.columns)
            raise SemoError(f"{path}: has no column '{name}'" + (f"; it has '{close}'" if close else ""))
    yield from opened.records()


plugin = Reader(version="1", read=read, options=OPTIONS)
