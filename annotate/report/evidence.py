"""The words of a caption that make a claim, each with what it rests on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from annotate import attributes
from annotate.attributes import ABSOLUTE, SPEAKER
from annotate.captions.reading.claim import FACTS, Claim
from annotate.descriptors.scale import place
from annotate.report.text import figure, unit

# the reader's lexicon is loaded where a caption is read anew: a finished data set has its captions' claims
if TYPE_CHECKING:
    from annotate.captions.reading.judge import Held

# after the attributes, in this order: labels, what is quoted, what nothing measured
AFTER_ATTRIBUTES = ("emotion", "gender", "words", "unmeasured")


@dataclass(frozen=True)
class Span:
    """A stretch of a caption; ``number`` is the claim's place in the list below it, 0 where none is made."""

    text: str
    number: int = 0
    claim: str = ""


@dataclass(frozen=True)
class ClaimEvidence:
    """What the caption claims of one thing, what that rests on, and whether it holds."""

    claim: str
    word: str
    because: str
    holds: bool


class JudgedClaim(Protocol):
    """A claim, the row's value, and whether the claim holds: as the reader gives it, or as the row has it."""

    @property
    def claim(self) -> Claim: ...  # noqa: D102

    @property
    def against(self) -> str | None: ...  # noqa: D102

    @property
    def holds(self) -> bool | None: ...  # noqa: D102


@dataclass(frozen=True)
class StoredClaim:
    """A claim as the column ``caption_claims`` has it."""

    claim: Claim
    against: str | None
    holds: bool | None


def stored(row: Mapping[str, Any]) -> list[StoredClaim] | None:
    """The claims of a row's caption as the run that wrote it read them; None where the row does not have them.

    They were read from this very caption when it was written. What does not stand in it, as in a data set that was
    changed by hand, is not taken.
    """
    caption = row.get("caption") or ""
    try:
        claims = [_stored(entry) for entry in json.loads(row.get("caption_claims") or "")["read"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    there = all(caption[judged.claim.start : judged.claim.end] == judged.claim.text for judged in claims)
    return claims if there else None


def _stored(entry: Mapping[str, Any]) -> StoredClaim:
    about, text, start, holds = str(entry["about"]), str(entry["words"]), int(entry["at"]), entry["holds"]
    claim = Claim(
        about, tuple(map(str, entry["says"])), text, start, start + len(text),
        denies=bool(entry.get("denies")), usual=bool(entry.get("usual")),
    )  # fmt: skip
    if start < 0 or not (claim.says and text) or holds not in (True, False, None):
        raise ValueError
    return StoredClaim(claim, None if entry["against"] is None else str(entry["against"]), holds)


def read(row: Mapping[str, Any]) -> Sequence[Held]:
    """The claims of a row's caption, whoever wrote it, read from its words."""
    from annotate.captions.reading.judge import check

    caption = row.get("caption") or ""
    return check(caption, row, weigh=False).held if caption else ()


def marked(
    row: Mapping[str, Any], scale: Mapping[str, Any], judged: Sequence[JudgedClaim] | None = None
) -> tuple[list[Span], list[ClaimEvidence]]:
    """A row's caption cut into spans, and its claims attributes first; a reason is marked as the cue that it names.

    Args:
        row: of the data set.
        scale: the content of ``scale.json``.
        judged: the caption's claims, see ``stored``; None to read them.
    """
    caption, order = row.get("caption") or "", (*attributes.known(), *AFTER_ATTRIBUTES)
    held = [claim for claim in (read(row) if judged is None else judged) if claim.claim.about in order]
    evidence: list[ClaimEvidence] = []
    numbers: dict[int, int] = {}
    for name in order:
        for alike in _alike([judged for judged in held if judged.claim.about == name]):
            evidence.append(_evidence(row, name, alike, scale))
            numbers |= {id(judged): len(evidence) for judged in alike}
    spans, at = [], 0
    for claimed in sorted(held, key=lambda judged: (judged.claim.start, -judged.claim.end)):
        if claimed.claim.start < at:
            continue  # "pitch and volume are high": one word, two claims; the first has it
        spans += [Span(caption[at : claimed.claim.start])] if claimed.claim.start > at else []
        at = claimed.claim.end
        spans.append(Span(caption[claimed.claim.start : at], numbers[id(claimed)], claimed.claim.about))
    return [*spans, Span(caption[at:])] if caption[at:] else spans, evidence


def _alike(held: Iterable[JudgedClaim]) -> list[list[JudgedClaim]]:
    """Claims of one thing that say the same and hold alike are one entry, however often it is said."""
    entries: dict[Any, list[JudgedClaim]] = {}
    for judged in held:
        key = True if judged.claim.about in FACTS and judged.holds else (judged.claim.says, judged.claim.text.lower())
        # against the group and against the speaker's own usual are two claims, whatever the words
        entries.setdefault((key, judged.claim.usual), []).append(judged)
    return list(entries.values())


def _evidence(row: Mapping[str, Any], name: str, alike: list[JudgedClaim], scale: Mapping[str, Any]) -> ClaimEvidence:
    first = alike[0]
    if name == "words":
        basis: dict[bool | None, str] = {True: "they are in the transcript", False: "the transcript does not have them"}
        return ClaimEvidence(name, "spoken", basis.get(first.holds, "no transcript is known"), first.holds is True)
    if name == "unmeasured":
        return ClaimEvidence(name, first.claim.says[0], "nothing that was measured tells it", False)
    claimed = " or ".join(first.claim.says)
    word = first.against if first.holds and first.against else f"not {claimed}" if first.claim.denies else claimed
    # against the speaker's own usual, where that is known
    usual = first.claim.usual and row.get(attributes.word_column(name, SPEAKER)) is not None
    return ClaimEvidence(name, word, because(row, name, scale, usual), first.holds is True)


def because(row: Mapping[str, Any], name: str, scale: Mapping[str, Any], usual: bool = False) -> str:
    """What a claim rests on: a number against the edges of its group, or where a label comes from.

    Args:
        row: of the data set.
        name: what is claimed.
        scale: the content of ``scale.json``.
        usual: the claim compares with the speaker's own usual.
    """
    if name == "emotion":
        original = row.get("emotion_original")
        return f"the corpus's label, {original} in the corpus" if original else "the corpus's label"
    if name == "gender":
        sources = {"corpus": "given by the corpus", "estimated": "estimated from the voice"}
        return sources.get(str(row.get("gender_source")), "its origin is not noted")
    descriptor = scale["descriptors"].get(name)
    value = row.get(descriptor["measure"]) if descriptor else None
    if descriptor is None or value is None:
        return "no number is known"
    measured = f"{figure(value)} {unit(descriptor['measure'])}".rstrip()
    placed = between(row, name, scale, usual)
    if placed is None:
        return f"{measured}; the edges are not in the scale"
    where, whose = placed
    return f"{measured}, {where} ({descriptor['measure']}, {whose})"


def between(row: Mapping[str, Any], name: str, scale: Mapping[str, Any], usual: bool = False) -> tuple[str, str] | None:
    """Between which edges a row's measurement lies, and whose edges they are; None where the scale lacks them.

    Args:
        row: of the data set, with the measurement.
        name: a descriptor of the scale.
        scale: the content of ``scale.json``.
        usual: the edges are the speaker's own.
    """
    descriptor, group = scale["descriptors"][name], row.get(f"{name}_scale")
    edges = descriptor["groups"].get(group, {}).get("edges")
    whose = "fixed edges" if group == ABSOLUTE else f"edges of {group}"
    if usual:
        edges = scale.get("own", {}).get(name, {}).get(row.get("speaker"), {}).get("edges")
        whose = "edges of this speaker's own clips"
    if not edges:
        return None
    level = place(row[descriptor["measure"]], edges)
    below, above = (figure(edge) for edge in (edges[max(level - 1, 0)], edges[min(level, len(edges) - 1)]))
    where = f"below {above}" if level == 0 else f"above {below}" if level == len(edges) else f"from {below} to {above}"
    return where, whose
