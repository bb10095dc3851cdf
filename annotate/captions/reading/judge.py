"""The verdict on a caption: its claims held against the row's descriptors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from annotate import attributes
from annotate.captions import caption_form
from annotate.captions.reading import lexicon as lexicons
from annotate.captions.reading.claim import FACTS, LEVELS, Claim
from annotate.captions.reading.clauses import units
from annotate.captions.reading.markup import keyed
from annotate.captions.reading.read import read
from annotate.captions.reading.tokens import split
from annotate.descriptors.evidence import Senses

NO_ENTRY = lexicons.Entry("")
VERDICTS = ("ok", "contradiction", "unsupported", "missing")


@dataclass(frozen=True)
class Held:
    """A claim, the row's value, the number behind it, and whether the claim holds; None where nothing can tell."""

    claim: Claim
    against: str | None
    number: tuple[str, float] | None
    holds: bool | None

    def plain(self) -> dict[str, Any]:
        """The claim as JSON with what it was held against."""
        content = {**self.claim.plain(), "against": self.against, "holds": self.holds}
        if self.number:
            content["number"] = {self.number[0]: round(float(self.number[1]), 4)}
        return content


@dataclass(frozen=True)
class Judgement:
    """A verdict, every claim as it was held, and the facts of the row that the caption leaves out."""

    verdict: str
    held: tuple[Held, ...]
    missing: tuple[str, ...]

    @property
    def faults(self) -> tuple[Held, ...]:
        """The claims that do not hold, or that nothing supports."""
        return tuple(
            judged
            for judged in self.held
            if (judged.holds is not True and judged.claim.about != "reason") or judged.holds is False
        )


def check(
    caption: str,
    row: Mapping[str, Any],
    *,
    strict: bool = False,
    evidence: Senses | None = None,
    energy: bool = False,
    weigh: bool = True,
) -> Judgement:
    """Read a caption and judge it.

    Args:
        caption: English text.
        row: the descriptors ``gender``, ``pitch``, ``speed``, ``volume``, ``emotion`` and ``transcript``, absent or
            None where unknown; measurements beside them are named in the result.
        strict: refuse words that the lexicon does not know, and what is no paragraph of plain sentences, as for
            captions about to be published.
        evidence: where given, reasons that it contradicts are contradictions.
        energy: "energy" means volume, as some corpora have it; elsewhere it is vigour and claims nothing.
        weigh: weigh the words that claim nothing; captions of our own grammar have none to weigh.
    """
    label = value("emotion", row.get("emotion"))
    transcript = row.get("transcript")
    caption = caption if strict else keyed(caption)
    claims = [*caption_form.claims(caption, transcript, strict=strict)]
    if not strict:  # a list may name its keys in another language
        known = lexicons.load().translations
        claims = [claim for claim in claims if "another script" not in claim.says or (claim.text.lower(),) not in known]
    if not any("too long" in claim.says for claim in claims):
        claims += read(caption, transcript, strict=strict, label=label, energy=energy, weigh=weigh)
    return judge(claims, row, evidence)


def judge(claims: Sequence[Claim], row: Mapping[str, Any], evidence: Senses | None = None) -> Judgement:
    """Hold claims against a row: a contradiction weighs most, then what is unsupported, then what is missing."""
    truth = {name: value(name, row.get(name)) for name in FACTS}
    held = _emotions(_sounds([_hold(claim, truth, row, evidence) for claim in claims]), truth["emotion"])
    stated = {name for name in FACTS for judged in held if _states(judged, name)}
    missing = tuple(name for name in FACTS if truth[name] is not None and name not in stated)
    wrong = any(judged.holds is False for judged in held) or _conflict(claims)
    unsupported = any(
        (judged.holds is None and judged.claim.about not in ("reason", "words")) or _unheld(judged, row)
        for judged in held
    )
    verdict = "contradiction" if wrong else "unsupported" if unsupported else "missing" if missing else "ok"
    return Judgement(verdict, held, missing)


def _emotions(held: Sequence[Held], label: str | None) -> tuple[Held, ...]:
    """Of several emotions the label's own makes the claim true; a further one is false where the label excludes it."""
    affirmed = [judged for judged in held if judged.claim.about == "emotion" and not judged.claim.denies]
    if label is None or not any(judged.holds for judged in affirmed):
        return tuple(held)
    excluded = lexicons.load().excludes.get(label, frozenset())
    made = []
    for judged in held:
        if judged in affirmed and not judged.holds and not excluded.issuperset(judged.claim.says):
            judged = replace(judged, holds=None)
        made.append(judged)
    return tuple(made)


def _sounds(held: Sequence[Held]) -> list[Held]:
    """A sound that goes with another emotion is no claim of it, and unmeasured: somebody scornful may laugh."""
    groups = lexicons.load().groups
    sounds = {"emotion": groups["vocal sounds"], "volume": groups["unclear speech"]}
    return [
        replace(judged, holds=None)
        if judged.holds is False and judged.claim.text.lower() in sounds.get(judged.claim.about, ())
        else judged
        for judged in held
    ]


def value(name: str, raw: Any) -> str | None:
    """A descriptor as ours are written, whatever a data set calls it: "F", "very fast", "angry".

    An emotion that the lexicon does not know stays as it is; any other word that says nothing is None.
    """
    return None if raw is None or not str(raw).strip() else _value(name, str(raw).strip().lower())


@lru_cache(maxsize=4096)  # a data set has few values and many rows
def _value(name: str, text: str) -> str | None:
    if name == "gender":
        return {"f": "female", "m": "male", "w": "female"}.get(text) or _looked_up(name, text)
    if name in LEVELS and text in LEVELS[name]:
        return text
    word = _looked_up(name, text)
    return word or (text if name == "emotion" else None)


def _looked_up(name: str, text: str) -> str | None:
    lexicon = lexicons.load()
    for unit in units(text, lexicon):
        if unit.kind == "fact" and unit.about == name:
            return unit.entry.says[0]
        if unit.kind == "scale" and name in LEVELS:
            return lexicon.values[name][unit.entry.says[0]]
    return None


def _hold(claim: Claim, truth: Mapping[str, str | None], row: Mapping[str, Any], evidence: Senses | None) -> Held:
    if claim.about == "words":
        return Held(claim, row.get("transcript"), None, {"said": True, "not said": False}.get(claim.says[0]))
    if claim.about in ("unmeasured", "form"):
        return Held(claim, None, None, True if claim.restates(truth["emotion"]) else None)
    if claim.about == "reason":
        return _hold_reason(claim, row, evidence)
    if claim.of_voice and not claim.denies and (held := _hold_voice(claim, row)) is not None:
        return held
    known, mild = _known(claim, truth, row)
    if mild:
        return Held(claim, None, None, True)
    described = attributes.known().get(claim.about)
    name = next(
        (measure for measure in (described.measures if described else ()) if row.get(measure) is not None), None
    )
    number = (name, row[name]) if name else None
    also = {about: truth[about] if about in truth else _level(about, row.get(about)) for about, _ in claim.other}
    if known is None and not any(also.values()):
        return Held(claim, None, number, None)
    holds = (known in claim.says) != claim.denies if known is not None else False
    holds = holds or any(also[about] == word for about, word in claim.other)
    return Held(claim, known, number, holds)


def _hold_voice(claim: Claim, row: Mapping[str, Any]) -> Held | None:
    """What is said of "her tense voice", where the row's own attribute tells whether it is, be she afraid or not."""
    about, word = claim.other[0]
    known = _level(about, row.get(about))
    if known is None:
        return None
    # judged once more, it is a claim of that attribute alone
    alone = replace(claim, about=about, says=(word,), other=(), of_voice=False)
    return Held(alone, known, None, known == word)


def _known(claim: Claim, truth: Mapping[str, str | None], row: Mapping[str, Any]) -> tuple[str | None, bool]:
    """What the row holds of what a claim is about, and whether a claim of an attribute it lacks says nothing much."""
    about = claim.about
    if (column := column_of(claim, about, row)) != about:
        return _level(about, row[column]), False
    if about in truth:
        return truth[about], False
    known = _level(about, row.get(about))
    return known, known is None and _harmless(claim.text)


def _harmless(text: str) -> bool:
    """Whether words say nothing much where no number tells, degrees aside: "a very clear sense of anger"."""
    lexicon = lexicons.load()
    telling = [word for word in split(text) if lexicon.words.get((word,), NO_ENTRY).kind != "degree"]
    return all(word in lexicon.groups["harmless"] for word in telling)


def column_of(claim: Claim, about: str, row: Mapping[str, Any]) -> str:
    """The column of words that a claim is held against; that of the group where the speaker's usual is not known."""
    usual = attributes.word_column(about, attributes.SPEAKER)
    return usual if claim.usual and row.get(usual) is not None else about


def _level(about: str, raw: Any) -> str | None:
    """The word of three levels that an attribute's word belongs to."""
    if raw is None or about in LEVELS:
        return value(about, raw) if raw is not None else None
    attribute = attributes.known().get(about)
    return (attribute.coarse(str(raw)) if attribute is not None else None) or str(raw)


def _hold_reason(claim: Claim, row: Mapping[str, Any], evidence: Senses | None) -> Held:
    """A "suggests" needs evidence for, an "although" is refused where it is for; without a table nothing tells."""
    if evidence is None:
        return Held(claim, None, None, None)
    emotion, cue = row.get("emotion"), claim.cue or ""
    # "a lower pitch than usual" is a reason by what goes with the speaker's own usual
    column = column_of(claim, cue, row)
    # the row's own label, and its own word where the claim says it more coarsely: "high" of a very high voice
    emotions = [emotion] if emotion and value("emotion", emotion) in claim.suggests else list(claim.suggests)
    words = [row[column]] if row.get(column) is not None and _level(cue, row[column]) in claim.says else claim.says
    senses = {evidence.get(label, {}).get(column, {}).get(word, "silent") for label in emotions for word in words}
    against = "for" if "for" in senses else "against" if "against" in senses else "silent"
    return Held(claim, against, None, against == "for" if claim.sense == "for" else against != "for")


def _states(judged: Held, name: str) -> bool:
    claim = judged.claim
    if claim.about == name:
        if claim.other and not claim.denies and judged.against not in claim.says:
            return False
        return not claim.denies or name != "emotion"
    return (
        name in dict(claim.other)
        and claim.about not in ("reason",)
        and judged.holds is True
        and judged.against not in claim.says
    )


def _unheld(judged: Held, row: Mapping[str, Any]) -> bool:
    """A quotation where the row is known to have no words; a data set without transcripts holds nothing against it."""
    return judged.claim.about == "words" and judged.holds is None and "transcript" in row


def _conflict(claims: Sequence[Claim]) -> bool:
    """Two claims of one descriptor that no value makes both true."""
    for name, levels in LEVELS.items():
        allowed = set(levels)
        for claim in (claim for claim in claims if claim.about == name and not (claim.other or claim.usual)):
            allowed = allowed - set(claim.says) if claim.denies else allowed & set(claim.says)
        if not allowed:
            return True
    genders = {claim.says[0] for claim in claims if claim.about == "gender" and not claim.denies}
    return len(genders) > 1
