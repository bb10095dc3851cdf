"""The paper's replies: one sentence form, fifteen contents, one column each.

A content is null for a row that lacks one of its attributes: a reply never says less than its name.
Without an emotion (LibriTTS) the reply is its second sentence alone: the paper's stage-1 caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from annotate.attributes import reply_attributes
from annotate.captions import templates
from annotate.engine.stage import Part, Row, Stage
from annotate.recipe_sections import CONTENTS
from annotate.store.columns import reply_column

WORDED = tuple(reply_attributes())
# the letter of a content -> the column that says it
ATTRIBUTES = {"G": "gender", **reply_attributes().letters, "T": "transcript"}
READS = ("split", "drop_audio", "emotion", "gender", *(f"{name}_word" for name in WORDED), "transcript")


@dataclass(frozen=True)
class Replies:
    """``compute`` of the stage."""

    template: str
    where: str
    contents: tuple[str, ...]

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {"replies": [self.compute_row(row) for row in rows]}

    def compute_row(self, row: Row) -> Row:
        """All chosen replies of a row; none for a row that was put aside."""
        if row["split"] is None or row["drop_audio"]:
            return {}
        row = {**row, **{name: row[f"{name}_word"] for name in WORDED}}  # the paper's replies doubt nothing
        return {reply_column(content): reply(row, content, self.template, self.where) for content in self.contents}


def reply(row: Row, content: str, template: str, where: str) -> str | None:
    """The reply of one content, or None where the row lacks one of its attributes."""
    letters = content.split("+")[1:]
    words = {ATTRIBUTES[letter]: row[ATTRIBUTES[letter]] for letter in letters}
    if any(value is None for value in words.values()) or (row["emotion"] is None and not words):
        return None
    values = {**dict.fromkeys(ATTRIBUTES.values()), **words, "emotion": row["emotion"], "content": content}
    values["transcript"] = templates.quoted(values["transcript"])
    if "T" in letters and values["transcript"] is None:
        return None
    if "T" in letters:
        return templates.render(template, where, **values)
    return _of_words(template, where, tuple(values.items()))


# rows have few words, and so few replies between them: a million rows render some thousands
@lru_cache(16384)
def _of_words(template: str, where: str, values: tuple[tuple[str, str | None], ...]) -> str:
    return templates.render(template, where, **dict(values))


def stage(name: str, contents: tuple[str, ...]) -> Stage:
    """The reply stage for a template and the chosen contents."""
    text = templates.source("replies", name)
    part = Part(
        name="replies",
        version="2",
        reads=READS,
        writes=tuple(reply_column(content) for content in CONTENTS),
        settings={"template": text, "contents": list(contents)},
    )
    return Stage("replies", (part,), Replies(text, name, contents))
