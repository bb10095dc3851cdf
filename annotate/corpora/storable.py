"""Texts of an utterance as they can be stored: short, sound, and in one form of Unicode."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from typing import Any

from annotate.corpora.utterance import Utterance

LONGEST_TEXT = 20_000
LONGEST_NAME = 500
# fields that must be short, so that one broken row cannot fill the memory
NAMES = ("id", "path", "speaker", "gender", "session", "emotion", "intensity", "language", "split")


def storable(utterance: Utterance) -> tuple[Utterance, str | None]:
    """The utterance with all text short and sound enough to be stored, and what was wrong with it.

    Names and texts are composed (NFC), so that a label from a Mac's folder and one from a table are the same.
    """
    mended: dict[str, Any] = {}
    problem = None
    text = utterance.transcript
    if text is not None and not text.isascii() and (composed := unicodedata.normalize("NFC", text)) != text:
        text = mended["transcript"] = composed
    if text is not None and len(text) > LONGEST_TEXT:
        problem = f"transcript of more than {LONGEST_TEXT:,} characters"
        text = mended["transcript"] = text[:LONGEST_TEXT]
    if text is not None and not _is_sound(text):
        problem, mended["transcript"] = "transcript that is not UTF-8 text", _escaped(text)
    if utterance.written is not None and (len(utterance.written) > LONGEST_TEXT or not _is_sound(utterance.written)):
        mended["written"] = _escaped(utterance.written[:LONGEST_TEXT])
    for name in NAMES:
        value = getattr(utterance, name)
        if value is None:
            continue
        # a file keeps its own form: the place is looked for in every one
        if name != "path" and not value.isascii() and (composed := unicodedata.normalize("NFC", value)) != value:
            value = mended[name] = composed
        if len(value) > LONGEST_NAME:
            # cut names stay apart by their digest
            digest = hashlib.sha256(value.encode(errors="replace")).hexdigest()[:16]
            problem, value = f"{name} of more than {LONGEST_NAME} characters", f"{value[:60]}...{digest}"
            mended[name] = value
        if not _is_sound(value):
            problem, mended[name] = f"{name} that is not UTF-8 text", _escaped(value)
    notes = tuple(note if _is_sound(note) else _escaped(note) for note in utterance.notes)
    return replace(utterance, **mended, notes=notes) if mended or notes != utterance.notes else utterance, problem


def _is_sound(text: str) -> bool:
    """Whether text can be stored: bytes that were no UTF-8 are in it as lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
