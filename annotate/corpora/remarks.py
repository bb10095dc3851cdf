"""What stands in a transcript and was not spoken: sounds, remarks, times, speakers' names; see ``remarks.yaml``.

Conventions differ from corpus to corpus; sources of the marks: CHAT (MacWhinney 2000, The CHILDES Project), Santa
Barbara Corpus (Du Bois et al. 1993), Switchboard and Fisher (LDC), WebVTT and SubRip subtitles.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from annotate import documents

ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
TIME = re.compile(r"\s*(?:\d{1,2}:)?\d{1,2}[:.]\d{1,3}(?:[.,]\d{1,3})?\s*(?:s|sec|[-–>]+\s*[\d:.,]+)?\s*")
BEGINNING = re.compile(r"/?@?\s*(?:[^\W\d_]{2}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
WORDS = re.compile(r"[^\W\d_]+(?:['’_][^\W\d_]+)*")
# what stands before a colon at the beginning of the text, of a line or of a sentence
NAMED = re.compile(r"(?:^|\n|(?<=[.?!…。？！] ))\s*(?P<name>[^\W_][^\n:：.?!]{0,40}?)\s*(?::(?=\s|$)|：)\s*")
BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?…。，！？])")
LEFT_BEHIND = re.compile(r"^[\s,.;:：。，]+")
SPACES = re.compile(r"\s+")
LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class RemarkMark:
    """One way of marking: what it looks like, when what it encloses was not spoken, whether that stays otherwise."""

    of: re.Pattern[str]
    when: str
    unmarked: bool


@dataclass(frozen=True)
class Grammar:
    """``remarks.yaml``, ready for use."""

    marks: tuple[RemarkMark, ...]
    remark: re.Pattern[str]
    speech: frozenset[str]
    roles: re.Pattern[str]
    not_names: frozenset[str]


@cache
def grammar() -> Grammar:
    """The grammar, read once."""
    content = documents.packaged_yaml(Path(__file__).parent / "remarks.yaml")
    marks = tuple(
        RemarkMark(re.compile(mark["of"], re.DOTALL), mark["when"], "else" in mark) for mark in content["marks"]
    )
    stems = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in _listed(content["remarks"]))
    roles = "|".join(re.escape(word) for word in _listed(content["roles"]))
    return Grammar(
        marks,
        re.compile(rf"(?<![^\W_])(?:{stems})(?![^\W_])", re.IGNORECASE),
        frozenset(_listed(content["speech"])),
        re.compile(rf"(?:{roles})(?:[ _#-]*(?:\d{{1,3}}|[A-Z]))?", re.IGNORECASE),
        frozenset(_listed(content["not_names"])),
    )


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@lru_cache(maxsize=4096)
def left_out(text: str, speaker: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The words alone, single-spaced, and what stood among them in the order of its kinds.

    Args:
        text: a transcript as its corpus writes it.
        speaker: who speaks, whose name before a colon is no word.
    """
    remarks: list[str] = []
    words = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    for mark in grammar().marks:
        words = mark.of.sub(lambda match, mark=mark: _without(match, mark, remarks), words)  # type: ignore[misc]
    words = _without_names(words, speaker, remarks)
    if not remarks:
        return SPACES.sub(" ", words).strip(), ()
    words = LEFT_BEHIND.sub("", BEFORE_MARK.sub("", SPACES.sub(" ", words).strip()))
    return (words if LETTER.search(words) else ""), tuple(remarks)


def _without(match: re.Match[str], mark: RemarkMark, remarks: list[str]) -> str:
    groups = match.groupdict()
    if not _unspoken(groups.get("inside") or "", mark.when):
        return f" {groups['said']} " if mark.unmarked else match[0]
    spoken = groups.get("said") if not mark.unmarked else None
    if spoken and grammar().remark.fullmatch(spoken):  # [vocalized-noise] is no word that is laughed
        spoken = None
    written = SPACES.sub(" ", match[0]).strip()
    remarks.append(written.replace(spoken, "...") if spoken else written)
    return f" {spoken} " if spoken else " "


def _unspoken(inside: str, when: str) -> bool:
    """Whether what a mark encloses was not spoken."""
    if when == "always" or TIME.fullmatch(inside):
        return True
    if when == "letters":
        return BEGINNING.match(inside) is not None or not LETTER.search(inside)
    words = [word.casefold() for word in WORDS.findall(inside)]
    if not words:
        return not LETTER.search(inside)
    return grammar().remark.search(inside) is not None and not grammar().speech & set(words)


def _without_names(text: str, speaker: str | None, remarks: list[str]) -> str:
    """The text without names before a colon: SPEAKER 1:, JOEY:, and the row's own speaker however written."""

    def without(match: re.Match[str]) -> str:
        name = match["name"]
        known = speaker is not None and name.casefold() == speaker.casefold()
        if not known and not grammar().roles.fullmatch(name) and not _in_capitals(name, text[match.end() :]):
            return match[0]
        remarks.append(f"{name}:")
        return " "

    return NAMED.sub(without, text)


def _in_capitals(name: str, rest: str) -> bool:
    """Whether a name before a colon is written in capitals where the text is not, as in scripts of plays."""
    words = name.split()
    plain = name.upper() == name and any(c.isalpha() and c.upper() != c.lower() for c in name) and len(words) <= 3
    return plain and words[0].casefold() not in grammar().not_names and (rest.upper() != rest or not rest.strip())
