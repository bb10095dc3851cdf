"""What a caption claims, in a form that tests can hold against a set."""

from __future__ import annotations

from annotate.captions.reading.markup import keyed
from annotate.captions.reading.read import read


def claims_of(caption: str, transcript: str | None = None) -> set[tuple[str, str]]:
    """What is claimed, as (about, value), a denial with a minus; reasons are left out."""
    return {
        (claim.about, ("-" if claim.denies else "") + "/".join(claim.says))
        for claim in read(keyed(caption), transcript)
        if claim.about != "reason"
    }
