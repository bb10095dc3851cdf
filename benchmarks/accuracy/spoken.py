"""Speech of eSpeak NG with known pauses and a known time spoken, where no hand labels are.

Phrases are spoken one by one, cut to where they sound, and joined with silences of known length, so that the time
spoken, the pauses and the syllables (from eSpeak's own phones, not from our rules) are known. A machine speaks more
evenly than people do: a good figure here is necessary, not sufficient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate import espeak_ng
from annotate.audio.decode import resample
from annotate.audio.recording import RATE, Recording
from annotate.features.syllables.count import nuclei

PHRASES = {
    "en": (
        "Where can I park my car", "the meeting was moved to Thursday morning", "nobody knew why the lights went out",
        "she bought seven yellow tulips", "please leave your number after the tone", "it rained all through the night",
    ),
    "de": (
        "Wir fahren morgen nach Hamburg", "kannst du mir bitte das Salz geben", "die Kinder spielen im Garten",
        "gestern hat es den ganzen Tag geregnet", "ich habe meine Schlüssel verloren", "das Fenster steht offen",
    ),
}  # fmt: skip
VOICES = {"en": ("en-us", "en-us+f3", "en-us+m3"), "de": ("de", "de+f2", "de+m7")}
WORDS_PER_MINUTE = (120, 160, 200, 240)
PAUSES_S = (0.3, 0.6)
AROUND_S = 0.4
FLOOR = 10 ** (-45 / 20)  # of the peak: below this a phrase has not begun
BACKGROUND = 10 ** (-70 / 20)  # no recording is digitally silent


@dataclass(frozen=True)
class Spoken:
    """One recording with what is true of it."""

    recording: Recording
    text: str
    language: str
    syllables: int
    spoken_s: float
    pause_s: float


def recordings() -> Iterator[Spoken]:
    """Three phrases each, over voices, speeds and pauses, in both languages; the same at every call."""
    for language, phrases in PHRASES.items():
        for number, speed in enumerate(WORDS_PER_MINUTE * 2):
            chosen = [phrases[(number + step) % len(phrases)] for step in range(3)]
            voice = VOICES[language][number % 3]
            yield _joined(chosen, language, voice, speed, PAUSES_S[number % 2], number)


def _joined(phrases: list[str], language: str, voice: str, speed: int, pause: float, seed: int) -> Spoken:
    parts = [_phrase(text, voice, speed) for text in phrases]
    silence, around = np.zeros(round(pause * RATE), np.float32), np.zeros(round(AROUND_S * RATE), np.float32)
    sound = np.concatenate([around, parts[0], silence, parts[1], silence, parts[2], around])
    sound = sound + BACKGROUND * np.random.default_rng(seed).standard_normal(len(sound)).astype(np.float32)
    text = ". ".join(phrases)
    phones = espeak_ng.phones(text, language) or ()
    syllables = nuclei(phones)
    spoken = sum(len(part) for part in parts) / RATE
    return Spoken(Recording(sound, len(sound) / RATE), text, language, syllables, spoken, 2 * pause)


def _phrase(text: str, voice: str, speed: int) -> NDArray[np.float32]:
    samples, rate = espeak_ng.speak(text, voice=voice, words_per_minute=speed, pitch=50, pitch_range=50, volume=60)
    sound = resample((samples / 32768).astype(np.float32), rate, RATE)
    on = np.flatnonzero(np.abs(sound) > FLOOR * np.abs(sound).max())
    return sound[on[0] : on[-1] + 1]
