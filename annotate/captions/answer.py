"""What a language model answered, reduced to the caption in it.

A caption is one paragraph of sentences. Models put thoughts before it, chat and notes around it, marks and quotation
marks about it, or give several. What stands around is taken off where it is set apart (by a mark, a line, a label, a
bracket) or speaks of the answer itself, and where one paragraph is left; an answer of which that cannot be said is
refused with its reason. Nothing is taken out of a sentence. What is left is read by the claim check like any other.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.captions import caption_form
from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.quotes import mask
from annotate.captions.reading.read import read
from annotate.console import printable

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)[ \t]*$", re.DOTALL | re.MULTILINE)
_ELEMENT = re.compile(r"<([A-Za-z][\w-]{0,30})>(.*?)</\1\s*>", re.DOTALL)
_ITEM = re.compile(r"^(?:#{1,6}|[-*\u2022\u2013+]|\(?\d{1,2}[.)]|>)\s+")
_HEADING = re.compile(r"^#{1,6}\s")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`")
_END = re.compile(r"[.!?\u2026][\"'\u2019\u201d)\]]*$")
_BRACKETED = re.compile(r"^[(\[].*[)\]]$", re.DOTALL)
_TRAILING = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]$")
_BETWEEN = re.compile(r"(?<=[.!?])[\"'\u2019\u201d)]*\s+")
_QUOTES = (('"', '"'), ("\u201c", "\u201d"), ("\u2018", "\u2019"), ("'", "'"), ("\u00ab", "\u00bb"))
_HALVES = re.compile("[\ud800-\udfff]")
BLOCKS = 6  # paragraphs of an answer that may yet be one caption


class RefusedAnswer(Exception):
    """An answer without one caption in it; the text says why, as a model understands it."""


@dataclass(frozen=True)
class Block:
    """A line or paragraph of an answer: its text without marks; whether it was an item of a list, named a caption."""

    text: str
    item: bool = False
    named: bool = False


def caption(answer: str) -> str:
    """The caption in an answer.

    Raises:
        Refused: there is none, or more than one.
    """
    if len(answer) > caption_form.words()["longest_answer"]:
        raise RefusedAnswer(f"it is {len(answer)} characters long")
    text = _unquoted(_readable(_channel(answer)))
    text = _turn(_without_thoughts(text)).strip()
    for inner in (_fenced, _element, _from_json):
        text = inner(text).strip()
    blocks = [block for block in _blocks(text) if not _beside(block.text)]
    clean = [block for block in blocks if not _chat(block.text)]
    # where a block is free of chat, those that are not only speak of it
    paragraph = _single_paragraph(
        clean or [Block(_without_chat(block.text), block.item, block.named) for block in blocks]
    )
    if not paragraph:
        raise RefusedAnswer("there is no caption in it")
    return " ".join(paragraph.split())


def storable(answer: str) -> str:
    """An answer as it may be kept: text that UTF-8 can hold, no longer than one that is read."""
    kept = answer[: caption_form.words()["longest_answer"] + 1]
    return _HALVES.sub("\ufffd", kept)


def _readable(text: str) -> str:
    """Without what is never seen; what has no place in a text at all is refused."""
    kept = []
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cf":  # marks of direction, joiners, soft hyphens
            continue
        if character == "\ufffd" or (kind[0] == "C" and not character.isspace()):
            raise RefusedAnswer(f"it contains the character {printable(character)}")
        kept.append("\n" if character in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029" else character)
    return "".join(kept)


def _channel(text: str) -> str:
    """Of a model that answers in channels, the last one."""
    if caption_form.pattern("channel").search(text):
        last = list(caption_form.pattern("last_channel").finditer(text))
        if not last:
            raise RefusedAnswer("it ends in the middle of its reasoning")
        return text[last[-1].end() :]
    return caption_form.pattern("bare_channels").sub("", text, count=1)


def _without_thoughts(text: str) -> str:
    names = "|".join(caption_form.words()["thoughts"])
    opening = rf"[<\[\u25c1](?:\|)?(?:begin_of_|seed:)?(?:{names})(?:\s[^<>\[\]]*)?(?:\|)?[>\]\u25b7]"
    closing = rf"[<\[\u25c1](?:\|)?(?:/|end_of_|/seed:)(?:seed:)?(?:{names})(?:\|)?[>\]\u25b7]"
    text = re.sub(f"{opening}(?:(?!{opening}).)*?{closing}", "\n\n", text, flags=re.DOTALL | re.IGNORECASE)
    # where the question ends in the opening mark, as some templates of chats do, only the closing one is answered
    text = re.split(closing, text, flags=re.IGNORECASE)[-1]
    if re.search(opening, text, re.IGNORECASE):
        raise RefusedAnswer("it ends in the middle of its reasoning")
    return text


def _turn(text: str) -> str:
    """What stands between the marks of one turn; the name of who answers left out."""
    turns = []
    for part in caption_form.pattern("turns").split(text):
        name, _, rest = part.strip().partition("\n")
        if name.strip(" :").lower() in caption_form.words()["roles"]:
            part = rest
        if part.strip():
            turns.append(part)
    if len(turns) > 1:
        raise RefusedAnswer("it continues with another turn of the chat")
    return turns[0] if turns else ""


def _fenced(text: str) -> str:
    inside = _FENCE.findall(text)
    if len(inside) > 1:
        raise RefusedAnswer("it contains several code blocks")
    return inside[0] if inside else text


def _element(text: str) -> str:
    """What stands in the one element that is marked as in XML, or in the one that is named as a caption is."""
    elements = list(_ELEMENT.finditer(text))
    names = (*caption_form.words()["labels"], *caption_form.words()["roles"])
    named = [element for element in elements if element[1].lower().replace("_", " ") in names]
    if len(named or elements) != 1:
        return text
    return (named or elements)[0][2]


def _from_json(text: str) -> str:
    """The one sentence in JSON."""
    if text[:1] not in '{["':
        return text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return text
    sentences = list(dict.fromkeys(leaf.strip() for leaf in _leaves(content) if len(leaf.split()) > 3))
    if len(sentences) != 1:
        raise RefusedAnswer(f"it is JSON with {len(sentences)} sentences")
    return sentences[0]


def _leaves(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, (dict, list)):
        for below in content.values() if isinstance(content, dict) else content:
            yield from _leaves(below)


def _blocks(text: str) -> list[Block]:
    """Paragraphs and lines; a line that only goes on with the sentence before belongs to it."""
    labels = "|".join(re.escape(label) for label in caption_form.words()["labels"])
    label = re.compile(
        rf"^\W*(?:(?:the|my|your)\s+)?(?:{labels})(?:\s*#?\d+)?(?:\s*\([^)]*\))?(?:\s+is)?\s*:\s*", re.IGNORECASE
    )
    # several in one line: "Caption 1: ... Caption 2: ..."
    text = re.sub(rf"(?<=[.!?\"\u201d])\s+(?=(?:{labels})\s*#?\d+\s*:)", "\n", text, flags=re.IGNORECASE)
    blocks: list[Block] = []
    fresh = True
    for line in text.split("\n"):
        bare = _EMPHASIS.sub("", _ITEM.sub("", line.strip())).strip()
        if not bare or not any(character.isalnum() for character in bare):
            fresh = True
            continue
        if _HEADING.match(line.strip()):
            fresh = True
            continue
        item = bool(_ITEM.match(line.strip()))
        name = label.match(bare)
        if name:
            bare = bare[name.end() :].strip()
        if blocks and not (fresh or item or name) and not _END.search(blocks[-1].text) and blocks[-1].text[-1] != ":":
            blocks[-1] = dataclasses.replace(blocks[-1], text=f"{blocks[-1].text} {bare}")
        elif bare:
            blocks.append(Block(bare, item, bool(name)))
        fresh = False
    return blocks


def _beside(text: str) -> bool:
    """Whether a block is a remark, a lead-in, a bare fact or the name of a speaker, and no sentence of a caption."""
    head = re.match(r"^[\w .]{1,24}?(?=\s*(?:\([^)]*\))?\s*:)", text)
    name = head[0].strip().lower() if head else ""
    if name in caption_form.words()["other_roles"] or text.strip(" :").lower() in caption_form.words()["other_roles"]:
        raise RefusedAnswer("it continues with another turn of the chat")
    if name in caption_form.words()["beside"] or text.strip(" :").lower() in caption_form.words()["roles"]:
        return True
    fact = re.match(r"^[\w ]{1,24}:\s*[\w\u2019'-]+(?:[ ,]+[\w\u2019'-]+){0,3}$", text)
    chat = _chat(text) and not _without_chat(text)
    return bool(_BRACKETED.match(text)) or text.endswith(":") or fact is not None or chat


def _single_paragraph(blocks: Sequence[Block]) -> str:
    """The caption of the blocks that are left."""
    named = [place for place, block in enumerate(blocks) if block.named]
    if named:  # what stands before it led to it
        blocks = blocks[named[0] :]
    texts = list(dict.fromkeys(_unquoted(block.text) for block in blocks if block.text))
    if len(texts) > 1 and (len(named) > 1 or any(block.item for block in blocks)):
        raise RefusedAnswer(f"it contains {len(texts)} captions or parts of a list; expected one paragraph")
    if len(texts) > BLOCKS:
        raise RefusedAnswer(f"it contains {len(texts)} paragraphs")
    if any(_alternative(first, second) for first, second in itertools.combinations(texts[:BLOCKS], 2)):
        raise RefusedAnswer("it contains more than one caption")
    if len(texts) > 1 and not all(_END.search(text) for text in texts):
        raise RefusedAnswer("it contains lines that are not sentences")
    return " ".join(texts)


def _alternative(first: str, second: str) -> bool:
    """Whether two paragraphs tell the same again: two levels and the emotion in both, the second giving no reason."""
    subjects = [{claim.about for claim in read(text)} for text in (first, second)]
    if "reason" in subjects[1] or ("emotion" in subjects[0]) != ("emotion" in subjects[1]):
        return False
    return len(subjects[0] & subjects[1] & set(LEVELS)) > 1


def _chat(text: str) -> bool:
    """Whether it speaks of the answer itself; what is quoted does not."""
    return caption_form.pattern("chat").search(_masked(text)) is not None


def _masked(text: str) -> str:
    """The text, as long as before, with its quotations blanked out."""
    return mask(text, None, lambda inner: False)[0].replace("\u2019", "'")


def _without_chat(text: str) -> str:
    """The paragraph without sentences at its ends, brackets or a lead-in that speak of the answer itself."""
    chat = caption_form.pattern("chat")
    text = _unquoted(text)
    while (last := _TRAILING.search(text)) and chat.search(last[1]):
        text = text[: last.start()]
    lead = re.match(r"^([^:]{1,160}):\s*(?=\S)", _masked(text))
    if lead and chat.search(lead[0]):
        text = _unquoted(text[lead.end() :])
    masked = _masked(text)
    ends = [0, *(match.end() for match in _BETWEEN.finditer(masked)), len(text)]
    sentences = [(masked[start:end], text[start:end]) for start, end in itertools.pairwise(ends)]
    while sentences and chat.search(sentences[0][0]):
        sentences = sentences[1:]
    while sentences and chat.search(sentences[-1][0]):
        sentences = sentences[:-1]
    return _unquoted("".join(sentence for _, sentence in sentences))


def _unquoted(text: str) -> str:
    """Without quotation marks about the whole."""
    text = text.strip()
    for opening, closing in _QUOTES:
        inner = text[1:-1]
        if (
            len(text) > 2
            and text.startswith(opening)
            and text.endswith(closing)
            and not _within(inner, opening, closing)
        ):
            return inner.strip()
    return text


def _within(inner: str, opening: str, closing: str) -> bool:
    """Whether the marks stand within too, so that those at the ends are not a pair; an apostrophe is none."""
    if opening in ("'", "\u2018"):
        inner = re.sub(r"(?<=\w)['\u2019](?=\w)|(?<=s)['\u2019](?= )", "", inner)
    return opening in inner or closing in inner
