"""English phrases from the words of attributes: lists, articles, agreement, and no noun twice.

What an attribute's word may be written as stands in its file under ``write:`` (``docs/words.md``); how phrases are put
together stands here and in ``wording.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.attributes import SPEAKER
from annotate.captions.hedge import hedged
from annotate.captions.statement import Statement
from annotate.captions.wording import wording


@dataclass(frozen=True)
class Manner:
    """How somebody speaks: ``adverb`` ("slowly") or not ("at a slow pace"), and whether it compares ("than usual")."""

    text: str
    adverb: bool
    compares: bool


class Phrasing:
    """One way of writing a speaker's statements: the ``variant``-th phrase of every form.

    Args:
        speaker: the words of the speaker's gender in ``wording.yaml``.
        variant: which of a form's phrases is taken; forms of fewer begin again.
    """

    def __init__(self, speaker: dict[str, str], variant: int) -> None:
        self.speaker, self.variant = speaker, variant

    def of_voice(self, one: Statement) -> bool:
        """Whether a statement is said by an adjective of the voice."""
        return bool(self._forms(one, "adjective"))

    def adjective(self, one: Statement) -> str:
        """What stands after "her voice is", of a comparison without its "than usual"."""
        return self._phrase(one, "adjective")

    def trait(self, one: Statement) -> str | None:
        """The "high for a woman" of a word where the group that the word compares with is the speaker's gender."""
        forms = one.attribute.forms(one.written, "trait") if one.in_group and one.against != SPEAKER else ()
        return self._made(one, forms) if forms else None

    def manner(self, one: Statement) -> Manner:
        """What stands after "speaks"; a word that is only named as a cue is spoken "with" it."""
        forms = self._forms(one, "manner")
        text = self._phrase(one, "manner") if forms else f"with {self.cue(one)}"
        compares = one.against == SPEAKER and not one.middling
        return Manner(text, text.split()[0] not in wording()["prepositions"], compares)

    def cue(self, one: Statement) -> str:
        """A noun phrase with its article: "a loud voice"."""
        if self._forms(one, "cue"):
            return self._phrase(one, "cue")
        return with_article(f"{self.adjective(one)} {wording()['voice']}")

    def clause(self, one: Statement) -> str | None:
        """What is said in a sentence of its own: "the recording is noisy"."""
        forms = one.attribute.forms(one.written, "clause")
        return self._made(one, forms) if forms else None

    def _forms(self, one: Statement, form: str) -> Sequence[str]:
        if one.against == SPEAKER:
            form = {"adjective": "comparative"}.get(form, f"comparative_{form}")
        if not one.attribute.write and form in ("adjective", "comparative"):
            return (one.written if form == "adjective" else f"more {one.written}",)
        return one.attribute.forms(one.written, form)

    def _phrase(self, one: Statement, form: str) -> str:
        return self._made(one, self._forms(one, form))

    def _made(self, one: Statement, forms: Sequence[str]) -> str:
        text = forms[self.variant % len(forms)]
        for name, said in self.speaker.items():
            text = text.replace(f"{{{name}}}", said)
        return hedged(text) if one.hedged else text


def listed(items: Sequence[str]) -> str:
    """In English: "one", "one and two", "one, two and three"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def manners(items: Iterable[Manner], than: str) -> str:
    """Join "slowly, quietly and with long pauses"; what compares comes after what does not, with its "than usual".

    Phrases that differ in their noun alone share the rest ("at an ordinary pace and volume"), and neighbours that
    begin with one preposition share it.
    """
    found = list(items)
    plain = [one.text for one in found if one.adverb and not one.compares]
    placed = _merged([one.text for one in found if not one.adverb and not one.compares])
    compared = [one.text for one in found if one.compares and one.adverb]
    compared += _merged([one.text for one in found if one.compares and not one.adverb])
    if not compared:
        return listed([*plain, *placed])
    text = f"{listed([*plain, *compared])} {than}"
    return f"{text}, {listed(placed)}" if placed else text


def _merged(phrases: Sequence[str]) -> list[str]:
    """Phrases of one beginning as one: "at an ordinary pace and volume", "with long pauses and a flat intonation"."""
    found: list[str] = []
    for phrase in phrases:
        start, _, noun = phrase.rpartition(" ")
        same = next((place for place, one in enumerate(found) if one.rpartition(" ")[0] == start), None)
        if same is not None and " and " not in found[same]:
            found[same] = f"{found[same]} and {noun}"
        elif found and found[-1].split()[0] == phrase.split()[0] and " and " not in found[-1]:
            found[-1] = f"{found[-1]} and {phrase.partition(' ')[2]}"
        else:
            found.append(phrase)
    return found


def cues(phrases: Sequence[str]) -> list[str]:
    """Noun phrases with those of one noun as one: "a loud voice" and "a tense voice" are "a loud, tense voice"."""
    by_noun: dict[str, list[str]] = {}
    for phrase in phrases:
        before, _, noun = bare(phrase).rpartition(" ")
        by_noun.setdefault(noun, []).append(before)
    article = {bare(phrase).rpartition(" ")[2]: phrase != bare(phrase) for phrase in phrases}
    return [
        with_article(f"{', '.join(before)} {noun}") if article[noun] else f"{', '.join(before)} {noun}"
        for noun, before in by_noun.items()
    ]


def bare(phrase: str) -> str:
    """A noun phrase without its article, as it stands after "her"."""
    first, _, rest = phrase.partition(" ")
    return rest if first in ("a", "an") else phrase


def with_article(phrase: str) -> str:
    """Put "a" or "an" before a noun phrase."""
    return f"{'an' if phrase[:1].lower() in 'aeiou' else 'a'} {phrase}"


def plural(nouns: Sequence[str]) -> bool:
    """Whether a list of noun phrases takes a plural verb."""
    return len(nouns) > 1 or (nouns[0].endswith("s") and not nouns[0].endswith(("ss", "us", "is")))
