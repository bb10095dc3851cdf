"""What a writer may write of one row: the sentences of ``sentences.py`` as a grammar, or one of them drawn.

Whatever a model chooses is true of the row; the choice of the most natural sentence is the model's. Each row is given a
share of the plans, drawn by its id, so that a model's favourite does not open every caption of a data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.captions.content_selection import Telling
from annotate.captions.gbnf import Automaton, Choices
from annotate.captions.sentences import VARIANTS, Sentences
from annotate.captions.templates import picker

Facts = Mapping[str, Any]


def build(
    facts: Facts, telling: Telling, *, style: str, length: str = "short", quote: str | None = None,
    seed: str | None = None,
) -> Automaton | None:  # fmt: skip
    """The sentences for a row, or None where it has neither a gender nor a word to speak of.

    Args:
        facts: ``gender`` and ``emotion``, None where unknown.
        telling: what is told (``statement.select``).
        style: ``description`` or ``explanation``.
        length: ``short``, or ``long``: the words spoken are quoted too.
        quote: the words spoken, made safe to stand in quotes; only long captions quote them.
        seed: draws the row's plans; None for all of them.
    """
    if not facts.get("gender") and not telling.statements:
        return None
    made = Sentences(
        facts.get("gender"), facts.get("emotion"), telling, style, quote if length == "long" else None, seed
    )
    ways: list[Choices] = []
    for first, second in made.captions():
        parts: list[Choices] = [(list(texts), ".") for texts in (first, second) if texts]
        ways.append((parts[0], " ", parts[1]) if len(parts) == 2 else parts[0])
    return Automaton(ways)


def draw(facts: Facts, telling: Telling, *, style: str, row_id: str, quote: str | None = None) -> tuple[str, str]:
    """One caption of a row, always the same for the same id: how it sounds, and the emotion with its reasons.

    Either is empty where nothing is known to say.
    """
    if not facts.get("gender") and not telling.statements and not facts.get("emotion"):
        return "", ""
    pick = picker(row_id)
    variant = pick(range(VARIANTS), "variant")
    made = Sentences(
        facts.get("gender"), facts.get("emotion"), telling, style, quote, row_id, most=1, variants=(variant,)
    )
    first, second = made.texts(pick(made.ways(), "way"))
    if not facts.get("gender") and not telling.statements:
        first = []
    return _drawn(first, pick, "how"), _drawn(second, pick, "why")


def _drawn(texts: list[str], pick: Any, salt: str) -> str:
    return f"{pick(texts, salt)}." if texts else ""
