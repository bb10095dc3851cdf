"""The words of a caption that make a claim, each with the number behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.report.text import figure, unit

# how captions say the words of the scale; a claim whose words are not found is listed all the same
SAID = {
    ("pitch", "low"): r"low[- ]pitched|deep(?: voice)?|low(?:er)?(?: voice| pitch)|pitch (?:is )?low",
    ("pitch", "normal"): r"(?:mid-range|medium|normal|moderate)(?:[- ]pitched|[- ]pitch| voice)|mid-range",
    ("pitch", "high"): r"high[- ]pitched|high(?:er)?(?: voice| pitch)|pitch (?:is )?high",
    ("speed", "slow"): r"slow(?:ly)?(?: pace| speed| rate)?|unhurried(?:ly)?",
    ("speed", "normal"): r"(?:normal|medium|moderate)(?: pace| speed| rate)|neither fast nor slow(?:ly)?",
    ("speed", "fast"): r"fast(?: pace| speed| rate)?|quick(?:ly)?(?: pace)?|rapid(?:ly)?(?: pace)?",
    ("volume", "quiet"): r"quiet(?:ly)?(?: voice| volume)?|soft(?:ly)?(?: voice)?|low volume",
    ("volume", "normal"): r"(?:normal|medium|moderate)(?: volume| loudness)|neither loud(?:ly)? nor quiet(?:ly)?",
    ("volume", "loud"): r"loud(?:ly)?(?: voice| volume)?|high volume",
    ("gender", "female"): r"woman|female(?: speaker)?|she|her",
    ("gender", "male"): r"man|male(?: speaker)?|he|his",
    ("emotion", "anger"): r"anger|angry|angrily",
    ("emotion", "happiness"): r"happiness|happy|happily|joy",
    ("emotion", "sadness"): r"sadness|sad|sadly",
    ("emotion", "fear"): r"fear|fearful|afraid",
    ("emotion", "neutral"): r"neutral mood|neutral(?:ly)?",
}
# an earlier claim keeps its words where two would take the same
ORDER = ("pitch", "speed", "volume", "emotion", "gender")


@dataclass(frozen=True)
class Span:
    """A stretch of a caption; ``number`` is the claim's place in the list below it, 0 where none is made."""

    text: str
    number: int = 0
    claim: str = ""


@dataclass(frozen=True)
class Evidence:
    """One claim and what it rests on, and whether its words were found in the caption."""

    claim: str
    word: str
    because: str
    found: bool


def marked(row: Mapping[str, Any], scale: Mapping[str, Any]) -> tuple[list[Span], list[Evidence]]:
    """A row's caption cut into spans, and its claims in the order of ``ORDER``."""
    caption = row.get("caption") or ""
    claims = _claims(row.get("caption_claims"))
    taken: list[tuple[int, int, int]] = []
    evidence = []
    for name in [*ORDER, *(name for name in claims if name not in ORDER)]:
        if name not in claims:
            continue
        places = [place for place in _places(caption, name, claims[name]) if not _overlaps(place, taken)]
        evidence.append(Evidence(name, claims[name], because(row, name, scale), bool(places)))
        taken += [(*place, len(evidence)) for place in places]
    spans, at = [], 0
    for begin, end, number in sorted(taken):
        spans += [Span(caption[at:begin])] if begin > at else []
        spans.append(Span(caption[begin:end], number, evidence[number - 1].claim))
        at = end
    return [*spans, Span(caption[at:])] if caption[at:] else spans, evidence


def _claims(text: Any) -> dict[str, str]:
    try:
        claims = json.loads(text) if text else {}
    except (TypeError, ValueError):
        return {}
    if not isinstance(claims, dict):
        return {}
    return {str(name): value for name, value in claims.items() if isinstance(value, str) and value}


def _places(caption: str, name: str, word: str) -> list[tuple[int, int]]:
    pattern = SAID.get((name, word), re.escape(word))
    found = re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", caption, re.IGNORECASE)
    return [match.span() for match in found]


def _overlaps(place: tuple[int, int], taken: list[tuple[int, int, int]]) -> bool:
    return any(place[0] < end and begin < place[1] for begin, end, _ in taken)


def because(row: Mapping[str, Any], name: str, scale: Mapping[str, Any]) -> str:
    """What a claim rests on: a number against the edges of its group, or where a label comes from."""
    if name == "emotion":
        original = row.get("emotion_original")
        return f"the corpus's label, there written {original}" if original else "the corpus's label"
    if name == "gender":
        sources = {"corpus": "given by the corpus", "estimated": "estimated from the voice"}
        return sources.get(str(row.get("gender_source")), "its origin is not noted")
    descriptor = scale["descriptors"].get(name)
    value = row.get(descriptor["measure"]) if descriptor else None
    if descriptor is None or value is None:
        return "no number is known"
    group = row.get(f"{name}_scale")
    said = f"{figure(value)} {unit(descriptor['measure'])}"
    edges = descriptor["groups"].get(group, {}).get("edges")
    if not edges:
        return f"{said}; the edges are not in the scale"
    low, high = edges
    first, last = figure(low), figure(high)
    where = f"below {first}" if value < low else f"above {last}" if value > high else f"from {first} to {last}"
    return f"{said}, {where} ({descriptor['measure']}, edges of {group})"
