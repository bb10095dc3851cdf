"""English phrases from the words of attributes: lists, articles, agreement, and no noun twice.

What an attribute's word may be written as stands in its file under ``write:`` (``docs/words.md``); how phrases are put
together stands here and in ``wording.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.attributes import SPEAKER
from annotate.captions.content_selection import Statement
from annotate.captions.hedge import hedged
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

    def of_voice(self, statement: Statement) -> bool:
        """Whether a statement is said by an adjective of the voice."""
        return bool(self._forms(statement, "adjective"))

    def adjective(self, statement: Statement) -> str:
        """What stands after "her voice is", of a comparison without its "than usual"."""
        return self._phrase(statement, "adjective")

    def trait(self, statement: Statement) -> str | None:
        """The "high for a woman" of a word where the group that the word compares with is the speaker's gender."""
        forms = (
            statement.attribute.forms(statement.written, "trait")
            if statement.in_group and statement.against != SPEAKER
            else ()
        )
        return self._made(statement, forms) if forms else None

    def manner(self, statement: Statement) -> Manner:
        """What stands after "speaks"; a word that is only named as a cue is spoken "with" it."""
        forms = self._forms(statement, "manner")
        text = self._phrase(statement, "manner") if forms else f"with {self.cue(statement)}"
        return Manner(text, text.split()[0] not in wording()["prepositions"], statement.compares)

    def cue(self, statement: Statement) -> str:
        """A noun phrase with its article: "a loud voice"; empty for what can be said in a clause alone."""
        if self._forms(statement, "cue"):
            return self._phrase(statement, "cue")
        return with_article(f"{self.adjective(statement)} {wording()['voice']}") if self.of_voice(statement) else ""

    def noun(self, statement: Statement) -> str:
        """What a summary calls it: "voice" of a tense one, but "volume" of a loud one, which is no quality of it."""
        noun = self.cue(statement).rpartition(" ")[2]
        by_its_name = noun == wording()["voice"] and not self.of_voice(statement) and statement.attribute.nouns
        return statement.attribute.nouns[0] if by_its_name else noun

    def clause(self, statement: Statement) -> str | None:
        """What is said in a sentence of its own: "the recording is noisy"."""
        forms = statement.attribute.forms(statement.written, "clause")
        return self._made(statement, forms) if forms else None

    def _forms(self, statement: Statement, form: str) -> Sequence[str]:
        if statement.against == SPEAKER:
            form = {"adjective": "comparative"}.get(form, f"comparative_{form}")
        if not statement.attribute.write and form in ("adjective", "comparative"):
            return (statement.written if form == "adjective" else f"more {statement.written}",)
        return statement.attribute.forms(statement.written, form)

    def _phrase(self, statement: Statement, form: str) -> str:
        return self._made(statement, self._forms(statement, form))

    def _made(self, statement: Statement, forms: Sequence[str]) -> str:
        text = forms[self.variant % len(forms)]
        for name, pronoun in self.speaker.items():
            text = text.replace(f"{{{name}}}", pronoun)
        return hedged(text) if statement.hedged else text


def listed(items: Sequence[str]) -> str:
    """In English: "one", "one and two", "one, two and three"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def manners(items: Iterable[Manner], than: str) -> str:
    """Join "slowly", "quietly" and "with long pauses"; what compares comes last, with its "than usual"."""
    phrases = list(items)
    plain, compared = ([manner for manner in phrases if manner.compares == compares] for compares in (False, True))
    if not compared:
        return _joined(plain)
    if all(manner.adverb for manner in compared):
        adverbs, placed = ([manner for manner in plain if manner.adverb == adverb] for adverb in (True, False))
        text = f"{_joined([*adverbs, *compared])} {than}"
        return f"{text}, {_joined(placed)}" if placed else text
    return f"{_joined(plain)} and {_joined(compared)} {than}" if plain else f"{_joined(compared)} {than}"


def _joined(items: Sequence[Manner]) -> str:
    """Adverbs, then phrases, those of one preposition as one: "slowly, in a low voice, with long pauses and ..."."""
    adverbs = [manner.text for manner in items if manner.adverb]
    groups: dict[str, list[str]] = {}
    for part in items:
        if not part.adverb:
            preposition, _, rest = part.text.partition(" ")
            groups.setdefault(preposition, []).append(rest)
    many = sorted(groups.items(), key=lambda group: len(group[1]))
    phrases = [f"{preposition} {listed(_shared(rests))}" for preposition, rests in many]
    if len(adverbs) + len(phrases) > 1 and any(len(rests) > 1 for rests in groups.values()):
        return ", ".join([listed(adverbs), *phrases] if adverbs else phrases)
    if len(adverbs) > 1 and phrases:  # an adverb and a phrase are no list: "slowly and quietly, with long pauses"
        return f"{listed(adverbs)}, {listed(phrases)}"
    return listed([*adverbs, *phrases])


def _shared(phrases: Sequence[str]) -> list[str]:
    """Phrases that differ in their noun alone share the rest: "an ordinary pace and volume"."""
    starts = {phrase.rpartition(" ")[0] for phrase in phrases}
    if len(starts) > 1 or "" in starts:
        return list(phrases)
    return [phrases[0], *(phrase.rpartition(" ")[2] for phrase in phrases[1:])]


def cues(phrases: Sequence[str]) -> list[str]:
    """Noun phrases with those of one noun as one: "a loud voice" and "a tense voice" are "a loud, tense voice"."""
    by_noun: dict[str, list[str]] = {}
    for phrase in phrases:
        before, _, noun = bare(phrase).rpartition(" ")
        by_noun.setdefault(noun, []).append(before)
    for adjectives in by_noun.values():
        adjectives.sort(key=lambda phrase: phrase.endswith("ing"))  # "a low, rising pitch"
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
