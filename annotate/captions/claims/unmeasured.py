"""What a caption tells that nothing measured: age, place, health, others, the speaker's life, and strange words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from annotate.captions.claims.attribute import noun_after
from annotate.captions.claims.claim import LEVELS, Claim
from annotate.captions.claims.text import COPULAS, DETERMINERS, SPEAK, Hit, Text
from annotate.captions.claims.tokens import QUOTE, STOPS, word_set

STRANGE_WORDS = 4  # so many unknown words, wherever they stand, tell a story
_CAUSES = word_set("because since after due having before when as while during until")
_PLACES = word_set(
    """
    in into onto at on from inside outside near behind beside beneath under over during across through via
    amid after before
    """
)
_LINKING = word_set("the a an in on at by of to")
_OTHERS = word_set("to with for about at of by against")


def unmeasured(text: Text, strict: bool) -> list[Claim]:
    """Claims of kind ``unmeasured``; with ``strict`` every unknown content word is one."""
    found = [*_listed(text, strict), *_ages(text)]
    taken = {claim.start for claim in found}
    unknown = [place for place in range(len(text.words)) if _unknown(text, place)]
    if strict:
        wanted = unknown
    else:
        unknown = [place for place in unknown if not (_figure(text, place) or _likened(text, place))]
        wanted = [place for place in unknown if _tells(text, place)]
        if len(unknown) >= STRANGE_WORDS:
            wanted = unknown
    for place in wanted:
        token = text.words[place]
        if token.start not in taken:
            found.append(
                Claim("unmeasured", ("unknown word",), text.caption[token.start : token.end], token.start, token.end)
            )
    return found


def _listed(text: Text, strict: bool) -> Iterator[Claim]:
    for hit in dict.fromkeys(text.unmeasured.values()):
        words = [text.low(place) for place in range(hit.first, hit.last + 1)]
        if all(word in text.spoken | _LINKING for word in words) or _harmless(text, hit, words, strict):
            continue
        start, end = text.words[hit.first].start, text.words[hit.last].end
        yield Claim("unmeasured", hit.entry.says, text.caption[start:end], start, end)


_DECADE = re.compile(r"[1-9]0(s|ish|something)")
_YEARS = word_set("y yo yr yrs year years")
_ABOUT = word_set("around about approximately roughly circa ca of age aged over under nearly almost")


def _ages(text: Text) -> Iterator[Claim]:
    """Ages in figures: "in his 40s", "25 y", "a man around 50", "woman, 34", "F | 27"."""
    for place, token in enumerate(text.words):
        figure = token.low.isdigit() and len(token.low) == 2
        if place in text.unmeasured or not (_DECADE.fullmatch(token.low) or (figure and _is_age(text, place))):
            continue
        yield Claim("unmeasured", ("age",), text.text(place, place), token.start, token.end)


def _is_age(text: Text, place: int) -> bool:
    near = [text.at.get(at) for at in range(max(0, place - 4), place)]
    of_person = text.low(place - 2) in ("f", "m") or any(hit and hit.entry.about == "gender" for hit in near)
    before = text.low(place - 1) if text.low(place - 1) not in (".", ":", "=") else text.low(place - 2)
    apart = text.mark(place - 1) and (text.mark(place + 1) or text.stop(place + 1))
    return text.low(place + 1) in _YEARS or before == "age" or (of_person and (before in _ABOUT or apart))


_FIGURES_OF_SPEECH = (
    "on the other hand", "on one hand", "at hand", "on the one hand", "full of life", "as if to", "in the face",
    "follow each other", "follow one another", "following each other", "following one another", "after each other",
    "upon each other", "into each other", "over each other", "into one another", "after one another",
    "at the same time", "in general", "old news", "by name", "in the past tense", "in the other",
    "one way or the other", "one way or another", "over one another",
)  # fmt: skip


def _harmless(text: Text, hit: Hit, words: list[str], strict: bool) -> bool:
    """A word of the list that here is another: in a phrase of the lexicon, or what a loud shirt is to the voice."""
    fact = text.at.get(hit.first)
    longer = fact is not None and (fact.last - fact.first) - (hit.last - hit.first)
    if (
        fact
        and longer is not False
        and (longer > 0 or (longer == 0 and fact.entry.kind != "none"))
        and (fact.entry.kind != "noun" or words == ["note"])
    ):
        return True
    before, after = text.at.get(hit.first - 1), noun_after(text, hit)
    if hit.entry.about.startswith("appearance") and (
        (before and before.entry.kind == "noun") or text.low(hit.first - 1) in ("it", "which", "that")
    ):
        return True  # "her pitch sits in the middle"
    if words == ["alone"] and (isinstance(before, Hit) or text.low(hit.first - 1) in ("that", "this", "it")):
        return True  # "the loudness alone tells"
    then = text.at.get(hit.last + 1, after)
    if words[-1] == "at" and isinstance(then, Hit) and then.entry.about in LEVELS:
        return True  # "shouting at breakneck speed"
    if isinstance(after, Hit) and words[-1] == "cold":
        return True  # "with a cold voice"
    if isinstance(after, Hit) and words[0] in text.lexicon.with_noun.get(after.entry.about, {}):
        return True  # "a lazy pace"
    if words in (["cracking"], ["shaking"], ["breaking"]) and text.low(hit.first - 1) == "not":
        return False
    if _simile(text, hit.first):
        return True
    figure = _likened(text, hit.first, hit) or (_figure(text, hit.first) and hit.entry.about.startswith(_THINGS))
    if figure and not strict:  # a caption to be published does without
        return True
    if words[0] in ("someone", "somebody") and _speaks(text, hit):
        return True
    if {text.low(place) for place in range(max(0, hit.first - 4), hit.first)} & {"than", "compared"}:
        return hit.entry.about.startswith("second")  # "faster than most people", "as compared with others"
    # "the day", "on the other hand", "a matter of life": figures of speech that tell nothing
    phrase = " ".join(text.low(place) for place in range(max(0, hit.first - 3), hit.last + 1))
    return phrase.endswith(_FIGURES_OF_SPEECH)


def _figure(text: Text, place: int) -> bool:
    """The spoons of "loud enough to rattle the spoons", the taste of "as if the words tasted foul"."""
    near = [text.low(at) for at in range(max(0, place - 5), place)]
    clause = list(itertools.takewhile(lambda word: word not in STOPS, reversed(near)))
    before = range(place - 1, max(-1, place - 10), -1)
    far = [text.low(at) for at in itertools.takewhile(lambda at: not text.stop(at), before)]
    ifs = [at for at in range(1, len(far)) if far[at : at + 2] in (["if", "as"], ["though", "as"])]
    as_if = any(
        far[at - 1] in ("the", "it", "each", "every", "there") for at in ifs
    )  # of a thing, not "as if she fled"
    return as_if or any(clause[at : at + 2] == ["to", "enough"] for at in range(len(clause)))


def _unknown(text: Text, place: int) -> bool:
    word = text.low(place)
    if not word[0].isalpha() or len(word) < 2 or word == QUOTE or place in text.at or place in text.unmeasured:
        return False
    if place in text.negators or word in text.spoken or text.lexicon.known(word) or _simile(text, place):
        return False
    return not _tricky(text, place)


def _simile(text: Text, place: int) -> bool:
    """The cellar of "as deep as a cellar"."""
    if text.low(place - 1) not in _PLACES and (text.foreign(place - 1) or text.low(place - 1).endswith("ing")):
        place -= 1  # "as a dinner bell", "as dripping water"
    while text.low(place - 1) in DETERMINERS or text.adjective(place - 1):
        place -= 1
    described = text.at.get(place - 2)
    return text.low(place - 1) == "as" and described is not None and described.entry.kind in ("fact", "scale")


def _likened(text: Text, place: int, hit: Hit | None = None) -> bool:
    """The smoke of "her voice unfurls like smoke": a thing, no person."""
    before = range(place - 1, max(-1, place - 7), -1)
    clause = [text.low(at) for at in itertools.takewhile(lambda at: not (text.stop(at) or text.mark(at)), before)]
    if "like" not in clause or (hit is not None and not hit.entry.about.startswith(_THINGS)):
        return False
    return not _SOMEBODY & set(clause[: clause.index("like")])  # "like he has a cold" tells of him


_SOMEBODY = word_set("he she they it you someone somebody who")
_THINGS = ("place", "health", "life", "appearance")


def _speaks(text: Text, hit: Hit) -> bool:
    """Whether the "someone" is the speaker: the first who is named, before a verb of speaking or of sounding."""
    first = not any(found.entry.about == "gender" and found.first < hit.first for found in text.hits)
    then = text.low(hit.last + 1)
    if text.low(hit.first - 1) in ("of", "like", "as", "for") and then in ("who", "with"):
        return True  # "typical of someone who is frustrated"
    feels = text.at.get(hit.last + 1)
    if (text.low(hit.first - 2), text.low(hit.first - 1)) == ("that", "of") or (
        feels and feels.entry.about == "emotion"
    ):
        return True  # "her voice is that of somebody taken aback", "points to someone terrified"
    return first and (then in SPEAK | COPULAS | {"with", "whose"} or text.adjective(hit.last + 1))


def _tricky(text: Text, place: int) -> bool:
    """The thing that a tricky adjective belongs to: the shirt in "a loud shirt"."""
    before = text.at.get(place - 1)
    if before and before.entry.kind in ("fact", "scale") and before.entry.form == "adj":
        return noun_after(text, Hit(before.first, before.last, before.entry)) == "strange"
    after = text.at.get(place + 2)
    return bool(
        after and after.entry.form == "adj" and text.low(place + 1) in COPULAS and text.low(place - 1) in DETERMINERS
    )


def _tells(text: Text, place: int) -> bool:
    """Whether an unknown word stands where it tells of a person, a place, a cause or a thing of the speaker's life."""
    token = text.words[place]
    opening = place == 0 or text.stop(place - 1) or text.low(place - 1) in (QUOTE, '"', "'", "(")
    if token.capital and (not opening or text.low(place + 1) == ":"):
        return True
    if token.low.endswith(_OF_QUALITY):
        return False
    back = place - 1
    while (
        back >= 0
        and not text.stop(back)
        and (
            text.adjective(back)
            or text.low(back) in DETERMINERS
            or _unknown(text, back)
            or (back == place - 1 and text.low(back).endswith(("ing", "ed")) and back not in text.at)
        )
    ):
        back -= 1
    governor, determined = text.low(back), text.low(back + 1) in DETERMINERS and back + 1 < place
    if determined and (governor in _PLACES | _OTHERS or text.low(back + 1) in ("a", "an")):
        return _head_of(text, place)
    if determined and governor in COPULAS | {"as", "being"}:
        return _head_of(text, place)
    ahead = place + 1
    while text.adjective(ahead) or _unknown(text, ahead) if ahead < len(text.words) else False:
        ahead += 1
    person = text.at.get(ahead)
    if person and person.entry.about == "gender" and person.entry.form == "noun":
        return True  # "an aristocratic lady"
    span = [text.low(p) for p in range(max(0, place - 8), place) if not any(text.stop(q) for q in range(p, place))]
    because = bool(_CAUSES & set(span)) or any(span[at : at + 2] == [",", "for"] for at in range(len(span)))
    return because and _head_of(text, place)


# "plaintiveness", "querulous": words that describe, whatever they mean
_OF_QUALITY = ("ly", "ness", "lity", "sity", "vity", "ous", "ful", "less", "able", "ible", "ive")


def _head_of(text: Text, place: int) -> bool:
    """An unknown word before a noun of speech only describes the speech: "in a singsong voice"."""
    after = text.low(place + 1)
    noun = after in text.lexicon.plain["speech nouns"]
    return not (
        noun
        or (place + 1 in text.at and text.at[place + 1].entry.kind in ("noun", "fact", "scale"))
        or text.adjective(place + 1)
    )
