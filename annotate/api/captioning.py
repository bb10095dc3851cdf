"""``annotate.caption`` and ``annotate.check``: a caption from words, and any caption held against words."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from annotate.captions.reading.judge import Judgement as Judgement
from annotate.errors import SemoError, UsageError, unknown_name

if TYPE_CHECKING:
    from typing import TypeAlias

    from annotate.api.describing import Words
    from annotate.attributes import AttributeTable
    from annotate.captions.supported_reasons import Evidence

    # what a caption is held against: the words of ``describe``, or a mapping of one's own
    Facts: TypeAlias = Words | Mapping[str, Any]

STYLES = ("description", "explanation")
LENGTHS = ("short", "long")
AGAINST = ("group", "speaker", "both")


def caption(
    words: Facts,
    *,
    emotion: str | None = None,
    transcript: str | None = None,
    evidence: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    style: Literal["description", "explanation"] = "explanation",
    length: Literal["short", "long"] = "short",
    template: str = "plain",
    attributes: str | Sequence[str] = "all",
    against: Literal["group", "speaker", "both"] = "both",
) -> str:
    """Write a caption: how the clip sounds and, where the evidence allows, why that suggests its emotion.

    Args:
        words: what ``describe`` gives, or a mapping such as ``{"gender": "female", "pitch": "high"}``.
        emotion: the clip's emotion; without it the caption only describes.
        transcript: the words spoken, for templates that quote them.
        evidence: ``evidence.json`` of a run, as a path or its content. Without it no reason is given.
        style: ``explanation`` gives reasons, ``description`` none.
        length: ``short`` or ``long``.
        template: a shipped template, or the path of your own.
        attributes: those that captions speak of, as in a recipe's ``descriptors.attributes``; those among them that
            ``words`` has are used.
        against: which comparisons the caption makes: with the group, with the speaker's own usual, or both, as far as
            ``words`` has them.

    Returns:
        The caption, which the claim check has found to say nothing false; empty where nothing is known.

    Raises:
        SemoError: an argument is wrong, or your template wrote a false caption.

    Example:
        >>> annotate.caption({"gender": "female", "pitch": "high", "speed": "fast", "volume": "loud"})  # doctest: +SKIP
        'A woman speaks fast and loudly in a high voice.'
    """
    from annotate.captions import templates
    from annotate.captions.captions import Captions
    from annotate.store import schema

    for name, value, known in (("style", style, STYLES), ("length", length, LENGTHS), ("against", against, AGAINST)):
        if value not in known:
            raise unknown_name(f"{name}:", str(value), known)
    columns = _columns(words)
    table = _table(columns, attributes)
    row = dict.fromkeys(schema.COLUMNS) | columns
    row |= {"id": str(columns.get("id", "")), "split": "given", "drop_audio": None}
    row |= {"emotion": emotion or columns.get("emotion"), "transcript": transcript or columns.get("transcript")}
    source = templates.source("captions", template)
    writing = Captions(source, template, style, _evidence(evidence), table=table, length=length, against=against)
    written = writing.compute_row(row)
    if written and written["caption"] is None:
        raise SemoError(f"caption: the template '{template}' wrote a caption that the claim check refuses")
    return str(written.get("caption") or "")


def check(
    text: str,
    words: Facts,
    *,
    emotion: str | None = None,
    transcript: str | None = None,
    evidence: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    strict: bool = False,
) -> Judgement:
    """Read a caption back into claims and hold each against the words.

    Args:
        text: an English caption, of whatever origin.
        words: what ``describe`` gives, or a mapping such as ``{"gender": "female", "pitch": "high"}``.
        emotion: the clip's emotion. Where it is given neither here nor in ``words``, what the caption says of the
            emotion is not judged.
        transcript: the words spoken, where known; quotations are held against them.
        evidence: ``evidence.json`` of a run; reasons that it contradicts are contradictions.
        strict: also refuse words that the check does not know, as for captions about to be published.

    Returns:
        ``verdict`` (``ok``, ``contradiction``, ``unsupported`` or ``missing``), ``held`` (each claim, the word it was
        held against, whether it holds) and ``missing`` (what the caption leaves out).

    Raises:
        SemoError: an argument is wrong.

    Example:
        >>> annotate.check("A woman speaks loudly.", {"gender": "female", "volume": "quiet"}).verdict
        'contradiction'
    """
    from annotate.captions.reading import judge

    if not isinstance(text, str):
        raise UsageError(f"check: the caption is {type(text).__name__}; expected text")
    row = _columns(words)
    row |= {name: value for name, value in {"emotion": emotion, "transcript": transcript}.items() if value is not None}
    senses = _evidence(evidence).senses if evidence is not None else None
    judged = judge.check(text, row, strict=strict, evidence=senses)
    if row.get("emotion") is None:
        claims = [held.claim for held in judged.held if held.claim.about not in ("emotion", "reason")]
        judged = judge.judge(claims, row, senses)
    return judged


def _columns(words: Any) -> dict[str, Any]:
    columns = getattr(words, "columns", words)
    if not isinstance(columns, Mapping):
        raise UsageError(f"words: {type(words).__name__} given; expected what describe() gives, or a mapping of words")
    return dict(columns)


def _table(columns: Mapping[str, Any], chosen: str | Sequence[str]) -> AttributeTable:
    """The attributes that the words are of, at as many levels as the words have."""
    from annotate import attributes

    table = attributes.table(chosen if isinstance(chosen, str) else list(chosen))
    present = tuple(attribute for attribute in table.values() if attribute.name in columns)
    few = all(columns[attribute.name] in (None, *attribute.words(3)) for attribute in present)
    return attributes.AttributeTable(present, 3 if few else 5)


def _evidence(evidence: Any) -> Evidence:
    from annotate import documents
    from annotate.captions.supported_reasons import Evidence

    if evidence is None:
        return Evidence()
    if isinstance(evidence, str | os.PathLike):
        try:
            evidence = documents.read_json(Path(evidence))
        except (OSError, ValueError) as error:
            raise SemoError(f"{os.fspath(evidence)}: cannot be read: {error}") from None
    if not isinstance(evidence, Mapping) or "emotions" not in evidence:
        raise UsageError("evidence: expected evidence.json of a run, its path or its content")
    return Evidence.of(evidence)
