"""Whether a caption quotes what was said: such a caption is not published where transcripts are not."""

from __future__ import annotations

import re


def quotes(caption: str | None, transcript: str | None) -> bool:
    """Whether the whole transcript, of two words or more, stands in the caption, whatever the punctuation."""
    spoken, written = _words(transcript), _words(caption)
    return len(spoken) >= 2 and f" {' '.join(spoken)} " in f" {' '.join(written)} "


def _words(text: str | None) -> list[str]:
    return re.findall(r"\w+", (text or "").casefold())
