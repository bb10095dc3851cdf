"""A Kaldi data folder: ``wav.scp`` with ``text``, ``utt2spk``, ``spk2gender`` and ``utt2emo`` beside it.

``wav.scp`` has a line ``ID PATH`` for each utterance, or ``ID<TAB>PATH``. A path is relative to
``corpus.root``; an absolute one must lie within it. A line that ends in ``|`` is a command: it is never run.
Where there is a list ``segments`` (``ID RECORDING START END``, in seconds), its lines are the utterances.
Format: https://kaldi-asr.org/doc/data_prep.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from annotate.corpora import column_map, corpus_text, times
from annotate.corpora.reader import Reader, Request, require_file, require_folder
from annotate.corpora.utterance import Utterance

OPTIONS = {
    "lists": "folder with wav.scp; by default the root",
    "wav_scp": "name of the list of recordings; by default wav.scp",
    "emotions": "name of the list ID LABEL; by default utt2emo, where there is one",
    "encoding": "of the lists; by default UTF-8, or UTF-16 where a list is written so",
}
COMMAND = "a command instead of a path, which would run a program; write its output to files first"


def read(request: Request) -> Iterator[Utterance]:
    """An utterance for each line of ``wav.scp``, in its order."""
    require_folder(request.root, "the recordings that wav.scp names")
    lists = request.place("lists", ".")
    listed = lists / (request.text("wav_scp") or "wav.scp")
    require_file(listed, lists, f"{listed.name} (ID PATH, one a line)")
    encoding = request.text("encoding")
    spoken, speakers = Lookup(lists / "text", encoding), Lookup(lists / "utt2spk", encoding)
    emotions = Lookup(lists / (request.text("emotions") or "utt2emo"), encoding)
    genders = dict(pairs(lists / "spk2gender", encoding))
    for number, (name, path, start, end, problem) in enumerate(_listed(lists, listed, encoding), 1):
        speaker = speakers.get(name)
        raw = spoken.get(name)
        words, notes = corpus_text.spoken(raw, speaker)
        facts = column_map.speaker_facts(request, speaker)
        given = genders.get(speaker or "", "")
        gender = column_map.gender_of(given) or facts.get("gender")
        if given and gender is None:
            notes = (*notes, f"gender: '{given}' in spk2gender is neither f nor m")
        yield Utterance(
            id=name or f"{listed.name}:{number}",
            path=path,
            speaker=speaker,
            gender=gender,
            emotion=emotions.get(name),
            transcript=words,
            written=corpus_text.written(raw, words),
            start=start,
            end=end,
            drop=problem or (COMMAND if path.endswith("|") else None if path else "line without a path"),
            notes=notes,
        )


def _listed(
    lists: Path, listed: Path, encoding: str | None
) -> Iterator[tuple[str, str, float | None, float | None, str | None]]:
    """Name, path, from and up to when, and what is wrong: of wav.scp's lines, or of those of ``segments``."""
    if not (lists / "segments").is_file():
        yield from ((name, path, None, None, None) for name, path in pairs(listed, encoding))
        return
    recordings = dict(pairs(listed, encoding))
    for name, rest in pairs(lists / "segments", encoding):
        recording, *when = rest.split()
        path = recordings.get(recording)
        if path is None or len(when) != 2:
            what = f"{listed.name} has no recording '{recording}'" if path is None else "expected RECORDING START END"
            yield name, path or "", None, None, f"segments: {what}"
            continue
        try:
            # an end of -1 is that of the recording
            given = {times.START: when[0], times.END: None if when[1].startswith("-1") else when[1]}
            yield name, path, *times.part_of(given, {}), None
        except ValueError as wrong:
            yield name, path, None, None, f"segments: {wrong}"


def pairs(path: Path, encoding: str | None = None) -> Iterator[tuple[str, str]]:
    """The lines of a list, each cut at its first space or tab; nothing where there is no such file."""
    if not path.is_file():
        return
    for line in corpus_text.lines(path, encoding):
        name, _, rest = line.strip().replace("\t", " ", 1).partition(" ")
        if name or rest:
            yield name, rest.strip()


class Lookup:
    """A list ``ID VALUE`` looked up in step with another: memory holds only what has not been asked for yet.

    Kaldi sorts its lists alike, so that is next to nothing; a list in another order is read ahead as needed.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.lines = pairs(path, encoding)
        self.ahead: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """The value of an id, None where the list has none. An id can be asked for once."""
        if name in self.ahead:
            return self.ahead.pop(name) or None
        for key, value in self.lines:
            if key == name:
                return value or None
            self.ahead[key] = value
        return None


plugin = Reader(version="3", read=read, options=OPTIONS)
