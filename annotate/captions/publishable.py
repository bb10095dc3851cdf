"""Judging what is about to be published, and saying to a writer what was wrong."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from annotate.captions.reading.claim import FACTS
from annotate.captions.reading.judge import Judgement, check, value
from annotate.descriptors.evidence import Senses

ALWAYS = ("gender", "emotion")  # what a caption must tell where it is known, whatever else is expected of it


def refused(judged: Judgement, *, expected: Collection[str] = ()) -> bool:
    """Whether a caption may not be published; it must tell the attributes that are ``expected`` of it, if any are."""
    return judged.verdict in ("contradiction", "unsupported") or bool(expected and missing(judged, expected))


def missing(judged: Judgement, expected: Collection[str]) -> list[str]:
    """What a caption should have told and does not."""
    return [name for name in judged.missing if name in (*ALWAYS, *expected)]


def publishable(text: str, row: Mapping[str, Any], evidence: Senses, *, strict: bool) -> Judgement:
    """A caption read back, its reasons held against the evidence."""
    # the words that claim nothing are weighed in captions of strangers only: a template's are all known
    return check(text, row, strict=strict, evidence=_of_label(evidence, row.get("emotion")), weigh=False)


def _of_label(evidence: Senses, label: str | None) -> Senses:
    """The evidence with that of a row's label under the name by which captions are read: Happy is happiness."""
    read_as = value("emotion", label)
    if label is None or read_as is None or read_as == label or label not in evidence:
        return evidence
    return {**evidence, read_as: evidence[label]}


def faults_of(judged: Judgement, expected: Collection[str] = ()) -> list[str]:
    """What is wrong, in sentences that a model understands; three at most."""
    faults = []
    for held in judged.held:
        claim = held.claim
        if held.holds is False and claim.about == "reason":
            faults.append(f'"{claim.text}" does not suggest {claim.suggests[0]}')
        elif held.holds is False and claim.about == "words":
            faults.append("the quoted words were not said")
        elif held.holds is False:
            faults.append(f'it says "{claim.text}", but the {claim.about} is {held.against}')
        elif claim.about == "form":
            faults.append(f'"{claim.text}" has no place in a caption ({claim.says[0]})')
        elif held.holds is None and claim.about not in ("reason", "words"):
            faults.append(f'"{claim.text}" is not among the facts')
    faults += [f"it does not tell the {name}" for name in missing(judged, expected)]
    return list(dict.fromkeys(faults))[:3] or ["it does not keep to the facts"]


def claims_json(judged: Judgement) -> str:
    """The claims of a caption: each fact that it states, and every claim as it was read and held."""
    stated = {
        held.claim.about: held.against
        for held in judged.held
        if held.claim.about in FACTS and held.holds and held.against is not None
    }
    return json.dumps(
        {**dict(sorted(stated.items())), "read": [held.plain() for held in judged.held]}, ensure_ascii=False
    )
