"""A caption under reading: its tokens, what the lexicon finds in them, and where clauses end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from annotate.captions.claims.claim import LEVELS
from annotate.captions.claims.lexicon import Entry, Lexicon, Phrase
from annotate.captions.claims.tokens import MARKS, STOPS, Token, tokens, word_set

COPULAS = word_set(
    """
    is are was were be been being remains remain stays stay sounds sound seems seem appears appear feels
    looks becomes become kept keeps keep at 's gets grows stayed remained held kept running hovered hovers
    hovering lies lay rested grew turned went ran looked keeping staying remaining both all sits rests
    sounded seemed appeared felt quite runs comes comes's came got turns
    hold holds holding sit rest lie hover settle settles settled hovers float floats
    go goes went going described called labelled labeled anchored located situated positioned placed centered centred
    pegged fixed confined restricted
    limited grounded maintained sustained rated judged considered classified measured perceived
    """
)
DETERMINERS = word_set("a an the his her their its my this that these those some any each 's")
SPEAK = word_set(
    """
    speak speaks speaking spoke spoken talk talks talking talked say says saying said utter utters uttered
    uttering deliver delivers delivered delivering voice voices voiced express expresses expressed exclaim
    exclaims exclaimed state states stated announce announces announced declare declares declared ask asks
    asked asking reply replies replied read reads recites narrates narrated pronounces whispers articulates
    """
)
QUESTIONS = word_set("is are was were does do did who what how where can could would will has")
PREPOSITIONS = word_set("in at with by from on for to of into through without as")


_EXPECT = word_set(
    """
    expect expected expecting think thought thinking guess guessed guessing assume assumed assuming imagine imagined
    suppose supposed
    """
)
_WOULD = word_set("'d would might may could forgiven")
_BUT = word_set("but yet instead however though although")

_WHERE, _MANY = word_set("where while whereas when"), word_set("many most others other some people")
_AT_ALL = word_set("all first last once least times")

LONGEST = 8  # words of a phrase; a test holds the lexicon to it


@dataclass(frozen=True)
class Hit:
    """A phrase of the lexicon in the caption: tokens ``first`` to ``last``, both included."""

    first: int
    last: int
    entry: Entry


def matches(words: list[Token], table: Mapping[Phrase, Entry]) -> list[Hit]:
    """The phrases of a table in the words, longest first, left to right, none overlapping."""
    lows = tuple(word.low for word in words)
    found, at = [], 0
    while at < len(words):
        for length in range(min(LONGEST, len(words) - at), 0, -1):
            entry = table.get(lows[at : at + length])
            if entry:
                found.append(Hit(at, at + length - 1, entry))
                at += length
                break
        else:
            at += 1
    return found


_ASIDES = frozenset(
    tuple(aside.split("_"))
    for aside in word_set(
        """
        however though too meanwhile likewise similarly overall indeed again moreover in_fact by_contrast in_contrast
        in_turn if_anything on_the_other_hand for_its_part on_the_whole as_well of_course it_seems by_comparison
        for_instance for_one of_all_things as_it_happens to_be_sure
        """
    )
)


def _without_asides(words: list[Token]) -> list[Token]:
    """The words without the "however" of "the pitch, however, is high": what it parts belongs together."""
    kept: list[Token] = []
    place = 0
    while place < len(words):
        end = next((at for at in range(place + 2, min(place + 6, len(words))) if words[at].low == ","), None)
        inside = tuple(word.low for word in words[place + 1 : end]) if end and words[place].low == "," else ()
        beside = {words[end + 1].low if end + 1 < len(words) else "", kept[-1].low if kept else ""} if end else set()
        if end and inside in _ASIDES and beside & COPULAS:
            place = end + 1
            continue
        kept.append(words[place])
        place += 1
    return kept


_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


def _spelt(word: Token, lexicon: Lexicon) -> Token:
    """The "so" of "sooo", the "really" of "reallllly", the "and" of "slow n quiet"."""
    if word.low == "n":
        return replace(word, low="and")
    if not _STRETCHED.search(word.low):
        return word
    spelt = [_STRETCHED.sub(put, word.low) for put in (r"\1\1", r"\1")]
    return replace(word, low=next((low for low in spelt if lexicon.known(low)), word.low))


@dataclass
class Text:
    """The caption (quotations blanked out) and everything that rules look at."""

    caption: str
    lexicon: Lexicon
    spoken: frozenset[str] = frozenset()
    words: list[Token] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    at: dict[int, Hit] = field(default_factory=dict)
    negators: dict[int, Hit] = field(default_factory=dict)
    unmeasured: dict[int, Hit] = field(default_factory=dict)

    @classmethod
    def of(cls, caption: str, lexicon: Lexicon, spoken: frozenset[str]) -> Text:
        """Cut a caption and look everything up."""
        words = [_spelt(word, lexicon) for word in tokens(caption)]
        made = cls(caption, lexicon, spoken, _without_asides(words))
        made.hits = matches(made.words, lexicon.facts)
        made.at = {place: hit for hit in made.hits for place in range(hit.first, hit.last + 1)}
        for table, into in ((lexicon.negators, made.negators), (lexicon.unmeasured, made.unmeasured)):
            for hit in matches(made.words, table):
                then = made.at.get(hit.last + 1)
                level = then is not None and then.entry.about in LEVELS
                if made.low(hit.last) == "at" and (level or made.low(hit.last + 1) in _AT_ALL):
                    continue  # "shouts at breakneck speed", "not angry at all" are at nobody
                into |= dict.fromkeys(range(hit.first, hit.last + 1), hit)
        return made

    def ask_nothing(self) -> None:
        """Forget what stands in a question: "Is she excited? No, she is calm."."""
        first = 0
        for place, token in enumerate(self.words):
            if token.low in STOPS and token.low != ":":
                rhetorical = {self.low(first + 2), self.low(first + 3)} & {"me"}  # "is it me or is he yelling?"
                if token.low == "?" and self.low(first) in QUESTIONS and not rhetorical:
                    self.hits = [h for h in self.hits if not first <= h.first < place or self._stays_in_question(h)]
                    for table in (self.at, self.unmeasured):
                        for asked in range(first, place):
                            if asked in table and not self._stays_in_question(table[asked]):
                                table.pop(asked, None)
                first = place + 1

    def expect_nothing(self) -> None:
        """Forget what is only to be expected, or of others: "you'd expect him to yell, but", "where many yell,"."""
        for place in range(len(self.words)):
            if self.stop(place - 1) and self.low(place) in _WHERE and self.low(place + 1) in _MANY:
                comma = next((at for at in range(place, len(self.words)) if self.low(at) == ","), place)
                self._forget(place, comma)
        for place, token in enumerate(self.words):
            before = {self.low(place - 1), self.low(place - 2)}
            if token.low not in _EXPECT or not before & _WOULD or self.low(place - 3) in ("as", "what", "than"):
                continue
            end = next((at for at in range(place, len(self.words)) if self.stop(at) or self.low(at) in _BUT), place)
            if self.low(end) not in _BUT and self.low(end + 1) not in _BUT:
                continue
            self._forget(place, end)

    def _forget(self, first: int, end: int) -> None:
        """Take back what stands there, but who speaks, and the "this angry" that holds of the speaker."""
        for table in (self.at, self.unmeasured):
            for place in range(first, end):
                hit = table.get(place)
                if hit and hit.entry.about != "gender" and self.low(hit.first - 1) not in ("this", "that"):
                    table.pop(place)
                    self.hits = [one for one in self.hits if one is not hit]

    def _stays_in_question(self, hit: Hit) -> bool:
        """Nouns tell what the answer is about; "how does she sound?" still says who speaks."""
        return hit.entry.kind == "noun" or self.low(hit.first) in _PRONOUNS

    def low(self, place: int) -> str:
        """The word at a place, empty outside the caption."""
        return self.words[place].low if 0 <= place < len(self.words) else ""

    def stop(self, place: int) -> bool:
        """Whether a sentence or clause ends at this place, whatever follows."""
        return not 0 <= place < len(self.words) or self.low(place) in STOPS

    def mark(self, place: int) -> bool:
        """Whether this place holds a mark within a sentence."""
        return self.low(place) in MARKS

    def foreign(self, place: int) -> bool:
        """A content word that is no word for a voice: unknown, or a thing that is not measured, spoken or not."""
        word = self.low(place)
        if not word or not word[0].isalpha():
            return False
        if place in self.at or place in self.negators:
            return False
        return place in self.unmeasured or not self.lexicon.known(word)

    def text(self, first: int, last: int) -> str:
        """The caption's own words from one token to another."""
        return self.caption[self.words[first].start : self.words[last].end]

    def adjective(self, place: int) -> bool:
        """A word that may stand between an adjective and its noun."""
        hit = self.at.get(place)
        if hit:
            return hit.entry.kind in ("scale", "none") or (
                hit.entry.kind == "fact"
                and hit.entry.form in ("adj", "word", "adverb")
                and self.low(place) not in _PRONOUNS
            )
        word, told = self.low(place), self.unmeasured.get(place)
        if told and told.entry.about == "voice quality":
            return True  # "a deep, slightly husky timbre"
        return word in self.lexicon.plain["describing"] or word in _DEGREE


_PRONOUNS = word_set("she he her his him hers herself himself")
_DEGREE = word_set(
    """
    kinda sorta real hella way damn freaking dang legit mighty ever insanely crazy ridiculously ultra extra uber
    perfectly entirely altogether wholly somehow likewise similarly equally too also otherwise
    super totally very quite rather fairly pretty slightly somewhat relatively extremely really so too more most less
    particularly especially notably noticeably markedly distinctly unusually remarkably exceptionally
    moderately overly more just almost nearly consistently generally mostly largely clearly decidedly
    comparatively reasonably incredibly surprisingly still even also definitely bit tad touch little truly
    speaking spoken both only about around roughly approximately considerably significantly mildly a
    """
)
