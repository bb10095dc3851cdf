"""What each stage teaches the model to say: captions without an emotion, then replies of a chosen content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from annotate.captions import replies, templates
from annotate.captions.replies import ATTRIBUTES
from annotate.semollm.data.corpus import Corpus, CorpusClip


def caption(row: Mapping[str, Any], content: str, template: str, where: str) -> str | None:
    """The reply's second sentence alone: how who says what. An attribute that the row lacks is left out."""
    letters = [letter for letter in content.split("+")[1:] if row.get(ATTRIBUTES[letter])]
    if not letters:
        return None
    return replies.reply({**row, "emotion": None}, "+".join(["E", *letters]), template, where)


def target_texts(
    corpus: Corpus, clips: Iterable[CorpusClip], stage: int, content: str, template: str
) -> dict[str, str]:
    """Clip id -> the text that the stage teaches for it; clips without one are left out."""
    source = templates.source("replies", template)
    column = corpus.column(content) if stage == 3 else ""
    texts = {
        clip.id: clip.row[column] if stage == 3 else caption(clip.row, content, source, template) for clip in clips
    }
    return {name: text.strip() for name, text in texts.items() if text and text.strip()}
