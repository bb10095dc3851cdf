"""The lexicon: readable files in this folder, compiled once into a table of phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from annotate.captions.claims.claim import LEVELS
from annotate.captions.claims.inflect import comparatives, plurals, verb_forms
from annotate.captions.claims.tokens import split

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What a phrase is.

    Attributes:
        kind: ``fact`` (speaks of one descriptor), ``scale`` (high, normal, low), ``move`` (rises, drops: of a noun),
            ``striking`` (denied of a noun, it is normal), ``noun`` (tells a scale word's descriptor), ``none`` (looks
            like a claim and is none).
        about: the descriptor, or for a noun ``voice``.
        says: the values.
        form: ``adj``, ``adverb``, ``verb``, ``noun``, ``word``, or ``denies`` for a word that says it is not so.
    """

    kind: str
    about: str
    says: tuple[str, ...]
    form: str


@dataclass
class Lexicon:
    """All that the files say, ready to be looked up."""

    facts: dict[Phrase, Entry] = field(default_factory=dict)
    unmeasured: dict[Phrase, Entry] = field(default_factory=dict)
    with_noun: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = field(default_factory=dict)
    negators: dict[Phrase, Entry] = field(default_factory=dict)
    reasons: dict[Phrase, Entry] = field(default_factory=dict)
    persons: dict[Phrase, Entry] = field(default_factory=dict)
    turning: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    plain: Mapping[str, frozenset[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def known(self, word: str) -> bool:
        """Whether a caption of a voice may use this word, in this form or in its base form."""
        return any(form in self._all for form in bases(word))

    @cached_property
    def _all(self) -> frozenset[str]:
        words = {word for group in self.plain.values() for word in group}
        for table in (self.facts, self.negators, self.reasons):
            words |= {phrase[0] for phrase in table if len(phrase) == 1}
        return frozenset(words | {word for group in self.with_noun.values() for word in group})


# an ending, and what stands in its place in the base form
_ENDINGS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ily", "y"),
    ("ly", ""), ("ness", ""), ("iness", "y"), ("er", ""), ("er", "e"), ("est", ""),
)  # fmt: skip


def bases(word: str) -> Iterator[str]:
    """A word and what it may be an inflection of."""
    yield word
    for ending, put in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            yield word[: -len(ending)] + put


@cache
def load() -> Lexicon:
    """The shipped lexicon."""
    folder = Path(__file__).parent
    texts = {
        name: yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))
        for name in ("lexicon", "levels", "with_noun", "emotion", "unmeasured", "plain")
    }
    words, made = texts["lexicon"] | texts["levels"] | texts["with_noun"] | texts["emotion"], Lexicon()
    for level, forms in words["scale"].items():
        _add(made.facts, forms, "scale", "", (level,))
    for level, forms in words["moves"].items():
        _add(made.facts, forms, "move", "", (level,))
    _add(made.facts, words["striking"], "striking", "", ("normal",))
    for about, listed in words["nouns"].items():
        _add(made.facts, {"word": listed}, "noun", about, ())
    for about in (*LEVELS, "gender", "emotion"):
        for value, forms in words[about].items():
            _add(made.facts, forms, "fact", about, (value,))
    for value, listed in words["denied_emotion"].items():
        _add(made.facts, {"denies": listed}, "fact", "emotion", (value,))
    for listed, values in words["several_emotions"].items():
        _add(made.facts, {"word": listed}, "fact", "emotion", tuple(values.split()))
    for listed in (words["not_emotion"], words["tricky"]):
        _add(made.facts, {"word": listed}, "none", "", ())
    for about, table in words["with_noun"].items():
        for word, values in table.items():
            first, *rest = values.split()
            said = (first[1:], tuple(rest)) if first.startswith("_") else (about, (first, *rest))
            made.with_noun.setdefault(about, {})[word] = said
    negation = words["negation"]
    _add(made.negators, {"word": negation["before"]}, "not", "", ())
    _add(made.negators, {"word": negation["not_one"]}, "none", "", ())
    made.turning, made.ends = frozenset(listed_in(negation["turning"])), frozenset(listed_in(negation["ends"]))
    for sense, listed in words["reasons"].items():
        _add(made.reasons, {"word": listed}, sense, "", ())
    for kind, forms in texts["unmeasured"].items():
        _add(made.unmeasured, forms, "unmeasured", kind, (kind,))
    made.plain = {
        group: frozenset(w for one in text.split() for w in split(one)) for group, text in texts["plain"].items()
    }
    made.values = words["values"]
    made.persons = {
        (word,): Entry("fact", "gender", (value,), "noun")
        for value, listed in words["persons"].items()
        for word in listed_in(listed)
    }
    return made


def labelled(lexicon: Lexicon, label: str | None) -> Lexicon:
    """The lexicon with a corpus's own emotion in it, where it is not known: "amusement", "awe"."""
    phrase = split((label or "").lower())
    if (
        not phrase
        or not phrase[0][0].isalnum()
        or (phrase in lexicon.facts and lexicon.facts[phrase].about == "emotion")
    ):
        return lexicon
    return _with_label(str(label)) if lexicon is load() else _added(lexicon, str(label))


@lru_cache(64)
def _with_label(label: str) -> Lexicon:
    return _added(load(), label)


def _added(lexicon: Lexicon, label: str) -> Lexicon:
    phrase = split(label.lower())
    return replace(lexicon, facts={**lexicon.facts, phrase: Entry("fact", "emotion", (label,), "noun")})


def listed_in(text: str) -> list[str]:
    """The items of a list written with commas, "(at|in) a (rush|hurry)" written out."""
    items = (one for part in str(text).split(",") for one in _written_out(part))
    return [item for item in (re.sub(r"\s+", " ", part).strip() for part in items) if item]


_CHOICE = re.compile(r"\(([^()]*)\)")


def _written_out(item: str) -> Iterator[str]:
    match = _CHOICE.search(item)
    if match is None:
        yield item
        return
    for choice in match.group(1).split("|"):
        yield from _written_out(item[: match.start()] + choice + item[match.end() :])


def _add(table: dict[Phrase, Entry], forms: Mapping[str, Any], kind: str, about: str, says: tuple[str, ...]) -> None:
    for form, listed in forms.items():
        for item in listed_in(listed):
            for phrase, how in _inflected(item, form):
                # what is written down first stays: an inflection never displaces a word that is listed
                table.setdefault(split(phrase), Entry(kind, about, says, how))


def _inflected(item: str, form: str) -> Iterator[tuple[str, str]]:
    yield item, form
    first, _, rest = item.partition(" ")
    rest = f" {rest}" if rest else ""
    if form == "adj" and not rest:
        yield from ((word, "adj") for word in comparatives(first)[:-1])
        yield comparatives(first)[-1], "adverb"
    elif form == "verb":
        yield from ((word + rest, "verb") for word in verb_forms(first))
    elif form == "noun":
        head, _, last = item.rpartition(" ")
        yield from ((f"{head} {word}".strip(), "noun") for word in plurals(last))
