"""What a reply says, read back into attributes: emotion, gender, pitch, speed, volume, text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from annotate.captions.replies import ATTRIBUTES
from annotate.captions.templates import quoted


def parse_reply(reply: str, labels: Sequence[str], words: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """The attributes that a reply names, by the words of the data set; None where it names none of them.

    The transcript stands between single quotes; what it says is no attribute.
    """
    outside, text = split_transcript(reply)
    named: dict[str, str | None] = {"emotion": emotion_of(reply, labels), "transcript": text}
    for name, known in words.items():
        # "with high pitch": a word of three attributes, "normal", belongs to the one that follows it
        follows = rf" {name}\b" if name != "gender" else r"\b"
        choice = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        match = re.search(rf"\b({choice}){follows}", outside.lower())
        named[name] = match.group(1) if match else None
    return named


def named_attributes(content: str | None, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The attributes that replies of a content name; where it is not known, those that any reply names."""
    if content is None:
        return [name for name in ATTRIBUTES.values() if any(row["predicted"].get(name) for row in rows)]
    return [ATTRIBUTES[letter] for letter in content.split("+")[1:]]


def truth(row: Mapping[str, Any], name: str) -> str | None:
    """The true value of an attribute; a transcript as it stands in replies."""
    value = row.get(name)
    return quoted(value) if name == "transcript" else value


def split_transcript(reply: str) -> tuple[str, str | None]:
    """What a reply says itself, and the transcript that it quotes; None where it quotes none.

    The transcript stands between single quotes; an apostrophe within a word is none.
    """
    text = re.search(r"(?<!\w)'(.*)'(?!\w)", reply, re.DOTALL)
    return (reply, None) if text is None else (reply[: text.start()] + reply[text.end() :], text.group(1).strip())


def emotion_of(reply: str, labels: Sequence[str]) -> str | None:
    """The first known emotion that a reply names, in any case, as a whole word; None where it names none.

    What it quotes is not its own: "with 'Such a surprise'" names no surprise.
    """
    if not labels:
        return None
    known = "|".join(map(re.escape, sorted(labels, key=len, reverse=True)))
    match = re.search(rf"\b({known})\b", split_transcript(reply)[0].lower())
    return match.group(1) if match else None
