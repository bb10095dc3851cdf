"""Prompts: Jinja2 files cut into chat messages, each message rendered by itself so that no fact can end one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.attributes import GROUP
from annotate.captions import templates
from annotate.captions.content_selection import Statement, Telling
from annotate.captions.phrasing import Phrasing, bare
from annotate.errors import UsageError

_HEAD = re.compile(r"^\[(system|user|assistant)\]\s*$", re.MULTILINE)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
WORDS = 300  # characters of a transcript that a model is told; a caption quotes no more
STYLES = ("description", "explanation")  # of the shipped prompts
ANOTHER = "Another recording."
Messages = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Prompt:
    """The texts of a prompt: the question, and what is said after a refused answer."""

    question: str
    again: str
    name: str

    @classmethod
    def load(cls, style: str) -> Prompt:
        """The shipped prompt of a style, or the user's own file."""
        made = cls(templates.source("prompts", style), templates.source("prompts", "again"), style)
        if not _HEAD.search(_COMMENT.sub("", made.question)):
            raise UsageError(f"prompt '{style}': expected a line [user] before the question")
        return made

    def ask(self, row: Mapping[str, Any], telling: Telling, length: str) -> Messages:
        """The messages for a row, of what its caption is to tell; a transcript is told in part where it is long."""
        facts = {
            "gender": row.get("gender"),
            **{statement.attribute.name: fact(statement) for statement in telling.statements},
            "emotion": row.get("emotion"),
        }
        phrasing = Phrasing({"her": ""}, 0)
        return _messages(
            self.question, self.name, facts={name: value for name, value in facts.items() if value},
            words=spoken_words(row.get("transcript")), length=length,
            supporting=[bare(phrasing.cue(statement)) for statement in telling.supporting],
            opposing=[bare(phrasing.cue(statement)) for statement in telling.opposing],
        )  # fmt: skip

    def ask_without_facts(self, length: str) -> Messages | None:
        """The messages for a model that a grammar holds to the facts, the same for all rows; None for a user's prompt.

        What is the same is read by the model once, and nothing of a row, its transcript least of all, is in it.
        """
        if self.name not in STYLES:
            return None
        made = _messages(self.question, self.name, facts={}, words=None, length=length, supporting=[], opposing=[])
        return (*made[:-1], ("user", ANOTHER))

    def ask_again(self, before: Messages, answer: str, faults: list[str]) -> Messages:
        """The same conversation, gone on with."""
        return (*before, *_messages(self.again, "again", answer=answer or "...", faults=faults))


def fact(statement: Statement) -> str:
    """A statement as a model is told it: "very high", "fairly slow", "louder than usual"."""
    if statement.against == GROUP:  # absolute ones too
        return f"fairly {statement.word}" if statement.hedged else statement.word
    phrasing = Phrasing({"her": ""}, 0)
    if statement.middling:
        return "as usual"
    compared = phrasing.adjective(statement) if phrasing.of_voice(statement) else phrasing.manner(statement).text
    return f"{compared} than usual"


def spoken_words(transcript: str | None) -> str | None:
    """A transcript as a model is told it: one line, no marks that end it, not too long."""
    text = templates.quoted(transcript)
    if text is None or len(text) <= WORDS:
        return text
    return text[:WORDS].rsplit(" ", 1)[0] + " ..."


def quotable(transcript: str | None) -> str | None:
    """A transcript as a caption may quote it: only where the whole of it fits."""
    text = templates.quoted(transcript)
    return text if text and len(text) <= WORDS // 2 else None


def _messages(source: str, name: str, **values: Any) -> Messages:
    parts = _HEAD.split(_COMMENT.sub("", source))
    return tuple(
        (role, templates.render(text, f"prompts/{name}", **values))
        for role, text in zip(parts[1::2], parts[2::2], strict=True)
    )
