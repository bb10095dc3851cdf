"""Captions in free sentences: from a template, or from a language model whose answers are read back first.

No caption is published that the claim check refuses, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate import registry
from annotate.captions import judged, templates
from annotate.captions.compose import Plan, Unwritten, Written, write
from annotate.captions.evidence import reasons
from annotate.captions.grammar import wording
from annotate.captions.prompts import Prompt
from annotate.captions.writer import Options, Sampling, Writer
from annotate.console import printable
from annotate.descriptors.evidence import Senses
from annotate.engine.stage import Part, Row, Stage
from annotate.errors import UsageError
from annotate.store.journal import Journal
from annotate.store.schema import CAPTIONS, UNWRITTEN

FACTS = ("emotion", "intensity", "gender", "pitch", "speed", "volume", "transcript")
VERSION = "4"
NOTE = 400  # characters


@dataclass(frozen=True)
class Writing:
    """The writer of a stage and how it is asked; the writer itself is made where it is first needed."""

    name: str
    options: Options
    plan: Plan
    journal: Journal  # read once for all shards, not once for each


@dataclass(frozen=True)
class Captions:
    """``compute`` of the stage."""

    template: str
    where: str
    style: str
    evidence: Senses
    writing: Writing | None = None

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        found = [self.one(row) for row in rows]
        if self.writing is not None:
            self._write(rows, found, self.writing)
        return {"captions": found}

    def one(self, row: Row) -> Row:
        """The template's caption of a row; none for a row put aside, of which nothing is known, or of a false one."""
        if row["split"] is None or row["drop_audio"]:
            return {}
        facts: dict[str, Any] = {name: row[name] for name in FACTS}
        facts["transcript"] = templates.quoted(facts["transcript"])
        pick = templates.picker(row["id"])
        why = reasons(row, self.evidence)
        text = templates.render(
            self.template, self.where, **facts, style=self.style, pick=pick, hedged=row.get("hedged") or [],
            supporting=list(why.supporting), opposing=list(why.opposing),
        )  # fmt: skip
        if not text:
            return _unwritten("template empty", "caption: the template makes none of this row")
        found = judged.publishable(text, row, self.evidence, strict=False)
        good = not judged.refused(found, complete=False)
        made: Row = {
            "caption": text if good else None,
            "caption_writer": "template" if good else "template, refused by the claim check",
            "caption_tries": 0,
            "caption_claims": judged.claims_json(found),
        }
        if not good:
            faults = "; ".join(judged.faults_of(found))
            made |= _unwritten("template refused", f"caption: the template's is refused by the claim check: {faults}")
        return made

    def _write(self, rows: list[Row], found: list[Row], writing: Writing) -> None:
        """Put the writer's captions in the place of the template's, where it has a true one."""
        places = [place for place, one in enumerate(found) if one]
        if not places:
            return
        writer = _writer(writing.name, writing.options)
        written = write([rows[place] for place in places], writing.plan, writer, writing.journal)
        for place, one in zip(places, written, strict=True):
            found[place] |= _columns(one, writer, writing) if isinstance(one, Written) else _left(one, writer)


def _unwritten(fault: str, note: str) -> Row:
    return {"caption_fault": fault, "notes_captions": [note[:NOTE]]}


def _left(one: Unwritten, writer: Writer) -> Row:
    """What is kept of a row that the writer gave no caption; the template's stands."""
    note = f"caption: none by {writer.name} in {one.tries} tries, the last time: {printable(one.reason)}"
    return {"caption_tries": one.tries, **_unwritten(one.fault, note)}


def _columns(one: Written, writer: Writer, writing: Writing) -> Row:
    return {
        "caption": one.text,
        "caption_writer": writer.name,
        "caption_model": f"{writer.model} ({writing.plan.mode}, {writing.plan.sampling.text()})",
        "caption_prompt_hash": one.prompt_hash,
        "caption_tries": one.tries,
        "caption_claims": judged.claims_json(one.judged),
        "caption_fault": None,
        "notes_captions": None,
    }


_MADE: dict[tuple[str, Options], Writer] = {}


def _writer(name: str, options: Options) -> Writer:
    """A writer, made once per process: a model is loaded once for all shards."""
    if (name, options) not in _MADE:
        _MADE[name, options] = registry.load("writer", name)(options)
    return _MADE[name, options]


def writing(settings: Mapping[str, Any], journal: Path, evidence: Senses) -> Writing | None:
    """What ``captions:`` of a recipe asks for; None for ``writer: none``.

    Raises:
        UsageError: the writer cannot be steered.
    """
    if settings["writer"] == "none":
        return None
    made = registry.load("writer", settings["writer"])
    if settings["mode"] == "steered" and not made.steers:
        raise UsageError(
            f"captions.mode: the writer '{settings['writer']}' cannot be steered; expected captions.mode=free"
        )
    sampling = Sampling(settings["temperature"], settings["top_p"], settings["max_tokens"])
    plan = Plan(
        mode=settings["mode"], style=settings["style"], length=settings["length"], tries=settings["tries"],
        sampling=sampling, prompt=Prompt.load(settings["prompt"] or settings["style"]), evidence=evidence,
    )  # fmt: skip
    options = Options(
        **{name: settings[name] for name in ("model", "url", "parallel", "threads", "timeout_s", "retries")}
    )
    return Writing(settings["writer"], options, plan, Journal(journal))


def require(settings: Mapping[str, Any]) -> None:
    """Refuse early what could not be written: an unknown prompt, an absent model, a server without an address."""
    found = writing(settings, Path(), {})
    if found is not None:
        _writer(found.name, found.options)


def stage(settings: Mapping[str, Any], journal: Path, evidence: Senses) -> Stage:
    """The caption stage.

    Args:
        settings: the recipe's ``captions``.
        journal: where the answers of a writer are kept.
        evidence: which word goes with which emotion: what may be given as a reason.
    """
    text = templates.source("captions", settings["template"])
    depends: dict[str, Any] = {"template": text, "style": settings["style"], "evidence": evidence}
    how = writing(settings, journal, evidence)
    if how is not None:
        prompt = how.plan.prompt
        depends |= {name: settings[name] for name in ("writer", "mode", "length", "model", "tries")}
        depends |= {"sampling": how.plan.sampling.text(), "prompt": [prompt.question, prompt.again]}
        depends |= {"wording": wording() if how.plan.mode == "steered" else None}
    part = Part(
        name="captions",
        version=VERSION,
        reads=("id", "split", "drop_audio", "hedged", *FACTS),
        writes=tuple(column.name for column in (*CAPTIONS, *UNWRITTEN)),
        settings=depends,
    )
    return Stage(
        "captions",
        (part,),
        Captions(text, settings["template"], settings["style"], evidence, how),
        alone=how is not None,
        spread=how is not None and registry.load("writer", how.name).here,
    )
