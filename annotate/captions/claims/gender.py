"""Who speaks, as the caption has it: nouns and pronouns of the speaker, and of nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.captions.claims.claim import LEVELS, Claim
from annotate.captions.claims.negation import compared, denied, hedged
from annotate.captions.claims.text import COPULAS, DETERMINERS, Hit, Text, matches
from annotate.captions.claims.tokens import word_set

_PRONOUNS = word_set("she he her his him hers herself himself")
_TOWARDS = word_set("to with toward towards beside at against")
_OWNED = word_set("my our your their his her of from by like 's")
_GROUP = word_set("most many other average for among of all some few typical")
_MANY = word_set("men women ladies gentlemen guys")


def genders(text: Text) -> list[Claim]:
    """The claims about the speaker's gender; those about others become claims of a second speaker."""
    found: list[Claim] = []
    for hit in _hits(text):
        claim = _one(text, hit, found)
        if claim is not None:
            found.append(claim)
    return found or list(_persons(text)) or list(_letters(text))


def _hits(text: Text) -> Iterator[Hit]:
    """Words of gender, also within a longer phrase: "takes her time"."""
    for hit in text.hits:
        if hit.entry.kind == "fact" and hit.entry.about == "gender":
            yield hit
        elif hit.last > hit.first:
            for place in range(hit.first, hit.last + 1):
                single = text.lexicon.facts.get((text.low(place),))
                if single and single.about == "gender":
                    yield Hit(place, place, single)


def _persons(text: Text) -> Iterator[Claim]:
    """The gender of "a frightened princess"; "my mother" is not the speaker."""
    for hit in matches(text.words, text.lexicon.persons):
        before = hit.first - 1
        while text.adjective(before):
            before -= 1
        if text.low(before) not in _OWNED | _TOWARDS and text.low(hit.first) not in text.spoken:
            yield _made(text, hit, "gender", hit.entry.says)
            return


def _letters(text: Text) -> Iterator[Claim]:
    """Notes write "F." or "(M)" for the speaker: a capital by itself, between marks or at an end."""
    for place, token in enumerate(text.words):
        if token.low in ("f", "m") and (token.capital or place == 0 or text.low(place - 1) == "("):
            ends = text.stop(place + 1) or text.mark(place + 1) or text.low(place - 1) in (":", "=")
            if ends and (text.stop(place - 1) or text.mark(place - 1)):
                says = ("female" if token.low == "f" else "male",)
                yield Claim("gender", says, text.text(place, place), token.start, token.end)


def _one(text: Text, hit: Hit, before: list[Claim]) -> Claim | None:
    word, says = text.low(hit.first), hit.entry.says
    if (word in ("boy", "man") and _exclaimed(text, hit.first)) or _either(text, hit):
        return None
    if (before and compared(text, hit)) or (word in _MANY and text.low(hit.first - 1) in _GROUP):
        return None
    if text.unmeasured.get(hit.last + 1, hit).entry.about.startswith("second"):
        return None  # "her male partner": the partner, whom the claims of a second speaker tell
    other = _somebody_else(text, hit, before, says)
    if other == "pronoun":
        return None
    if other:
        return _made(text, hit, "unmeasured", ("second speaker or listener",))
    return _made(text, hit, "gender", says)


def _either(text: Text, hit: Hit) -> bool:
    """Whether it is left open: "hard to tell whether it's a man or a woman"."""
    return any(_other_beyond(text, hit, step) for step in (1, -1))


def _other_beyond(text: Text, hit: Hit, step: int) -> bool:
    """Whether an "or" and the other gender stand on one side."""
    place, joined = (hit.last if step > 0 else hit.first) + step, False
    while text.low(place) == "or" or text.low(place) in ("a", "an"):
        joined, place = joined or text.low(place) == "or", place + step
    other = text.at.get(place)
    return joined and other is not None and other.entry.about == "gender" and other.entry.says != hit.entry.says


def _exclaimed(text: Text, place: int) -> bool:
    """Whether it is the "boy" of "Boy, is she mad!" and of "but boy does he shout"."""
    after = place + 2 if text.low(place + 1) == "," else place + 1
    opens = text.stop(place - 1) or text.low(place - 1) in ("but", "and", "oh", ",")
    return opens and text.low(after) in _ASKING and text.low(after + 1) in _PRONOUNS | {"this", "that"}


_ASKING = word_set("is does did was has can could will")


def _somebody_else(text: Text, hit: Hit, before: list[Claim], says: tuple[str, ...]) -> str | None:
    """Whether it is another than the speaker: spoken to, brought in by "a" or "another", or spoken of again."""
    speaker = next((claim for claim in before if claim.about == "gender" and not claim.denies), None)
    if speaker is None:
        return None
    second = any(claim.about == "unmeasured" for claim in before) or any(
        place < hit.first and found.entry.about.startswith("second") for place, found in text.unmeasured.items()
    )
    differs = says != speaker.says
    if text.low(hit.first) in _PRONOUNS:
        return "pronoun" if second and differs else None
    place = hit.first - 1
    while text.low(place) in DETERMINERS or text.adjective(place):
        place -= 1
    named = {text.low(between) for between in range(place + 1, hit.first)}
    if text.low(place) in _TOWARDS and not _describes(text, hit):
        return "noun"
    brought_in = named & {"a", "another", "an"} or (second and "the" in named) or text.low(hit.last + 1) == "'s"
    return "noun" if differs and brought_in and text.low(place) not in COPULAS | _SAME else None


def _describes(text: Text, hit: Hit) -> bool:
    """Whether the word describes a voice: "at a regular male pitch"."""
    after = text.at.get(hit.last + 1)
    return text.low(hit.last + 1) == "'s" or (after is not None and after.entry.kind == "noun")


_SAME = word_set("as like than not of by from for but")


def _made(text: Text, hit: Hit, about: str, says: tuple[str, ...]) -> Claim:
    return Claim(
        about, says, text.text(hit.first, hit.last), text.words[hit.first].start, text.words[hit.last].end,
        denies=about == "gender" and _denied(text, hit), hedged=hedged(text, hit),
    )  # fmt: skip


def _denied(text: Text, hit: Hit) -> bool:
    """Only "not a man" denies a gender; "not her voice" does not."""
    if text.low(hit.first) in _PRONOUNS:
        return False
    near = {text.low(place) for place in range(max(0, hit.first - 3), hit.first)}
    if text.low(hit.first - 1) == "no" and text.low(hit.first - 2) in COPULAS:
        return denied(text, hit)  # "that's no woman"
    before = text.at.get(hit.first - 1)
    described = before is not None and before.entry.about in (*LEVELS, "emotion")  # "not a calm woman" is a woman
    if near & {"the", "this", "that"} or described:
        return False
    if "no" in near and text.low(hit.first - 1) != "no" and not text.adjective(hit.first - 1):
        near -= {"no"}  # "a no-frills male voice"
    return bool(near & {"not", "no", "never", "isn", "neither", "nor", "than"}) and denied(text, hit)
