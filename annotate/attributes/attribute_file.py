"""An attribute's YAML file: its keys, their types, and what must hold between them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from annotate import documents
from annotate.attributes.attribute import GROUP, SPEAKER, Attribute, Forms
from annotate.errors import UsageError, nearest
from annotate.validation import one_line

LEVELS = (3, 5)
NOUNS = "nouns"
# the forms of a word, docs/words.md; COMPARATIVE_ is said against the speaker's own usual
COMPARED = ("comparative", "comparative_manner", "comparative_cue")
WRITTEN = ("adjective", "manner", "cue", "trait", "clause", *COMPARED)
READ = ("adj", "verb", "noun", "word", "with_noun", "with_voice", "any")
MOST_WAYS = 10_000  # that a phrase with choices stands for
Phrases = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Absolute(_Part):
    """Edges that have a meaning in the world."""

    absolute: dict[int, tuple[float, ...]]
    source: str


class AttributeFile(_Part):
    """The keys of a file; see ``docs/words.md``."""

    name: str
    about: str
    measure: str
    unit: str = ""
    otherwise: dict[str, str] = {}
    proxy: str | None = None
    scale: Literal["linear", "log"] = "linear"
    levels: dict[int, tuple[str, ...]]
    edges: Literal["fitted"] | Absolute = "fitted"
    against: tuple[Literal["group", "speaker"], ...] | None = None
    reply: str | None = None
    cue: bool = True
    write: dict[str, Phrases | dict[str, Phrases]] = {}
    clashes: dict[str, dict[str, Phrases]] = {}
    read: dict[str, Phrases | dict[str, Phrases]] = {}

    @field_validator("name")
    @classmethod
    def _is_column(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise ValueError("a name is the name of a column: small letters, digits and underscores")
        return value

    @field_validator("write", "read")
    @classmethod
    def _are_few(cls, value: dict[str, Any]) -> dict[str, Any]:
        """A file may be a stranger's, and "(a|b) (c|d) ..." is written out when captions are read."""
        for word, forms in value.items():
            for phrases in forms.values() if isinstance(forms, dict) else [forms]:
                for phrase in phrases:
                    ways = math.prod(choice.count("|") + 1 for choice in re.findall(r"\(([^()]*)\)", phrase))
                    if ways > MOST_WAYS:
                        raise ValueError(f"'{phrase[:60]}' of '{word}' stands for {ways} phrases; at most {MOST_WAYS}")
        return value

    @field_validator("levels")
    @classmethod
    def _are_levels(cls, value: dict[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        if not value:
            raise ValueError("expected the words of 3 levels, of 5, or of both")
        for count, words in value.items():
            if count not in LEVELS:
                raise ValueError(f"{count} levels; expected 3 or 5")
            if len(words) != count or len(set(words)) != count:
                raise ValueError(f"expected {count} different words, from least to most")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> AttributeFile:
        words = {word for of in self.levels.values() for word in of}
        for key, given, known in (("write", self.write, WRITTEN), ("read", self.read, READ)):
            for word, forms in given.items():
                for form in forms if isinstance(forms, dict) and word != NOUNS else ():
                    if form not in known:
                        raise ValueError(f"{key}.{word}: '{form}' is no form; {_hint(form, known)}")
                if word != NOUNS:
                    _check_level(key, word, words)
        for word in self.clashes:
            _check_level("clashes", word, words)
        for count, edges in self.edges.absolute.items() if isinstance(self.edges, Absolute) else ():
            if count not in self.levels or len(edges) != count - 1 or sorted(edges) != list(edges):
                raise ValueError(f"edges.absolute: {count} levels need {count - 1} edges in rising order")
        if isinstance(self.edges, Absolute) and set(self.edges.absolute) != set(self.levels):
            raise ValueError("edges.absolute: expected edges for each number of levels")
        return self

    def attribute(self, origin: str) -> Attribute:
        """What the file describes."""
        absolute = self.edges if isinstance(self.edges, Absolute) else None
        return Attribute(
            name=self.name,
            about=self.about,
            measures={self.measure: self.unit, **self.otherwise},
            proxy=self.proxy,
            log=self.scale == "log",
            levels=dict(self.levels),
            edges=dict(absolute.absolute) if absolute else {},
            source=absolute.source if absolute else None,
            against=self.against if self.against is not None else () if absolute else (GROUP, SPEAKER),
            reply=self.reply,
            cue=self.cue,
            nouns=_nouns(self.write) or (self.name,),
            write=_by_word(self.write),
            clashes=dict(self.clashes),
            read_nouns=_nouns(self.read) or (self.name,),
            read=_by_word(self.read),
            origin=origin,
        )


def _check_level(key: str, word: str, words: Collection[str]) -> None:
    if word not in words:
        raise ValueError(f"{key} names '{word}', which is not one of its levels; {_hint(word, words)}")


def _hint(word: str, known: Collection[str]) -> str:
    close = nearest(word, known)
    return f"did you mean '{close}'?" if close else f"expected one of {', '.join(sorted(known))}"


def _nouns(given: Mapping[str, Any]) -> Phrases:
    nouns = given.get(NOUNS, ())
    return nouns if isinstance(nouns, tuple) else tuple(phrase for of in nouns.values() for phrase in of)


def _by_word(given: Mapping[str, Any]) -> dict[str, Forms]:
    return {
        word: {"any": forms} if isinstance(forms, tuple) else dict(forms)
        for word, forms in given.items()
        if word != NOUNS
    }


def read(path: Path) -> Attribute:
    """The attribute of a file.

    Raises:
        UsageError: one line with the file, the key, what was found, what was expected, the nearest name.
    """
    content = documents.read_yaml(path)
    try:
        return AttributeFile.model_validate(content).attribute(str(path))
    except ValidationError as error:
        raise UsageError(one_line(error, str(path), AttributeFile)) from None
