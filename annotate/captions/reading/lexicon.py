"""What words may mean: the readable files of this folder and the attributes', compiled once into tables of phrases."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from annotate import attributes, documents
from annotate.attributes import reply_attributes
from annotate.attributes.attribute import Forms
from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.inflect import bases, inflected
from annotate.captions.reading.spelling import Speller
from annotate.captions.reading.tokens import split

Phrase = tuple[str, ...]
Values = tuple[str, ...]
OTHER_FACTS = ("gender", "emotion")
BESIDE = {"with_noun": "", "with_voice": "voice"}  # form of an attribute's file -> noun that its words stand beside


@dataclass(frozen=True)
class Entry:
    """What a phrase is.

    Attributes:
        kind: ``fact`` (speaks of one descriptor), ``attribute`` (of a further attribute), ``scale`` (high, low),
            ``move`` (rises, drops: of a noun), ``striking`` (denied of a noun, it is normal), ``noun`` (tells a scale
            word's descriptor), ``extent`` (a part of a range), ``untold`` (nothing measures it), ``none`` (looks like
            a claim and is none), ``not``, ``plain`` (an adjective), ``thing``, ``verb``, ``word``, or one of
            grammar.yaml.
        about: the descriptor or attribute; for a noun also ``voice`` and ``key``.
        says: the values.
        form: ``adj``, ``adverb``, ``verb``, ``noun``, ``word``, or ``denies`` for a word that says it is not so.
    """

    kind: str
    about: str = ""
    says: Values = ()
    form: str = "word"


@dataclass
class Lexicon:
    """All that the files say, ready to be looked up."""

    words: dict[Phrase, Entry] = field(default_factory=dict)
    reasons: dict[Phrase, Entry] = field(default_factory=dict)
    with_noun: dict[str, dict[str, tuple[str, Values]]] = field(default_factory=dict)
    # keys and values of a list in other languages, by their words
    translations: dict[Phrase, Entry] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    turning: frozenset[str] = frozenset()
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    excludes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    also: dict[str, tuple[str, str]] = field(default_factory=dict)
    # a word of a manner -> the emotions that it only restates
    impressions: dict[Phrase, frozenset[str]] = field(default_factory=dict)
    # of a level of the voice, what it may mean beside its pitch: (attribute, word)
    of_voice: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @cached_property
    def longest(self) -> dict[str, int]:
        """First word -> words of the longest phrase that begins with it."""
        return _longest(self.words)

    @cached_property
    def longest_reason(self) -> dict[str, int]:
        """The same of what joins a cue with an emotion."""
        return _longest(self.reasons)

    @cached_property
    def genders(self) -> dict[str, Entry]:
        """Single words of gender."""
        return {
            phrase[0]: entry for phrase, entry in self.words.items() if entry.about == "gender" and len(phrase) == 1
        }

    @cached_property
    def single(self) -> frozenset[str]:
        """Every word that is a phrase of its own, or stands in a word list."""
        reasons = {phrase[0] for phrase in self.reasons if len(phrase) == 1}
        with_noun = {word for group in self.with_noun.values() for word in group}
        return frozenset(reasons | with_noun | {phrase[0] for phrase in self.words if len(phrase) == 1})

    def base(self, word: str) -> str | None:
        """The word or its base form, if the lexicon knows either."""
        return next((form for form in bases(word) if form in self.single), None)

    @cached_property
    def speller(self) -> Speller:
        """What unknown words may be a misspelling of."""
        return Speller(self.words, self.base)


def _longest(phrases: Iterable[Phrase]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for phrase in phrases:
        lengths[phrase[0]] = max(lengths.get(phrase[0], 0), len(phrase))
    return lengths


_FOLDER = Path(__file__).parent


def load(energy: bool = False) -> Lexicon:
    """The lexicon of all known attributes; with ``energy`` that word means volume, as some corpora have it."""
    return _load(energy, attributes.revision())


def any_of(words: frozenset[str]) -> str:
    """A regular expression of any of the words, longer ones first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@lru_cache(4)
def _load(energy: bool, _: int) -> Lexicon:
    files = {path.stem: documents.packaged_yaml(path) for path in sorted(_FOLDER.glob("*.yaml"))}
    words, made = files["lexicon"] | files["levels"] | files["emotion"], Lexicon()
    _add(made.words, {"word": words["tricky"]}, "none")
    _add(made.words, {"word": words["not_emotion"]}, "degree")
    if energy:
        _add(made.words, {"word": "energy, energy level, vocal energy"}, "noun", "volume")
    _descriptors(made, words)
    _add(made.words, {"word": words["negation"]["before"]}, "not")
    _add(made.words, {"word": words["negation"]["not_one"]}, "not one")
    grammar = files["grammar"]
    for kind, listed in grammar["kinds"].items():
        _add(made.words, {"word": listed}, kind)
    for about, listed in grammar["extent"].items():
        _add(made.words, {"noun": listed}, "extent", about)
    _attributes(made)
    _impressions(made, words["impressions"])
    for kind, forms in files["unmeasured"].items():
        _add(made.words, forms, "untold", kind, (kind,))
    for listed in words["persons"].values():
        _add(made.words, {"noun": listed}, "untold", "occupation or identity", ("occupation or identity",))
    for group, text in files["plain"].items():
        for word in text.split():
            made.words.setdefault(split(word), Entry(group))
    _translations(made, files["translations"])
    _heads(made.words)
    for word in {word for table in made.with_noun.values() for word in table}:
        if made.words.get((word,), Entry("")).kind == "word":
            made.words[word,] = Entry("plain")
    made.groups = {name: frozenset(listed_in(listed)) for name, listed in grammar["groups"].items()}
    _meanings(made, words)
    return made


def _meanings(made: Lexicon, words: Mapping[str, Any]) -> None:
    """What words mean beside the kind that they are of."""
    made.turning = frozenset(listed_in(words["negation"]["turning"]))
    made.persons = {word: gender for gender, listed in words["persons"].items() for word in listed_in(listed)}
    for sense, listed in words["reasons"].items():
        _add(made.reasons, {"word": listed}, sense)
    # low, normal and high, as each attribute calls them
    levels = [*reversed(words["scale"])]
    made.values = {
        name: dict(zip(levels, attribute.words(3), strict=True)) for name, attribute in attributes.known().items()
    }
    made.of_voice = {level: tuple(meanings.items()) for level, meanings in words["of_voice"].items()}
    made.excludes = {name: frozenset(listed_in(listed)) for name, listed in words["excludes"].items()}


def _translations(made: Lexicon, listed_kinds: Mapping[str, Any]) -> None:
    for kind, abouts in listed_kinds.items():
        for about, listed in abouts.items():
            for value, words_of_value in (listed if isinstance(listed, dict) else {"": listed}).items():
                says = (value,) if value else ()
                _add(made.translations, {"word": words_of_value}, kind, "" if kind == "thing" else about, says)


def _descriptors(made: Lexicon, words: Mapping[str, Any]) -> None:
    for kind in ("scale", "way"):
        for level, forms in words[kind].items():
            _add(made.words, forms, kind, "", (level,))
    for level, forms in words["moves"].items():
        _add(made.words, forms, "move", "", (level,))
    _add(made.words, words["striking"], "striking", "", ("normal",))
    replies = reply_attributes()
    for name, attribute in replies.items():
        _add(made.words, {"word": attribute.read_nouns}, "noun", name)
    for about, listed in words["nouns"].items():
        _add(made.words, {"word": listed}, "noun", about)
    for name, attribute in replies.items():
        for value, read in attribute.read.items():
            _add(made.words, _forms(read), "fact", name, (value,))
            _beside(made, name, value, read)
    for about in OTHER_FACTS:
        for value, forms in words[about].items():
            _add(made.words, forms, "fact", about, (value,))
    for value, listed in words["denied_emotion"].items():
        _add(made.words, {"denies": listed}, "fact", "emotion", (value,))
    for listed, values in words["several_emotions"].items():
        _add(made.words, {"word": listed}, "fact", "emotion", tuple(values.split()))


def _impressions(made: Lexicon, impressions: Mapping[str, str]) -> None:
    for listed, emotions in impressions.items():
        _add(made.words, {"adj": listed}, "untold", "manner", ("manner",))
        for item in listed_in(listed):
            for phrase, _ in inflected(item, "adj"):
                known = made.impressions.get(split(phrase), frozenset())
                made.impressions[split(phrase)] = known | frozenset(emotions.split())


def _beside(made: Lexicon, name: str, value: str, read: Forms) -> None:
    """The words that say this value beside the attribute's noun ("a lazy pace") or of the voice alone."""
    for form, noun in BESIDE.items():
        for word in read.get(form, ()):
            table = made.with_noun.setdefault(noun or name, {})
            table[word] = (name, (*(table[word][1] if word in table else ()), value))


def _heads(words: dict[Phrase, Entry]) -> None:
    """A phrase that ends with a noun of the voice is one: "bass voice", "full volume"."""
    for phrase, entry in words.items():
        if entry.kind == "fact" and entry.form in ("word", "adj") and len(phrase) > 1:
            last = words.get(phrase[-1:])
            if last is not None and last.kind == "noun" and not phrase[-1].endswith("ed"):
                words[phrase] = replace(entry, form="noun")


def _forms(read: Forms) -> dict[str, Sequence[str]]:
    """The forms of a word as an attribute's file gives them; a bare list is of adjectives."""
    return {"adj" if form == "any" else form: phrases for form, phrases in read.items() if form not in BESIDE}


def _attributes(made: Lexicon) -> None:
    """The words of the attributes that replies do not name: what we write, and what others do."""
    for name, attribute in attributes.known().items():
        if name in LEVELS:
            continue
        for word in attribute.all_words:
            value = attribute.coarse(word) or word
            read = _forms(attribute.read.get(word, {}))
            adjectives = [*attribute.forms(word, "adjective"), *read.pop("adj", ())]
            made.also |= {
                inflection: (name, value) for phrase in adjectives for inflection, _ in inflected(phrase, "adj")
            }
            _add(made.words, {"adj": adjectives, **read}, "attribute", name, (value,))
            for form, whole in attribute.write.get(word, {}).items():
                entry_form = "comparative" if form.startswith("comparative") else "word"
                # "a flat intonation", and "flat intonation" after "his"; not "rising pitch" of "his high, rising pitch"
                bare = [phrase.partition(" ")[2] for phrase in whole if phrase.startswith(("a ", "an "))]
                bare = [phrase for phrase in bare if phrase.rpartition(" ")[2] in attribute.read_nouns]
                phrases = [phrase for phrase in (*whole, *bare) if " " in phrase]
                _add(made.words, {entry_form: phrases}, "attribute", name, (value,))
        _add(made.words, {"noun": [*attribute.nouns, *attribute.read_nouns]}, "noun", name)


def labelled(lexicon: Lexicon, label: str | None) -> Lexicon:
    """The lexicon with a corpus's own emotion in it, where it is not known: "amusement", "awe"."""
    phrase = split((label or "").lower())
    known = lexicon.words.get(phrase)
    if not phrase or not phrase[0][0].isalnum() or (known is not None and known.about == "emotion"):
        return lexicon
    return _with_label(str(label), attributes.revision()) if lexicon is load() else _added(lexicon, str(label))


@lru_cache(64)
def _with_label(label: str, _: int) -> Lexicon:
    return _added(load(), label)


def _added(lexicon: Lexicon, label: str) -> Lexicon:
    return replace(lexicon, words={**lexicon.words, split(label.lower()): Entry("fact", "emotion", (label,), "noun")})


def listed_in(text: str | Sequence[str]) -> list[str]:
    """The items of a list, or of one written with commas, "(at|in) a (rush|hurry)" written out."""
    parts = text if isinstance(text, (list, tuple)) else str(text).split(",")
    items = (" ".join(item.split()).strip('"') for part in parts for item in _written_out(part))
    return [item for item in items if item]


_CHOICE = re.compile(r"\(([^()]+)\)")


def _written_out(item: str) -> list[str]:
    if "(" not in item:
        return [item]
    parts = [part.split("|") if at % 2 else [part] for at, part in enumerate(_CHOICE.split(item))]
    made = ["".join(chosen) for chosen in itertools.product(*parts)]
    # a choice within a choice: the inner ones are written out now
    return [text for part in made for text in _written_out(part)] if len(parts) > 1 else made


def _add(table: dict[Phrase, Entry], forms: Mapping[str, Any], kind: str, about: str = "", says: Values = ()) -> None:
    entries: dict[str, Entry] = {}  # one for all phrases that say the same: a lexicon has 80,000 of them
    for form, listed in forms.items():
        for item in listed_in(listed):
            for phrase, inflection in inflected(item, form):
                if inflection not in entries:
                    entries[inflection] = Entry(kind, about, says, inflection)
                # what is written down first stays: an inflection never displaces a word that is listed
                table.setdefault(split(phrase), entries[inflection])
