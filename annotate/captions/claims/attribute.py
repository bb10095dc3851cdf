"""What an adjective speaks of: the noun after it, the subject before it, or nothing of the voice at all."""

from __future__ import annotations

from annotate.captions.claims.claim import LEVELS
from annotate.captions.claims.text import COPULAS, DETERMINERS, PREPOSITIONS, SPEAK, Hit, Text
from annotate.captions.claims.tokens import word_set

REACH = 9  # tokens looked at on either side
_JOIN = frozenset({",", "and", "or", "but", "yet", "to", "/", "&", "+", "nor", "though", "if"})


def noun_after(text: Text, hit: Hit) -> Hit | str | None:
    """The noun that the phrase stands before: its hit, ``strange`` for a thing that is no voice, else None."""
    place, joined, person = hit.last + 1, False, False
    for place in range(hit.last + 1, min(hit.last + 1 + REACH, len(text.words))):
        word, found = text.low(place), text.at.get(place)
        if text.stop(place):
            return None
        if found and found.entry.kind == "noun":
            if joined:
                return None  # "low and pace ...": the next noun begins something of its own
            return _innermost(text, found)
        if found and found.entry.kind == "fact" and found.last > found.first and not joined:
            last = text.lexicon.facts.get((text.low(found.last),))
            if last and last.kind == "noun":  # "a subdued bass voice", "an ordinary conversational volume"
                return Hit(found.last, found.last, last)
        if word in _JOIN:
            joined = True
            continue
        if joined and word in DETERMINERS:
            return None  # "high and a pace that ..."
        if word in ("in", "of", "about") and not joined:  # "high in pitch", "nothing special about the pitch"
            inner = place + 1
            while text.low(inner) in DETERMINERS | {"both"} or (
                inner in text.at and text.at[inner].entry.about == "gender"
            ):
                inner += 1
            if noun_at(text, inner):
                return text.at[inner]
        if text.adjective(place) or (found and found.entry.about == "gender" and word not in _HIS) or word == "'s":
            joined, person = False, bool(found and found.entry.about == "gender")
            continue
        if word in _GENITIVE and not joined and noun_at(text, place + 1):
            continue
        return "strange" if not (joined or person) and text.foreign(place) else None
    return None


_HIS = word_set("she he her his him")
_RELATIVE = word_set("that which")
_GENITIVE = word_set("articulation speaking spoken speech vocal voice speaker overall general")


def _voice_named(text: Text, place: int) -> Hit | None:
    """The last noun before an "it", where that is the voice."""
    named = next((hit for hit in reversed(text.hits) if hit.last < place and hit.entry.kind == "noun"), None)
    near = named is not None and (
        named.entry.about == "voice" or named.last >= place - 5
    )  # "her pitch isn't: it is ..."
    return _topic(text, place - 1) or (named if near else None)


def _topic(text: Text, place: int) -> Hit | None:
    """The pitch of "in terms of pitch, she is ..." and "as for pitch it is ...": the noun right before the subject."""
    place -= text.low(place) == ","
    noun = noun_at(text, place)
    return noun if noun and noun.entry.about != "voice" and text.low(noun.first - 1) in _TOPICS else None


_TOPICS = word_set("in for of to regarding concerning on")
_MODALS = word_set("can could may might must should will would best only to")


def noun_at(text: Text, place: int) -> Hit | None:
    """The noun of a voice that stands at a place."""
    hit = text.at.get(place)
    return hit if hit and hit.entry.kind == "noun" else None


def _innermost(text: Text, found: Hit) -> Hit | None:
    """The noun that decides: "speech rate" is a rate, "level of volume" a volume, "level of anger" neither."""
    after = noun_at(text, found.last + 1)
    if found.entry.about == "voice" and after:
        return after
    if text.low(found.last + 1) == "of" and text.low(found.first) in _OF_SOMETHING:
        place = found.last + 2
        while text.low(place) in DETERMINERS:
            place += 1
        inner = noun_at(text, place)
        if inner and inner.entry.about != "voice":
            return inner
        return found if inner else None
    return found


_OF_SOMETHING = word_set("level levels intensity energy key tone note sound rate register")


def noun_before(text: Text, hit: Hit) -> Hit | str | None:
    """The subject of which the phrase is said: its hit, ``speaks`` after a verb of speaking, ``strange``, or None."""
    seen_copula = joined = False
    for place in range(hit.first - 1, max(-1, hit.first - 1 - REACH), -1):
        word, found = text.low(place), text.at.get(place)
        joined = joined or word in _JOIN
        if text.stop(place):
            return noun_at(text, place - 1) if word in (":", "?") else None
        if found and found.entry.kind == "noun":
            # "at normal volume, low and quick": the volume has its own word already
            own = not seen_copula and joined and found.entry.about != "voice" and own_word(text, found.first - 1)
            return None if own else _head(text, found)
        if word in COPULAS:
            seen_copula = True
            continue
        if word in SPEAK:
            return "speaks"
        if found and found.entry.about == "gender" and (seen_copula or word not in DETERMINERS):
            return _topic(text, place - 1) if seen_copula else None
        if (
            (seen_copula and word in _MODALS)
            or word in _JOIN
            or text.adjective(place)
            or place in text.negators
            or word in ("=", "either", "not", "has", "of")
            or (word.endswith("ly") and place not in text.unmeasured)
        ):
            continue
        if word in _RELATIVE and seen_copula:
            continue
        if word == "it" and seen_copula:
            # "A woman's voice. It is high."
            named = any(hit.entry.kind == "noun" and hit.last < place for hit in text.hits)
            return _voice_named(text, place) if named else "speaks"
        if word in PREPOSITIONS | DETERMINERS | {"within", "around"}:
            if all(
                text.low(between) in DETERMINERS | PREPOSITIONS | {","} or text.adjective(between)
                for between in range(place, hit.first)
            ):
                continue  # "the pitch is in the middle range"
            return None
        if ((before := noun_at(text, place - 1)) and before.entry.about != "voice") or (before and not seen_copula):
            return before  # a verb that nobody listed: "her pitch soars high"
        return (
            "strange"
            if (seen_copula or place == hit.first - 1)
            and text.foreign(place)
            and not word.endswith(("ed", "ing", "one", "body"))  # "someone scared"
            else None
        )
    return None


_IS = COPULAS - word_set("sounds sound sounding sounded 's")


def predicate_of(text: Text, hit: Hit) -> Hit | None:
    """The noun of "the pace is relaxed", "the volume remains rather subdued": nothing else stands between."""
    place, seen = hit.first - 1, False
    while text.low(place) in _IS or text.low(place).endswith("ly") or text.low(place) in _DEGREE:
        seen, place = seen or text.low(place) in _IS, place - 1
    noun = noun_at(text, place)
    ends = text.mark(hit.last + 1) or text.stop(hit.last + 1)  # "volume rather great"
    return _head(text, noun) if (seen or ends) and noun else None


_DEGREE = word_set("rather quite very fairly somewhat so too more a bit little pretty")


def _head(text: Text, found: Hit) -> Hit:
    """Of "the pitch of his voice": the pitch."""
    place = found.first - 1
    while text.low(place) in DETERMINERS or (text.at.get(place) and text.at[place].entry.about == "gender"):
        place -= 1
    head = noun_at(text, place - 1)
    if text.low(place) == "of" or (text.low(place) == "in" and head and head.entry.about != "voice"):
        return head or found
    return found


def inverted(text: Text, hit: Hit) -> Hit | None:
    """Of "slow are his words, high his voice": the voice."""
    before = text.low(hit.first - 1)
    if (text.stop(hit.first - 1) or text.mark(hit.first - 1) or before == "and") and text.low(
        hit.last + 1
    ) in DETERMINERS:
        return noun_at(text, hit.last + 2)
    return None


def alone(text: Text, hit: Hit) -> bool:
    """A word that stands for itself: "Low and slow, he speaks": said of the voice."""
    before = hit.first - 1
    while text.adjective(before) or text.low(before) in ("and", ","):
        before -= 1
    after = hit.last + 1
    while text.adjective(after) or text.low(after) == "and":
        after += 1
    return text.stop(before) and (
        text.mark(after) or text.stop(after) or text.low(after) in COPULAS | {"did", "does", "do"}
    )


def coordinated(text: Text, hit: Hit) -> bool:
    """Compared, or in a list with others that can only speak of the voice: "he muttered it fast and low"."""
    if text.low(hit.last + 1) == "than":  # "louder than most, and lower than most"
        return True
    for step, place in ((-1, hit.first - 1), (1, hit.last + 1)):
        joined = False
        while text.low(place) in _LISTING | _MORE or _plain(text, place) or (joined and _scale_at(text, place)):
            joined, place = joined or text.low(place) in _LISTING, place + step
        other = text.at.get(place)
        if joined and other and other.entry.kind == "fact" and other.entry.about in (*LEVELS, "emotion"):
            # "low and loud music" is of the music
            return not (other.entry.form == "adj" and noun_after(text, other) == "strange")
    return False


def _plain(text: Text, place: int) -> bool:
    """A word that describes and claims nothing: the clear of "high and clear and much too fast"."""
    return place not in text.at and text.low(place) in text.lexicon.plain["describing"]


def _scale_at(text: Text, place: int) -> bool:
    return place in text.at and text.at[place].entry.kind == "scale"


_LISTING = word_set("+ and or , / but then")
_MORE = word_set(
    """
    no not neither nor especially particularly super very quite so rather too more down up equally also just both
    much far way
    """
)


def own_word(text: Text, place: int) -> bool:
    """Whether a word of a level or an emotion stands at a place."""
    hit = text.at.get(place)
    return bool(hit and hit.entry.kind in ("scale", "fact") and hit.entry.about != "gender")


_PERSONS = ("age", "accent", "occupation", "personality", "health")


def of_voice(text: Text, hit: Hit) -> bool:
    """Whether a word such as "loud" or "happy" is said of the voice or the speaker, not of a shirt or a room."""
    form, after = hit.entry.form, hit.last + 1
    if form == "adverb" and text.low(hit.first - 1) not in SPEAK:
        other = text.unmeasured.get(hit.first - 2)
        if other and other.entry.about.startswith("place"):
            return False  # "while music plays softly"
    if form == "adverb":
        return not (text.foreign(after) and text.low(after).endswith(("ed", "en", "lit")))
    last = text.lexicon.facts.get((text.low(hit.last),))
    if hit.last > hit.first and last and last.kind == "noun":
        return True  # "a slow tempo" says of what
    if form in ("verb", "noun") or (form == "word" and hit.last > hit.first) or text.low(after) == "than":
        return True
    before = text.low(hit.first - 1)
    if before in SPEAK:
        return True
    noun = noun_after(text, hit)
    if noun == "strange":
        place = next(p for p in range(after, len(text.words)) if text.foreign(p))
        if place in text.unmeasured and text.unmeasured[place].entry.about.startswith(_PERSONS):
            return True  # "an angry waiter"
        return text.low(place).endswith(("ing", "ed", "ly")) and place not in text.unmeasured
    return noun_before(text, hit) != "strange"
