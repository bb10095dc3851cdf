"""Quoted words in a caption: what is quoted claims what was said, and claims nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from annotate.captions.reading.claim import FACTS
from annotate.captions.reading.clauses import units
from annotate.captions.reading.lexicon import Entry, Lexicon, any_of, load
from annotate.captions.reading.tokens import QUOTE, split

PAIRS = (
    ("\u201c", "\u201d"),
    ("\u00ab", "\u00bb"),
    ("\u201e", "\u201c"),
    ('"', '"'),
    ("\u2018", "\u2019"),
    ("'", "'"),
    ("`", "`"),
)
_CLOSE: dict[str, re.Pattern[str]] = {}
for _opening, _closing in PAIRS:  # of two pairs that open alike, the first
    _CLOSE.setdefault(_opening, re.compile(rf"{re.escape(_closing)}(?!\w)"))
_OPEN = re.compile(rf"(?<![^\W_])[{re.escape(''.join(_CLOSE))}]")
_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_MARK = re.compile(r"[.,;:!?\n]|\s[-\u2013\u2014]\s|$")
MISQUOTED_WORDS, MISQUOTED_END = 3, 2  # so many words as they were said, at least, before so many others, at most
UNQUOTED_WORDS = 4  # so many words of a transcript in a row are the transcript, quoted or not


Span: TypeAlias = "tuple[int, int, bool | None]"  # start, end, whether the transcript holds it


@lru_cache(maxsize=1)
def _transcript_line() -> re.Pattern[str]:
    """A key of the words spoken, and its value without quotation marks on the same line."""
    keys = any_of(load().groups["transcript lines"])
    value = r"(?!none\b|n/a|unknown\b)(?P<content>[^\s\"'\u201c\u2018<\[{][^\n\"\u201c:=|;]+)"
    return re.compile(rf"^\W*(?:{keys})[ \t]*[:=][ \t]*{value}$", re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=1)
def _saying() -> re.Pattern[str]:
    """What leads to words spoken."""
    return re.compile(rf"\b(?:{any_of(load().groups['leading to words'])})[,:]?\s+(?=\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Quotation:
    """A quotation, and whether the transcript holds it; None where there is no transcript to hold it against."""

    text: str
    start: int
    end: int
    holds: bool | None


def mask(caption: str, transcript: str | None, is_scare: Callable[[str], bool]) -> tuple[str, list[Quotation]]:
    """The caption with all quotations blanked out (same length), and the quotations.

    Args:
        caption: the caption.
        transcript: the words spoken, or None where unknown.
        is_scare: whether a short quotation is a word of the caption itself (a "loud" voice).
    """
    unquoted, taken = _without_marks(caption, transcript)
    spans = [*unquoted]
    for start, end in _quoted(taken):
        inner = caption[start + 1 : end - 1]
        if is_scare(inner) and not _contains(transcript or "", inner):
            continue
        holds = _contains(transcript, inner) if transcript else None
        spans = [span for span in spans if not (start <= span[0] and span[1] <= end)]
        spans.append((start, end, holds))
    quotations = [Quotation(caption[start:end], start, end, holds) for start, end, holds in sorted(spans)]
    text = caption
    for start, end, _ in spans:
        text = text[:start] + QUOTE + " " * (end - start - 1) + text[end:]
    return text, quotations


@lru_cache(maxsize=4)  # a caption is masked for its form and for its claims
def _without_marks(caption: str, transcript: str | None) -> tuple[tuple[Span, ...], str]:
    """What repeats the transcript without quotation marks, and the caption with letters in its place."""
    spans: list[Span] = []
    if transcript and transcript.strip():
        spans += [(start, end, True) for start, end in _spans_of_transcript(caption, transcript)]
    taken = list(caption)
    for start, end, _ in spans:
        # marks within the transcript open and close nothing
        taken[start:end] = "w" * (end - start)
    for match in _transcript_line().finditer(caption) if ":" in caption or "=" in caption else ():
        inner = match["content"]
        if not any(start < match.end() and match.start("content") < end for start, end, _ in spans):
            spans.append((*match.span("content"), _contains(transcript, inner) if transcript else None))
            taken[match.start("content") : match.end()] = "w" * len(inner)
    for start, end in _misquoted("".join(taken), transcript) if transcript else ():
        spans.append((start, end, False))
        taken[start:end] = "w" * (end - start)
    return tuple(spans), "".join(taken)


def _letters(text: str) -> tuple[str, list[int]]:
    if text.isascii():
        lower = text.lower()
        places = [place for place, letter in enumerate(lower) if letter.isalnum()]
        return "".join([lower[place] for place in places]), places
    kept = [(low, place) for place, letter in enumerate(text) for low in letter.lower() if low.isalnum()]
    return "".join(low for low, _ in kept), [place for _, place in kept]


def _spans_of_transcript(caption: str, transcript: str) -> Iterator[tuple[int, int]]:
    """Where the whole transcript stands in the caption, marks aside; short ones only where they are quoted."""
    needle, _ = _letters(transcript)
    hay, places = _letters(caption)
    long = len(transcript.split()) >= UNQUOTED_WORDS or len(needle) > 40
    at = hay.find(needle) if needle else -1
    while at >= 0:
        start, end = places[at], places[at + len(needle) - 1] + 1
        whole = (start == 0 or not caption[start - 1].isalnum()) and (end == len(caption) or not caption[end].isalnum())
        if whole and (long or _in_quotes(caption, start)):
            yield start, end
        at = hay.find(needle, at + len(needle))


def _misquoted(caption: str, transcript: str) -> Iterator[tuple[int, int]]:
    """Where a caption begins to say the words without quotation marks, and goes on with others to the next mark.

    'A man says this couch smells like wet socks', of "this couch smells like wet dog".
    """
    known = _WORDS.findall(transcript.lower())
    for says in _saying().finditer(caption):
        end = _MARK.search(caption, says.end())
        stop = end.start() if end else len(caption)
        spoken = [(match.group().lower(), match.end()) for match in _WORDS.finditer(caption, says.end(), stop)]
        alike = 0
        while alike < min(len(spoken), len(known)) and spoken[alike][0] == known[alike]:
            alike += 1
        whole = abs(len(spoken) - len(known)) <= 1 and len(known) - alike <= MISQUOTED_END
        if whole and MISQUOTED_WORDS <= alike < min(len(spoken), len(known)):
            yield says.end(), spoken[-1][1]


def _in_quotes(caption: str, start: int) -> bool:
    before = caption[:start].rstrip(" <>/{}[](*_")
    return bool(before) and before[-1] in "\"'\u2018\u201c\u00ab\u201e`:"


def _quoted(caption: str) -> Iterator[tuple[int, int]]:
    """Spans between quotation marks, marks included; an apostrophe within a word is none."""
    opened = _OPEN.search(caption)
    while opened:
        closed = _CLOSE[opened.group()].search(caption, opened.start() + 2)
        if closed:
            yield opened.start(), closed.end()
        opened = _OPEN.search(caption, closed.end() if closed else opened.end())


def _contains(transcript: str | None, part: str) -> bool:
    words = " ".join(re.findall(r"[^\W_]+", (transcript or "").lower().replace("'", "").replace("\u2019", "")))
    inner = " ".join(re.findall(r"[^\W_]+", part.lower().replace("'", "").replace("\u2019", "")))
    return f" {inner} " in f" {words} " if inner else True


def is_scare(inner: str, lexicon: Lexicon) -> bool:
    """Whether a short quotation is a word of the caption itself: a "loud" voice."""
    words = split(inner.rstrip(",;"))
    return (
        0 < len(words) <= 2
        and any(_claims(entry) for word in words if (entry := lexicon.words.get((word,))) is not None)
        and all(lexicon.base(word) is not None for word in words)
    )


def _claims(entry: Entry) -> bool:
    return entry.kind in ("fact", "scale", "noun", "move", "attribute")


def is_caption(inner: str, caption: str, lexicon: Lexicon) -> bool:
    """Whether what is quoted is the caption itself: 'Here is one: "An angry woman shouts fast."'."""
    if 2 * len(inner) <= len(caption):
        return False
    facts = {unit.about if unit.kind == "fact" else unit.kind for unit in units(inner, lexicon)}
    return len(facts & {*FACTS, "scale"}) >= 3
