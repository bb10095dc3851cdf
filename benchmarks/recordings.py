"""The recordings of a ``DATA`` folder, with what is known of each: who speaks, of what sex, which words.

``DATA`` holds any of ``ravdess/Actor_NN/*``, ``emodb/wav/*``, ``fda/*`` with its ``*.f0ref``, ``emur_ae/*`` with its
``*.txt``; what it lacks is reported as not measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from annotate.audio.decode import decode
from annotate.audio.recording import RATE, Recording

ENDINGS = (".flac", ".wav")
EMODB_MEN = frozenset(("03", "10", "11", "12", "15"))
FDA_SEX = {"rl": "male", "sb": "female"}
EMUR_SEX = "male"
# the ten sentences of EmoDB (Burkhardt et al. 2005) and the two of RAVDESS (Livingstone and Russo 2018)
EMODB = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
RAVDESS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
CUT_SAMPLES, CUT_TAIL_S, CUT_LEVEL = 32000, 0.05, 4 / 32768


@dataclass(frozen=True)
class Clip:
    """One recording.

    Attributes:
        path: the file.
        corpus: ``ravdess``, ``emodb``, ``fda`` or ``emur_ae``.
        speaker: as the corpus names them.
        sex: ``male`` or ``female``.
        text: what is said.
        language: of the text.
        sentence: the corpus's code of the text.
    """

    path: Path
    corpus: str
    speaker: str
    sex: str
    text: str
    language: str
    sentence: str

    def recording(self) -> Recording:
        """The decoded recording, afresh each time: nothing computed of it is kept."""
        return decode(self.path).recording


def clips(data: Path, *corpora: str) -> list[Clip]:
    """All clips of the corpora named that are in ``data``, in the order of their names."""
    return [clip for corpus in corpora for clip in _found(data, corpus)]


@lru_cache(maxsize=16)
def _found(data: Path, corpus: str) -> tuple[Clip, ...]:
    return tuple(_READERS[corpus](data / corpus))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)


def _ravdess(folder: Path) -> Iterator[Clip]:
    for path in _files(folder):
        fields = path.stem.split("-")
        if len(fields) == 7 and fields[1] == "01":  # 02 is song
            sex = "male" if int(fields[6]) % 2 else "female"
            yield Clip(path, "ravdess", fields[6], sex, RAVDESS[fields[4]], "en", fields[4])


def _emodb(folder: Path) -> Iterator[Clip]:
    for path in _files(folder):
        speaker, sentence = path.stem[:2], path.stem[2:5]
        sex = "male" if speaker in EMODB_MEN else "female"
        yield Clip(path, "emodb", speaker, sex, EMODB[sentence], "de", sentence)


def _fda(folder: Path) -> Iterator[Clip]:
    index = folder / "orthographic.index"
    lines = index.read_text(encoding="utf-8").splitlines() if index.is_file() else []
    texts = dict(line.strip().split(" ", 1) for line in lines if line.strip())
    for path in _files(folder):
        speaker, sentence = path.stem[:2], path.stem[2:]
        yield Clip(path, "fda", speaker, FDA_SEX.get(speaker, ""), texts.get(sentence, ""), "en", sentence)


def _emur(folder: Path) -> Iterator[Clip]:
    for path in _files(folder):
        text = path.with_suffix(".txt")
        words = text.read_text(encoding="utf-8").strip() if text.is_file() else ""
        yield Clip(path, "emur_ae", path.stem[:5], EMUR_SEX, words, "en", path.stem[5:])


_READERS = {"ravdess": _ravdess, "emodb": _emodb, "fda": _fda, "emur_ae": _emur}


def whole(clip: Clip, recording: Recording) -> bool:
    """Whether all of the clip's text is surely in it.

    The EmoDB clips at hand are of exactly 2 s: longer recordings are cut there, shorter ones padded with silence.
    A clip of that very length is whole only if its last 50 ms are padding.
    """
    if clip.corpus != "emodb" or len(recording.samples) != CUT_SAMPLES:
        return True
    return bool(np.abs(recording.samples[-int(CUT_TAIL_S * RATE) :]).max() < CUT_LEVEL)
