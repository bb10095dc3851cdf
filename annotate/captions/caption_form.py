"""What a caption looks like: one paragraph of plain English, without chat, marks, holes or hidden characters.

The claim check reads what a caption says; this looks at everything else that stands in it. What it finds is a claim of
kind ``form``, which nothing supports. The patterns stand in ``caption_form.yaml``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.captions.reading.claim import FACTS, Claim
from annotate.captions.reading.clauses import units
from annotate.captions.reading.lexicon import load
from annotate.captions.reading.quotes import mask
from annotate.captions.reading.read import read
from annotate.captions.reading.spelling import english
from annotate.console import printable

Span = tuple[str, int, int]  # kind, start, end
_END = re.compile(r"[.!?\u2026][\"'\u2019\u201d)]*\s*$")
_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")
_WORD = re.compile(r"[^\W\d_]+")
# lists, emphasis, headings, tables, code, links: whatever is set and not said
_SET = re.compile(
    r"[*_#`|<>\[\]{}\\~^=\u2022\u2192]|\n|[a-z][.!?][A-Z]|https?:|www\.|(?:(?<=[.!?;]\s)|^)\s*(?:[-\u2013]|\d{1,2}[.)])\s"
)
_PAIR = re.compile(r"(?:(?<=[.!?;,]\s)|^)(?:[A-Z]\w+ ){0,2}[A-Z]\w+: ?[\w-]+(?: [\w-]+)?(?=[.;,]|$)")
_MARKS = frozenset(" .,;:!?'\"\u2018\u2019\u201c\u201d\u2026-\u2010\u2011\u2013\u2014()/%&+\u00b0\u00b7")
# of a pattern: what looks back and so has one length, a blank with its own number, a blank
_BLANK = re.compile(r"\(\?<[=!][^)]*\)| [*+?]| ")
RUN = 7  # words
SHOWN = 40  # characters of what is found that a reason quotes


@cache
def words() -> dict[str, Any]:
    """The content of ``caption_form.yaml``."""
    return dict(documents.packaged_yaml(Path(__file__).parent / "caption_form.yaml"))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The patterns of an entry of ``caption_form.yaml`` as one."""
    options = words()[name]
    spaced = [_BLANK.sub(lambda match: _white(match.group()), option) for option in options]
    # a program's "None" is no "none"
    flags = re.MULTILINE | re.DOTALL | (re.IGNORECASE if name != "holes" else re.MULTILINE)
    return re.compile("|".join(f"(?:{expression})" for expression in spaced), flags)


def _white(blank: str) -> str:
    return r"\s+" if blank == " " else blank.replace(" ", r"\s")


def claims(caption: str, transcript: str | None = None, *, strict: bool = False) -> list[Claim]:
    """What of a caption is no caption, in the order in which it stands.

    Args:
        caption: the text.
        transcript: the words spoken, where known: they may say anything.
        strict: as for captions about to be published: whole sentences in one paragraph, addressed to nobody.
    """
    if len(caption) > words()["longest_caption"]:
        return [_claim(caption, ("too long", 0, SHOWN))]
    masked = mask(caption, transcript, lambda inner: False)[0]
    spans = {*_hidden(caption), *_letters(masked), *_foreign(masked)}
    spans |= {*_matched(masked.replace("\u2019", "'"), "chat", "chat")}
    spans |= {span for span in _matched(masked, "holes", "open place") if strict or not _is_layout(masked, span)}
    if strict:
        spans |= {*_published(caption, masked)}
    return [_claim(caption, span) for span in sorted(spans, key=lambda span: (span[1:], span[0]))]


def _claim(caption: str, span: Span) -> Claim:
    kind, start, end = span
    return Claim("form", (kind,), printable(caption[start : min(end, start + SHOWN)]), start, end)


def _hidden(caption: str) -> Iterator[Span]:
    if caption.isprintable():
        return
    for place, character in enumerate(caption):
        if unicodedata.category(character)[0] == "C" and character not in "\t\n\r":
            yield "hidden character", place, place + 1


def _letters(masked: str) -> Iterator[Span]:
    """Letters that no English word has: another script, alone or among Latin ones."""
    if masked.isascii():
        return
    for word in _WORD.finditer(masked):
        if any(not character.isascii() and not _latin(character) for character in word.group()):
            yield "another script", word.start(), word.end()


def _foreign(masked: str) -> Iterator[Span]:
    """Sentences of which the claim check knows less than half: another language that is written in Latin letters."""
    common = _common()
    for sentence in _SENTENCE.finditer(masked):
        words_used = [word.group().lower() for word in _WORD.finditer(sentence.group())]
        if len(words_used) > 1 and not common & set(words_used) and "#" not in sentence.group():  # a tag is no word
            unknown = sum(unit.kind == "unknown" and not english(unit.low) for unit in units(sentence.group(), load()))
            if unknown > 1 and 2 * unknown >= len(words_used):
                yield "another language", sentence.start(), sentence.end()


@cache
def _common() -> frozenset[str]:
    return frozenset(words()["common"])


@cache
def _latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN ") and unicodedata.normalize("NFKC", letter) == letter


@cache
def _lower(name: str) -> re.Pattern[str]:
    """The patterns of an entry for text that is in lower case, nearly twice as fast."""
    return re.compile(pattern(name).pattern, pattern(name).flags & ~re.IGNORECASE)


def _matched(masked: str, name: str, kind: str) -> Iterator[Span]:
    lower = masked.lower() if name != "holes" else ""
    expression, text = (_lower(name), lower) if len(lower) == len(masked) else (pattern(name), masked)
    for match in expression.finditer(text):
        if match.group().strip():
            yield kind, match.start(), match.end()


def _is_layout(masked: str, span: Span) -> bool:
    """Whether marks hold an element, a value ("<female>") or a key before its value, and are no open place."""
    name = masked[span[1] + 1 : span[2] - 1]
    content, closes, _ = masked[span[2] :].partition(f"</{name}>")
    if closes and content.strip() and ("<" in content or load().base(name.lower()) is not None):
        return name.lower() not in words()["thoughts"]
    inner, after = masked[span[1] + 1 : span[2] - 1], masked[span[2] :].split()
    text = f"{inner}: {after[0]}" if masked[span[1]] == "[" and after else inner
    return any(claim.about in FACTS for claim in read(text))


def _published(caption: str, masked: str) -> Iterator[Span]:
    """What other people's captions may have and ours have not."""
    yield from _matched(masked, "address", "address")
    yield from _matched(masked.replace("\u2019", "'"), "about_itself", "about the text")
    for expression, kind in ((_SET, "layout"), (_PAIR, "list of facts")):
        for match in expression.finditer(masked):
            yield kind, match.start(), match.end()
    for place, character in enumerate(masked):
        if (
            not (character.isalnum() or character in _MARKS or character.isspace())
            and unicodedata.category(character)[0] != "C"
        ):
            yield "symbol", place, place + 1
    first = re.search(r"\w", caption)
    if first and first.group().islower():
        yield "no beginning", first.start(), first.end()
    yield from _repeated(caption)
    if not _END.search(caption):
        last = caption.rstrip()
        yield "no end", max(0, len(last) - 12), len(last)
    for opening, closing in (('"', '"'), ("\u201c", "\u201d")):
        odd = caption.count(opening) % 2 if opening == closing else caption.count(opening) - caption.count(closing)
        if odd:
            place = max(caption.find(opening), 0)
            yield "open quotation", place, place + 1


def _repeated(caption: str) -> Iterator[Span]:
    """A sentence, or so many words in a row, that stand there before."""
    earlier: set[tuple[str, ...]] = set()
    for sentence in _SENTENCE.finditer(caption):
        spoken = tuple(_WORD.findall(sentence.group().lower()))
        rows = {spoken[place : place + RUN] for place in range(len(spoken) - RUN + 1)} or (
            {spoken} if spoken[1:] else set()
        )
        if rows & earlier:
            yield "said twice", sentence.start(), sentence.end()
        earlier |= rows
