"""eSpeak NG in this process, from the wheel ``espeakng-loader`` (library, voices and dictionaries).

Optional: eSpeak NG is GPL-3.0-or-later, so nothing needs it; it makes the quickstart corpus and counts
phones in languages that have no rules of ours. Source: espeak-ng/speak_lib.h, its documented interface.
"""

from __future__ import annotations

import ctypes
import re
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import SemoError

SYNCHRONOUS, UTF8, END_PAUSE = 2, 1, 0x1000
DONT_EXIT = 0x8000  # report errors instead of ending the process
IPA_SEPARATED = 0x02 | ord("_") << 8  # phonemes in IPA with "_" between them
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def available() -> bool:
    """Whether the optional extra is installed."""
    from importlib.util import find_spec

    return find_spec("espeakng_loader") is not None


@cache
def _library() -> tuple[Any, int]:
    """The library, initialised once per process, and its sample rate."""
    if not available():
        raise SemoError(
            "eSpeak NG is not installed; pip install 'semo-annotate[espeak]' installs it (GPL-3.0-or-later)"
        )
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), DONT_EXIT)
    if rate <= 0:
        raise SemoError("eSpeak NG cannot find its voices; reinstall the package espeakng-loader")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
    return library, rate


def speak(
    text: str, *, voice: str, words_per_minute: int, pitch: int, pitch_range: int, volume: int
) -> tuple[NDArray[np.int16], int]:
    """Speak a text.

    Args:
        text: what to say.
        voice: eSpeak's voice and variant, ``en-us+f3``.
        words_per_minute: 80 to 450.
        pitch: base pitch, 0 to 99, 50 being the voice's own.
        pitch_range: 0 monotone to 99.
        volume: 0 to 200, 100 being full without clipping.

    Returns:
        Samples, shape (n,), and their rate in Hz.
    """
    library, rate = _library()
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise SemoError(f"eSpeak NG has no voice '{voice}'")
    for parameter, value in ((RATE, words_per_minute), (PITCH, pitch), (RANGE, pitch_range), (VOLUME, volume)):
        library.espeak_SetParameter(parameter, value, 0)
    pieces: list[NDArray[np.int16]] = []

    def take(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    callback = CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    spoken = text.encode()
    library.espeak_Synth(spoken, len(spoken) + 1, 0, 1, 0, UTF8 | END_PAUSE, None, None)
    library.espeak_Synchronize()
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16), rate


def phones(text: str, language: str) -> tuple[str, ...] | None:
    """Phones of a text in IPA, stress marks dropped; None where eSpeak NG does not have the language.

    Args:
        text: as written.
        language: eSpeak's name of it, mostly its ISO 639-1 code.
    """
    library, _ = _library()
    if library.espeak_SetVoiceByName(language.encode()) != 0:
        return None
    spoken = text.replace("\0", " ").encode()
    place = ctypes.c_void_p(ctypes.cast(ctypes.c_char_p(spoken), ctypes.c_void_p).value)
    phones_of_text: list[str] = []
    while place.value:  # one clause a call; the library moves the pointer on
        clause = library.espeak_TextToPhonemes(ctypes.byref(place), UTF8, IPA_SEPARATED) or b""
        plain = re.sub(r"[ˈˌ]|\([a-z-]+\)", "", clause.decode("utf-8", "replace"))
        phones_of_text += [phone for phone in re.split(r"[_ ]", plain) if phone]
    return tuple(phones_of_text)
