"""What is left of a caption when its claims are taken out: whether that tells something that nothing measured.

No list holds all that people tell of a speaker beyond what is measured, nor all the harmless words around it. So what
rules and lists find is weighed with the words that are left, by a logistic regression. Its evidence is every word's
stem, every pair of neighbours and the number of unknown words; it is fitted on labelled captions
(``python -m benchmarks.fit.residue``), and the weights stand in ``residue.json``, where they can be read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from annotate import documents
from annotate.captions.reading.claim import Claim
from annotate.captions.reading.clauses import Unit, Units

Evidence: TypeAlias = "str | tuple[str, str] | int"
CLAIMING_ALWAYS = frozenset({"fact", "scale", "attribute"})  # kinds of units that claim, or would if they were read
CLAIMING = CLAIMING_ALWAYS | {"move", "striking"}
PRONOUNS = frozenset({"she", "he", "her", "his", "him"})  # within a phrase: a woman's caption weighs what a man's does
FUNCTION = frozenset(
    {"det", "prep", "be", "aux", "and", "but", "end", "mark", "colon", "it"}
)  # kinds that tell nothing
MANY = 4  # unknown words; further ones count no more
SCALE = 4.0  # of the evidence, whose sum is divided by the root of how much there is
OUTSIDE = "^"  # what stands before the first word and after the last


def words(units: Units) -> Iterator[tuple[str, Unit, int]]:
    """Every word that is left, its unit and the unit's place; a claim is one word, named after what it is about."""
    for place, unit in enumerate(units):
        kind = unit.entry.kind
        if kind in CLAIMING and (unit.read or kind in CLAIMING_ALWAYS):
            yield f"<{unit.entry.about or kind}>", unit, place
        elif kind == "quote":
            yield "<quote>", unit, place
        elif kind == "noun" and unit.entry.about != "voice":
            yield f"<noun of {unit.entry.about}>", unit, place
        elif " " in unit.low:
            for word in unit.low.split():
                yield "<gender>" if word in PRONOUNS else stem(word), unit, place
        else:
            yield stem(unit.low), unit, place


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What a word has in common with its inflections: "pauses", "paused" and "pausing" weigh the same."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def evidence(units: Units) -> dict[Evidence, int]:
    """What a caption holds that may be weighed, each with the place of the unit that it ends at.

    A word, a pair of neighbours, or a number: more than so many unknown words.
    """
    held: dict[Evidence, int] = {}
    left, unknown, place = OUTSIDE, 0, 0
    for word, unit, place in words(units):
        if unit.entry.kind == "unknown" and unknown < MANY:
            held[unknown] = place
            unknown += 1
        held[word] = held[left, word] = place
        if unit.kind == "fact" and unit.about == "emotion":
            held[stem(unit.low)] = place  # "crying" claims sadness, and tells of a sound
        left = word
    held[left, OUTSIDE] = place
    return held


def scaled(count: int) -> float:
    """What each of so many pieces of evidence counts."""
    return SCALE / math.sqrt(count) if count else 0.0


def circumstances(units: Units, claims: Sequence[Claim]) -> dict[str, float]:
    """What is weighed beside the words: the kinds of unmeasured things that rules found, and the caption's length."""
    return {"length": math.log(max(1, len(units))), **{f"rule {claim.says[0]}": 1.0 for claim in claims},
            "rules": float(bool(claims))}  # fmt: skip


@dataclass(frozen=True)
class Residue:
    """The regression, fitted.

    Attributes:
        weights: of the evidence; what is not weighed counts nothing.
        bias: of the evidence.
        settling: weights of the evidence as a whole (``evidence``), of ``circumstances``, and ``bias``.
        above: log odds above which words alone are taken to tell something; what rules found is kept above 0.
        certain: kinds of unmeasured things that are kept whatever the words around them are: an accent, an age.
    """

    weights: Mapping[Evidence, float]
    bias: float
    settling: Mapping[str, float]
    above: float
    certain: frozenset[str] = frozenset()

    def log_odds(self, units: Units, claims: Sequence[Claim]) -> float:
        """Of a caption that tells something unmeasured, given what rules found."""
        held = evidence(units)
        weights = self.weights
        words_alone = self.bias + scaled(len(held)) * sum([weights[each] for each in held if each in weights])
        settled = self.settling["bias"] + self.settling["evidence"] * words_alone
        return settled + sum(
            self.settling.get(name, 0.0) * value for name, value in circumstances(units, claims).items()
        )

    def settle(self, caption: str, units: Units, claims: list[Claim]) -> list[Claim]:
        """All claims that rules made, or none of them; where they made none, one that the words make, or none."""
        if any(claim.says[0] in self.certain for claim in claims):
            return claims
        log_odds = self.log_odds(units, claims)
        if claims:
            return claims if log_odds > 0 else []
        return [self._heaviest(caption, units)] if log_odds > self.above else []

    def _heaviest(self, caption: str, units: Units) -> Claim:
        """The unit that tells most, as a claim."""
        by_place: dict[int, float] = {}
        for each, place in evidence(units).items():
            by_place[place] = by_place.get(place, 0.0) + self.weights.get(each, 0.0)
        telling = [place for place in by_place if units[place].kind not in FUNCTION] or [*by_place]
        unit = units[max(telling, key=lambda place: by_place[place])]
        return Claim("unmeasured", ("something not measured",), caption[unit.start : unit.end], unit.start, unit.end)


def name_of(each: Evidence) -> str:
    """What evidence is called in the file."""
    if isinstance(each, int):
        return f"unknown {each}"
    return f"word {each}" if isinstance(each, str) else f"pair {each[0]}  {each[1]}"


def _evidence(name: str) -> Evidence:
    kind, _, rest = name.partition(" ")
    if kind == "unknown":
        return int(rest)
    left, _, right = rest.partition("  ")  # the words of a pair hold single blanks
    return rest if kind == "word" else (left, right)


@lru_cache(maxsize=1)
def load() -> Residue:
    """The shipped regression."""
    content = documents.read_json(Path(__file__).with_suffix(".json"))
    weights = {_evidence(name): weight for name, weight in content["weights"].items()}
    return Residue(weights, content["bias"], content["settling"], content["above"], frozenset(content["certain"]))
