"""Captions by a language model: asked, read back, asked again with the fault named; what fails is the template's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.captions import grammar, judged
from annotate.captions.claims.judge import Evidence, Judgement
from annotate.captions.evidence import reasons
from annotate.captions.prompts import Messages, Prompt, quotable
from annotate.captions.writer import Ask, Sampling, Writer
from annotate.store import fingerprint
from annotate.store.journal import Journal

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """How captions are asked for.

    Attributes:
        mode: ``steered`` (held to a grammar of the row's facts) or ``free``.
        style: ``description`` or ``explanation``.
        length: ``short`` or ``long``.
        tries: how often a row is asked before the template writes it.
        sampling: how the model is sampled.
        prompt: the prompt of the style.
        evidence: which cue goes with which emotion.
    """

    mode: str
    style: str
    length: str
    tries: int
    sampling: Sampling
    prompt: Prompt
    evidence: Evidence


@dataclass(frozen=True)
class Written:
    """An accepted caption: its text, how it was judged, the hash of what asked for it, the tries it took."""

    text: str
    judged: Judgement
    prompt_hash: str
    tries: int


@dataclass
class _Open:
    """A row still without a caption."""

    row: Row
    messages: Messages
    grammar: str | None
    tried: int = 0
    said: str | None = None
    faults: list[str] = field(default_factory=list)


def compose(rows: Sequence[Row], plan: Plan, writer: Writer, journal: Journal) -> list[Written | None]:
    """A caption for each row, in order, or None where every try failed.

    Raises:
        WriterError: the writer cannot go on; what it has answered is in the journal.
    """
    found: list[Written | None] = [None] * len(rows)
    open_ = {place: made for place, row in enumerate(rows) if (made := _opened(row, plan)) is not None}
    for _ in range(plan.tries):
        if not open_:
            break
        for place, text in _answers(open_, plan, writer, journal).items():
            one = open_[place]
            one.tried += 1
            accepted = _judge(one, text, plan)
            if accepted is not None:
                found[place] = Written(text or "", accepted, _hash(one, plan), one.tried)
                del open_[place]
    return found


def _opened(row: Row, plan: Plan) -> _Open | None:
    why = reasons(row, plan.evidence)
    messages = plan.prompt.ask(row, row.get("transcript"), plan.length, why)
    if plan.mode == "free":
        return _Open(row, messages, None)
    held = grammar.build(
        row, style=plan.style, length=plan.length, reasons=why, quote=quotable(row.get("transcript")), seed=row["id"]
    )
    return _Open(row, messages, held.gbnf()) if held else None


def _answers(open_: Mapping[int, _Open], plan: Plan, writer: Writer, journal: Journal) -> dict[int, str | None]:
    """What the writer answers to all open rows; what the journal has is not asked again."""
    places = list(open_)
    asks = {
        place: Ask(_asked(open_[place], plan), seed(open_[place].row["id"], open_[place].tried), open_[place].grammar)
        for place in places
    }
    keys = {
        place: journal.key(writer.name, writer.model, plan.sampling.text(), ask.messages, ask.grammar, ask.seed)
        for place, ask in asks.items()
    }
    found: dict[int, str | None] = {place: journal.get(keys[place]) for place in places}
    lacking = [place for place in places if found[place] is None]
    if lacking:

        def told(number: int, text: str) -> None:
            place = lacking[number]
            journal.put(keys[place], text, id=open_[place].row["id"], attempt=open_[place].tried + 1)

        texts = writer.write([asks[place] for place in lacking], plan.sampling, told)
        found |= dict(zip(lacking, texts, strict=True))
    return found


def _asked(one: _Open, plan: Plan) -> Messages:
    """The question, after a refused answer with the answer and its faults."""
    if plan.mode == "free" and one.said is not None:
        return plan.prompt.ask_again(one.messages, one.said, one.faults)
    return one.messages


def _judge(one: _Open, text: str | None, plan: Plan) -> Judgement | None:
    if not text:
        one.said, one.faults = None, []
        return None
    found = judged.publishable(text, one.row, plan.evidence, strict=True)
    if not judged.refused(found, complete=True):
        return found
    one.said, one.faults = text, judged.faults_of(found)
    return None


def seed(row_id: str, tried: int) -> int:
    """The seed of a row's try: the same in every run."""
    return int.from_bytes(hashlib.sha256(f"{row_id}\0{tried}".encode()).digest()[:4], "big") >> 1


def _hash(one: _Open, plan: Plan) -> str:
    return fingerprint.of([one.messages, one.grammar, plan.sampling.text()])
