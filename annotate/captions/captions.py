"""Captions in free sentences: from a template, or from a language model whose answers are read back first.

No caption is published that the claim check refuses, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate import attributes, registry
from annotate.attributes import SPEAKER, AttributeTable, reply_attributes, word_column
from annotate.captions import templates
from annotate.captions.supported_reasons import Evidence
from annotate.captions.wording import wording
from annotate.captions.writer import Options, Sampling, Writer
from annotate.console import printable
from annotate.engine.stage import Part, Row, Stage
from annotate.errors import UsageError
from annotate.store.columns import CAPTIONS, UNWRITTEN
from annotate.store.journal import Journal

# what makes and judges captions is imported where they are made: a run that has them all declares the stage without it
if TYPE_CHECKING:
    from annotate.captions.content_selection import Statement
    from annotate.captions.llm_captions import Unwritten, WritingPlan, Written

FACTS = ("emotion", "intensity", "gender", "transcript")
VERSION = "7"
NOTE = 400  # characters


@dataclass(frozen=True)
class Writing:
    """The writer of a stage and how it is asked; the writer itself is made where it is first needed."""

    name: str
    options: Options
    plan: WritingPlan
    journal: Journal  # read once for all shards, not once for each


@dataclass(frozen=True)
class Captions:
    """``compute`` of the stage."""

    template: str
    where: str
    style: str
    evidence: Evidence
    writing: Writing | None = None
    table: AttributeTable = field(default_factory=reply_attributes)
    length: str = "short"
    against: str = "both"

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        for attribute in self.table.values():  # a worker is given a table whose files another process has read
            attributes.remember(attribute)
        columns_of_rows = [self.compute_row(row) for row in rows]
        if self.writing is not None:
            self._write(rows, columns_of_rows, self.writing)
        return {"captions": columns_of_rows}

    def compute_row(self, row: Row) -> Row:
        """The template's caption of a row; none for a row put aside, of which nothing is known, or of a false one."""
        from annotate.captions import publishable

        if row["split"] is None or row["drop_audio"]:
            return {}
        text = templates.render(self.template, self.where, **self._values(row))
        if not text:
            return _unwritten("template empty", "caption: the template writes none for this row")
        judgement = publishable.publishable(text, row, self.evidence.senses, strict=False)
        good = not publishable.refused(judgement)
        made: Row = {
            "caption": text if good else None,
            "caption_writer": "template" if good else "template, refused by the claim check",
            "caption_tries": 0,
            "caption_claims": publishable.claims_json(judgement),
        }
        if not good:
            faults = "; ".join(publishable.faults_of(judgement))
            made |= _unwritten("template refused", f"caption: the template's is refused by the claim check: {faults}")
        return made

    def _values(self, row: Row) -> dict[str, Any]:
        """What a template is given of a row."""
        from annotate.captions import grammar
        from annotate.captions.content_selection import select
        from annotate.captions.prompts import quotable

        telling = select(row, self.table, self.evidence, self.style, self.length, self.against)
        quote = quotable(row["transcript"]) if self.length == "long" else None
        describing, why = grammar.draw(row, telling, style=self.style, row_id=row["id"], quote=quote)
        return {
            **{name: row.get(name) for name in columns(self.table)},
            **{name: row[name] for name in FACTS},
            "transcript": templates.quoted(row["transcript"]), "style": self.style, "pick": templates.picker(row["id"]),
            "statements": [_plain(statement) for statement in telling.statements],
            "supporting": [statement.column for statement in telling.supporting],
            "opposing": [statement.column for statement in telling.opposing],
            "hedged": row.get("hedged") or [], "how": describing, "why": why,
        }  # fmt: skip

    def _write(self, rows: list[Row], made: list[Row], writing: Writing) -> None:
        """Put the writer's captions in the place of the template's, where it has a true one."""
        from annotate.captions.llm_captions import Written, write

        places = [place for place, columns_of_row in enumerate(made) if columns_of_row]
        if not places:
            return
        writer = _writer(writing.name, writing.options)
        written = write([rows[place] for place in places], writing.plan, writer, writing.journal)
        for place, outcome in zip(places, written, strict=True):
            made[place] |= (
                _columns(outcome, writer, writing) if isinstance(outcome, Written) else _left(outcome, writer)
            )


def _unwritten(fault: str, note: str) -> Row:
    return {"caption_fault": fault, "notes_captions": [note[:NOTE]]}


def _left(unwritten: Unwritten, writer: Writer) -> Row:
    """What is kept of a row that the writer gave no caption; the template's stands."""
    note = f"caption: none by {writer.name} in {unwritten.tries} tries, the last time: {printable(unwritten.reason)}"
    return {"caption_tries": unwritten.tries, **_unwritten(unwritten.fault, note)}


def columns(table: AttributeTable) -> tuple[str, ...]:
    """The columns of words that captions are made from."""
    return tuple(
        word_column(name, against)
        for name, attribute in table.items()
        for against in ("group", *(comparison for comparison in attribute.against if comparison == SPEAKER))
    )


def _plain(statement: Statement) -> dict[str, Any]:
    """A statement as templates have it."""
    from annotate.captions.phrasing import Phrasing

    phrasing = Phrasing({"her": "the", "a_woman": "a speaker"}, 0)
    return {
        "column": statement.column, "attribute": statement.attribute.name, "word": statement.word,
        "against": statement.against, "sense": statement.sense, "hedged": statement.hedged,
        "cue": phrasing.cue(statement),
        "adjective": phrasing.adjective(statement) if phrasing.of_voice(statement) else "",
        "manner": "" if phrasing.of_voice(statement) or phrasing.clause(statement) else phrasing.manner(statement).text,
    }  # fmt: skip


def _columns(caption: Written, writer: Writer, writing: Writing) -> Row:
    from annotate.captions import publishable

    return {
        "caption": caption.text,
        "caption_writer": writer.name,
        "caption_model": f"{writer.model} ({writing.plan.mode}, {writing.plan.sampling.text()})",
        "caption_prompt_hash": caption.prompt_hash,
        "caption_tries": caption.tries,
        "caption_claims": publishable.claims_json(caption.judged),
        "caption_fault": None,
        "notes_captions": None,
    }


_MADE: dict[tuple[str, Options], Writer] = {}


def _writer(name: str, options: Options) -> Writer:
    """A writer, made once per process: a model is loaded once for all shards."""
    if (name, options) not in _MADE:
        _MADE[name, options] = registry.load("writer", name)(options)
    return _MADE[name, options]


def writing(
    settings: Mapping[str, Any], journal: Path, evidence: Evidence, table: AttributeTable | None = None,
    against: str = "both",
) -> Writing | None:  # fmt: skip
    """What ``captions:`` of a recipe asks for; None for ``writer: none``.

    Raises:
        UsageError: the writer cannot be steered.
    """
    if settings["writer"] == "none":
        return None
    from annotate.captions.llm_captions import WritingPlan
    from annotate.captions.prompts import Prompt

    made = registry.load("writer", settings["writer"])
    if settings["mode"] == "steered" and not made.steers:
        raise UsageError(
            f"captions.mode: the writer '{settings['writer']}' cannot be steered; expected captions.mode=free"
        )
    sampling = Sampling(settings["temperature"], settings["top_p"], settings["max_tokens"])
    plan = WritingPlan(
        mode=settings["mode"], style=settings["style"], length=settings["length"], tries=settings["tries"],
        sampling=sampling, prompt=Prompt.load(settings["prompt"] or settings["style"]), evidence=evidence,
        table=table or reply_attributes(), against=against,
    )  # fmt: skip
    options = Options(
        **{name: settings[name] for name in ("model", "url", "parallel", "threads", "timeout_s", "retries")}
    )
    return Writing(settings["writer"], options, plan, Journal(journal))


def require(settings: Mapping[str, Any]) -> None:
    """Refuse early what could not be written: an unknown prompt, an absent model, a server without an address."""
    chosen = writing(settings, Path(), Evidence())
    if chosen is not None:
        _writer(chosen.name, chosen.options)


def stage(
    settings: Mapping[str, Any], journal: Path, evidence: Evidence, table: AttributeTable | None = None,
    against: str = "both",
) -> Stage:  # fmt: skip
    """The caption stage.

    Args:
        settings: the recipe's ``captions``.
        journal: where the answers of a writer are kept.
        evidence: which word goes with which emotion: what may be given as a reason.
        table: the attributes that captions speak of; None for those of the paper's replies.
        against: ``group``, ``speaker`` or ``both``: which comparisons captions make.
    """
    table = table or reply_attributes()
    template = of_template(settings, evidence, table, against)
    depends: dict[str, Any] = {
        "template": template.template, "style": settings["style"], "length": settings["length"],
        "evidence": evidence.senses, "differences": evidence.differences, "wording": wording(),
        "levels": table.levels, "against": against,
        "attributes": [
            [attribute.name, attribute.levels, attribute.write, attribute.clashes] for attribute in table.values()
        ],
    }  # fmt: skip
    chosen = writing(settings, journal, evidence, table, against)
    if chosen is not None:
        prompt = chosen.plan.prompt
        depends |= {name: settings[name] for name in ("writer", "mode", "model", "tries")}
        if (file := registry.digest(chosen.name)) is not None:
            depends["writer_file"] = file
        depends |= {"sampling": chosen.plan.sampling.text(), "prompt": [prompt.question, prompt.again]}
    scales = tuple(f"{name}_scale" for name in table)
    part = Part(
        name="captions",
        version=VERSION,
        reads=("id", "split", "drop_audio", "hedged", *FACTS, *columns(table), *scales),
        writes=tuple(column.name for column in (*CAPTIONS, *UNWRITTEN)),
        settings=depends,
    )
    return Stage(
        "captions",
        (part,),
        replace(template, writing=chosen),
        alone=chosen is not None,
        spread=chosen is not None and registry.load("writer", chosen.name).here,
    )


def of_template(settings: Mapping[str, Any], evidence: Evidence, table: AttributeTable, against: str) -> Captions:
    """The captions of a recipe's template, whoever else writes them."""
    text = templates.source("captions", settings["template"])
    return Captions(text, settings["template"], settings["style"], evidence, None, table, settings["length"], against)
