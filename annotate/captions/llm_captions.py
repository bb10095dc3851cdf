"""Captions by a language model: asked, read back, asked again with the fault named; what fails is the template's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.attributes import AttributeTable, reply_attributes
from annotate.captions import answer as answers
from annotate.captions import grammar, publishable
from annotate.captions.content_selection import Telling, select
from annotate.captions.prompts import Messages, Prompt, quotable
from annotate.captions.reading.judge import Judgement
from annotate.captions.supported_reasons import Evidence
from annotate.captions.writer import Ask, Sampling, Writer
from annotate.console import printable
from annotate.store import fingerprint
from annotate.store.journal import Journal

Row = Mapping[str, Any]
SHOWN = 300  # characters of an answer without a caption that the model is shown again


@dataclass(frozen=True)
class WritingPlan:
    """How captions are asked for.

    Attributes:
        mode: ``steered`` (held to a grammar of the row's facts) or ``free``.
        style: ``description`` or ``explanation``.
        length: ``short`` or ``long``.
        tries: how often a row is asked before the template writes it.
        sampling: how the model is sampled.
        prompt: the prompt of the style.
        evidence: which cue goes with which emotion.
        table: the attributes that captions speak of.
        against: the comparisons that they make: ``group``, ``speaker`` or ``both``.
    """

    mode: str
    style: str
    length: str
    tries: int
    sampling: Sampling
    prompt: Prompt
    evidence: Evidence
    table: AttributeTable = field(default_factory=reply_attributes)
    against: str = "both"


@dataclass(frozen=True)
class Written:
    """An accepted caption: its text, how it was judged, the hash of what asked for it, the tries it took."""

    text: str
    judged: Judgement
    prompt_hash: str
    tries: int


@dataclass(frozen=True)
class Unwritten:
    """A row that no try gave a caption: what was wrong with the last answer, in short and in words, and the tries."""

    fault: str
    reason: str
    tries: int


@dataclass
class _Open:
    """A row still without a caption."""

    row: Row
    telling: Telling
    messages: Messages
    grammar: str | None
    tried: int = 0
    last_answer: str | None = None
    faults: list[str] = field(default_factory=list)
    fault: str = "no answer"


def compose(rows: Sequence[Row], plan: WritingPlan, writer: Writer, journal: Journal) -> list[Written | None]:
    """A caption for each row, in order, or None where every try failed.

    Raises:
        WriterError: the writer cannot go on; what it has answered is in the journal.
    """
    return [outcome if isinstance(outcome, Written) else None for outcome in write(rows, plan, writer, journal)]


def write(rows: Sequence[Row], plan: WritingPlan, writer: Writer, journal: Journal) -> list[Written | Unwritten]:
    """The same with the reason where every try failed."""
    outcomes: list[Written | Unwritten] = [Unwritten("nothing to say", "nothing is known of the voice", 0)] * len(rows)
    open_ = {place: made for place, row in enumerate(rows) if (made := _opened(row, plan, writer)) is not None}
    while open_:
        for place, text in _answers(open_, plan, writer, journal).items():
            caption = open_[place]
            asked = _ask(caption, caption.tried, plan)
            caption.tried += 1
            accepted = _judge(caption, text, plan)
            if accepted is not None:
                outcomes[place] = Written(accepted[0], accepted[1], _hash(asked, plan), caption.tried)
            else:
                outcomes[place] = Unwritten(caption.fault, "; ".join(caption.faults), caption.tried)
        open_ = {
            place: caption for place, caption in open_.items()
            if isinstance(outcomes[place], Unwritten) and caption.tried < plan.tries
        }  # fmt: skip
    return outcomes


def _opened(row: Row, plan: WritingPlan, writer: Writer) -> _Open | None:
    telling = select(row, plan.table, plan.evidence, plan.style, plan.length, plan.against)
    messages = plan.prompt.ask(row, telling, plan.length)
    if plan.mode == "free":
        return _Open(row, telling, messages, None)
    quote = quotable(row.get("transcript"))
    held = grammar.build(row, telling, style=plan.style, length=plan.length, quote=quote, seed=row["id"])
    if getattr(writer, "keeps_to_grammar", False):  # a server may ignore a grammar, and then needs the facts
        messages = plan.prompt.ask_without_facts(plan.length) or messages
    return _Open(row, telling, messages, held.gbnf()) if held else None


def _answers(open_: Mapping[int, _Open], plan: WritingPlan, writer: Writer, journal: Journal) -> dict[int, str | None]:
    """What the writer answers to all open rows; what the journal has is not asked again."""
    texts_by_place: dict[int, str | None] = {}
    lacking: list[int] = []
    asks: dict[int, Ask] = {}
    for place, caption in open_.items():
        kept = _kept(caption, plan, writer, journal)
        if kept is not None:
            caption.tried, texts_by_place[place] = kept
        else:
            lacking.append(place)
            asks[place] = _ask(caption, caption.tried, plan)
    if lacking:

        def on_answer(number: int, text: str) -> None:
            caption, ask = open_[lacking[number]], asks[lacking[number]]
            text = answers.storable(text)
            journal.put(_key(ask, plan, writer, journal), text, id=caption.row["id"], attempt=caption.tried + 1)

        texts = writer.write([asks[place] for place in lacking], plan.sampling, on_answer)
        failures = getattr(writer, "failures", {})
        for number, (place, text) in enumerate(zip(lacking, texts, strict=True)):
            open_[place].faults = [failures.get(number, "there is no answer")]
            texts_by_place[place] = None if text is None else answers.storable(text)
    return texts_by_place


def _kept(caption: _Open, plan: WritingPlan, writer: Writer, journal: Journal) -> tuple[int, str] | None:
    """The first answer of this or a later try that the journal has: a try that failed left none behind."""
    for tried in range(caption.tried, plan.tries):
        text = journal.get(_key(_ask(caption, tried, plan), plan, writer, journal))
        if text is not None:
            return tried, text
    return None


def _ask(caption: _Open, tried: int, plan: WritingPlan) -> Ask:
    """The question of a try, after a refused answer with the answer and its faults."""
    messages = caption.messages
    if plan.mode == "free" and caption.last_answer is not None:
        messages = plan.prompt.ask_again(messages, caption.last_answer, caption.faults)
    return Ask(messages, seed(caption.row["id"], tried), caption.grammar)


def _key(ask: Ask, plan: WritingPlan, writer: Writer, journal: Journal) -> str:
    return journal.key(writer.name, writer.model, plan.sampling.text(), ask.messages, ask.grammar, ask.seed)


def _judge(caption: _Open, answer: str | None, plan: WritingPlan) -> tuple[str, Judgement] | None:
    """The caption in an answer and its judgement, where it may be published; else what is wrong is kept."""
    if not answer:
        caption.last_answer, caption.fault = None, "no answer"
        return None
    try:
        text = answers.caption(answer)
    except answers.RefusedAnswer as refused:
        caption.last_answer, caption.fault, caption.faults = _shown(answer), "no caption", [str(refused)]
        return None
    judgement = publishable.publishable(text, caption.row, plan.evidence.senses, strict=True)
    if not publishable.refused(judgement, expected=caption.telling.names):
        return text, judgement
    caption.last_answer, caption.fault, caption.faults = (
        text,
        judgement.verdict,
        publishable.faults_of(judgement, caption.telling.names),
    )
    return None


def _shown(answer: str) -> str:
    """The beginning of an answer as a model is shown it again."""
    return " ".join(printable(answer[:SHOWN]).split())


def seed(row_id: str, tried: int) -> int:
    """The seed of a row's try: the same in every run."""
    return int.from_bytes(hashlib.sha256(f"{row_id}\0{tried}".encode()).digest()[:4], "big") >> 1


def _hash(asked: Ask, plan: WritingPlan) -> str:
    return fingerprint.of([asked.messages, asked.grammar, plan.sampling.text()])
