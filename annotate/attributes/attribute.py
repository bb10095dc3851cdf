"""What an attribute is: one thing that is heard in a voice and said of it, as its YAML file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

# a column that the attribute is made from -> its unit
Measures = Mapping[str, str]
# how a word is said or read: form -> phrases
Forms = Mapping[str, tuple[str, ...]]
GROUP, SPEAKER = "group", "speaker"
OWN = "_own"  # ends the name of a column of words that are relative to the speaker
ABSOLUTE = "absolute"  # what stands in NAME_scale where the edges have a meaning in the world


@dataclass(frozen=True)
class Attribute:
    """One attribute.

    Attributes:
        name: the name of its column, and of the family of its words.
        about: what it is, in a few words.
        measures: the columns that it can be made from with their units, the preferred one first.
        log: whether words are made on the logarithm.
        levels: number of levels -> the words, from least to most.
        edges: number of levels -> absolute edges, one fewer than words; empty where edges are fitted.
        source: where absolute edges are from.
        against: which comparisons make sense: ``group``, ``speaker``; an absolute attribute has none.
        reply: its letter in the paper's contents, None where the paper's replies do not name it.
        proxy: a column that tells of it where its measure needs a text that is not there; None where it needs none.
        cue: whether it tells of the speaker, and so may be a reason for an emotion; noise does not.
        nouns: what captions call it.
        write: word -> form -> phrases, what captions are made of.
        clashes: word -> other attribute -> words of it that a caption does not mention beside it.
        read_nouns: nouns by which others call it.
        read: word -> form -> phrases by which others say it; the form is ``any`` where the file gives a list.
        origin: the file, for messages.
    """

    name: str
    about: str
    measures: Measures
    log: bool
    levels: Mapping[int, tuple[str, ...]]
    edges: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    source: str | None = None
    against: tuple[str, ...] = (GROUP, SPEAKER)
    reply: str | None = None
    proxy: str | None = None
    cue: bool = True
    nouns: tuple[str, ...] = ()
    write: Mapping[str, Forms] = field(default_factory=dict)
    clashes: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    read_nouns: tuple[str, ...] = ()
    read: Mapping[str, Forms] = field(default_factory=dict)
    origin: str = field(default="", compare=False)

    @property
    def measure(self) -> str:
        """The preferred column."""
        return next(iter(self.measures))

    @property
    def absolute(self) -> bool:
        """Whether its edges have a meaning in the world and are not fitted."""
        return bool(self.edges)

    def words(self, levels: int) -> tuple[str, ...]:
        """The words at so many levels, or at the most that it has below that."""
        return self.levels[self.levels_of(levels)]

    def levels_of(self, levels: int) -> int:
        """How many levels it has where ``levels`` are asked for: the most up to that, else its fewest."""
        return max((count for count in self.levels if count <= levels), default=min(self.levels))

    @cached_property
    def all_words(self) -> tuple[str, ...]:
        """Every word of any number of levels, each once, those of fewer levels first."""
        return tuple(dict.fromkeys(word for count in sorted(self.levels) for word in self.levels[count]))

    def middle(self, levels: int) -> str:
        """The word that says nothing out of the ordinary."""
        words = self.words(levels)
        return words[len(words) // 2]

    def coarse(self, word: str) -> str | None:
        """The word of three levels that a word belongs to: "very high" is "high"; None for no word of it."""
        few = self.words(min(self.levels))
        for words in self.levels.values():
            if word in words:
                # equal steps from the middle outwards, and everything beyond the last one is the last one
                steps = words.index(word) - len(words) // 2
                half = len(few) // 2
                return few[half + max(-half, min(half, steps))]
        return None

    def forms(self, word: str, form: str) -> tuple[str, ...]:
        """The phrases of a word in a form; none where the file gives none."""
        return tuple(self.write.get(word, {}).get(form, ()))


def word_column(name: str, against: str) -> str:
    """The column of an attribute's word: ``NAME``, or ``NAME_own`` against the speaker's own usual."""
    return name + OWN if against == SPEAKER else name
