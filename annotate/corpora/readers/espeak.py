"""A synthetic corpus, spoken on this machine by eSpeak NG from the settings in its data manifest.

It is there to show the whole way on a machine that has no corpus. Its "emotions" are settings of pitch,
rate and level: it says nothing of how people sound. ``truth.csv`` beside the recordings holds the settings
of each. The recordings are made once; a folder that has them all is left as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from annotate import espeak_ng
from annotate.corpora.reader import Reader, Request
from annotate.corpora.utterance import Utterance
from annotate.store import files

FIELDS = ("id", "voice", "gender", "emotion", "words_per_minute", "pitch", "pitch_range", "volume", "text")


def settings(request: Request) -> Iterator[dict[str, Any]]:
    """The settings of each utterance: every voice says every emotion, the sentences in turn."""
    options = request.options
    sentences: list[str] = options["sentences"]
    for number, (speaker, voice) in enumerate(options["voices"].items()):
        for turn, (emotion, way) in enumerate(options["emotions"].items()):
            for repeat in range(options["sentences_each"]):
                code = (number + turn + 2 * repeat) % len(sentences)
                yield {
                    "id": f"{speaker}_{emotion}_{code + 1}",
                    "speaker": speaker,
                    "voice": voice["voice"],
                    "gender": voice["gender"],
                    "emotion": emotion,
                    # voices differ, and so do two readings of one sentence
                    "words_per_minute": way["words_per_minute"] + 4 * ((number + repeat) % 3),
                    "pitch": voice["pitch"] + way["pitch"] + 2 * repeat,
                    "pitch_range": way["pitch_range"],
                    "volume": way["volume"] - 3 * (number % 3),
                    "text": sentences[code],
                }


def prepare(request: Request) -> None:
    """Speak what is not there yet."""
    import soundfile

    wanted = list(settings(request))
    missing = [utterance for utterance in wanted if not (request.root / f"{utterance['id']}.wav").exists()]
    for setting in missing:
        samples, rate = espeak_ng.speak(
            setting["text"],
            voice=setting["voice"],
            words_per_minute=setting["words_per_minute"],
            pitch=setting["pitch"],
            pitch_range=setting["pitch_range"],
            volume=setting["volume"],
        )
        held = io.BytesIO()
        soundfile.write(held, samples, rate, format="WAV", subtype="PCM_16")
        files.write_bytes(request.root / f"{setting['id']}.wav", held.getvalue())
    if missing:
        held_truth = io.StringIO()
        writer = csv.DictWriter(held_truth, FIELDS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(wanted)
        files.write_text(request.root / "truth.csv", held_truth.getvalue())


def read(request: Request) -> Iterator[Utterance]:
    """The utterances in the order of the settings."""
    for utterance in settings(request):
        yield Utterance(
            id=utterance["id"],
            path=f"{utterance['id']}.wav",
            speaker=utterance["speaker"],
            gender=utterance["gender"],
            emotion=utterance["emotion"],
            transcript=utterance["text"],
        )


plugin = Reader(version="1", read=read, prepare=prepare)
