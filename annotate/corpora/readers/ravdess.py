"""RAVDESS speech: everything is in the file's name, ``03-01-05-02-01-01-12``.

Modality (03 audio only), channel (01 speech), emotion, intensity, statement, repetition, actor (odd
male, even female). Source: https://zenodo.org/records/1188976. Left out: song (channel 02) and video
files. Copies on the web carry each file twice, in a nested ``audio_speech_actors_01-24`` folder: the
copy with the shorter path is read and the other is put aside as a duplicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotate.corpora.reader import Reader, Request, misnamed, nothing_found, recordings, require_folder, stem
from annotate.corpora.utterance import Utterance

EMOTIONS = {
    "01": "neutral", "02": "calm", "03": "happy", "04": "sad",
    "05": "angry", "06": "fearful", "07": "disgust", "08": "surprised",
}  # fmt: skip
INTENSITIES = {"01": "normal", "02": "strong"}
NAME = re.compile(r"03-01-(0[1-8])-(0[12])-(0[12])-(0[12])-(\d\d)$")
LEFT_OUT = re.compile(r"0[123]-02-|0[12]-01-")  # song; video, with and without sound
LOOKED_FOR = "RAVDESS speech, Actor_NN/03-01-EE-II-SS-RR-NN.wav"


def read(request: Request) -> Iterator[Utterance]:
    """All speech clips below the root, sorted by id."""
    require_folder(request.root, LOOKED_FOR)
    paths = sorted(recordings(request.root), key=lambda path: (stem(path), path.count("/"), path))
    if not any(NAME.match(stem(path)) for path in paths):
        raise nothing_found(request.root, LOOKED_FOR)
    for path in paths:
        if NAME.match(stem(path)):
            yield _utterance(path, request)
        elif not LEFT_OUT.match(stem(path)):
            yield misnamed(path)


def _utterance(path: str, request: Request) -> Utterance:
    name = stem(path)
    match = NAME.match(name)
    assert match is not None
    emotion, intensity, statement, _, actor = match.groups()
    return Utterance(
        id=name,
        path=path,
        speaker=actor,
        gender="male" if int(actor) % 2 else "female",
        emotion=EMOTIONS[emotion],
        intensity=INTENSITIES[intensity],
        transcript=request.manifest.transcripts[statement],
    )


plugin = Reader(version="2", read=read)
