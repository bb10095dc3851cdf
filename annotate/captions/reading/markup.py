"""The layout of a caption: JSON, elements, boxes and keys without a value, made plain with every word in its place."""

from __future__ import annotations

import re
from functools import lru_cache

from annotate.captions.reading import lexicon as lexicons
from annotate.captions.reading.lexicon import Lexicon

_NULL = re.compile(r"""["'][^"']*["']\s*:\s*(?:null|None|""|'')""")  # nothing is known of it
_EMPTY_BOX, _TICKED_BOX = r"(?:\[ ?\]|\( \)|\u2610)", r"(?:[\[(][xX\u2713][\])]|[\u2611\u2612])"
_BOX = re.compile(f"{_EMPTY_BOX}|{_TICKED_BOX}")
_UNTICKED = re.compile(rf"{_EMPTY_BOX} *(?:very )?[\w-]+|{_TICKED_BOX}")  # an empty box with its word; a ticked box
_UNTICKED_AFTER = re.compile(rf"(?:very )?[\w-]+ *{_EMPTY_BOX}|{_TICKED_BOX}")
_MARKED = re.compile(r"""\s*(?:[\[{]+\s*["'{\[]|<\w+(?: \w+=["'][^"']*["'])+\s*/?>)""")  # JSON, an element of XML
_IN_JSON = re.compile(r"""["'](\w+(?: \w+)?)["']""")
_JSON_ITEM = re.compile(r"""["']([\w ]{1,40})["']\s*:\s*["'][^"'{}\[\]]{1,80}["']""")
_ATTRIBUTE = re.compile(r"""\b(\w+)\s*=\s*["'][^"'{}\[\]]{1,80}["']""")  # health="has a cold"
_EMPTY = re.compile(r"""\b\w+=(?:""|'')""")  # an attribute of an element
_LISTED = re.compile(r"""(?<=[\[,])(\s*)["']([^"'\[\]{}:]+)["'](?=\s*[,\]])""")  # of a list in JSON
_ELEMENT = re.compile(r"<(\w+)>([^<>]*)</\1>")


def plain(caption: str, known: Lexicon) -> str:
    """A caption of the same length, without the marks of its layout."""
    if "_" in caption:
        caption = _suffixes(known.groups["key suffixes"]).sub(lambda match: match[2] + " " * len(match[1]), caption)
    if len(_BOX.findall(caption)) > 1:
        caption = "".join(map(_unticked, caption.splitlines(keepends=True)))
    if "=" in caption:
        caption = _EMPTY.sub(lambda match: ";".ljust(len(match.group())), caption)
        caption = _ATTRIBUTE.sub(lambda match: _item(match, known), caption)
    if _MARKED.match(caption):  # the marks of JSON quote nobody, but those of the transcript
        caption = _JSON_ITEM.sub(lambda match: _item(match, known), caption)
        caption = _IN_JSON.sub(r" \1 ", _NULL.sub(_blanked, caption))
        caption = _LISTED.sub(r"\1 \2 ", caption)
    if ":" in caption or "=" in caption or "~" in caption:
        caption = _no_value(known.groups["value unknown"]).sub(lambda match: match[1].ljust(len(match[0])), caption)
    return caption


def _unticked(line: str) -> str:
    """A line without what stands beside its empty boxes: "[ ] low [x] high", "loud [ ] quiet [x]"."""
    boxes = [*_BOX.finditer(line)]
    if not boxes:
        return line
    opens = not line[: boxes[0].start()].rstrip()[-1:].isalnum()
    closes = not re.search(r"\w", line[boxes[-1].end() :])
    return (_UNTICKED_AFTER if closes and not opens else _UNTICKED).sub(_blanked, line)


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


@lru_cache(maxsize=1)
def _no_value(words: frozenset[str]) -> re.Pattern[str]:
    """A key of which nothing is known, with what says so: "accent: n.a.", "[speed=]"."""
    unknown = rf"""["']?(?:{lexicons.any_of(words)})["']?(?=\s*(?:[\n;|,.)\]}}/]|$))"""
    key = r"""[A-Za-z][\w-]*(?: [\w-]+)?(?: (?:of|or)(?: the)? [\w-]+)?(?: level| heard)?"""
    before = r"""(^|[\n;|,.(\[{/>\u2022*-]\s*)"""
    return re.compile(rf"""{before}["']?{key}["']?(?:\s*[:=~]\s*{unknown}| ?[:=] ?(?=[\];]))""", re.IGNORECASE)


@lru_cache(maxsize=1)
def _suffixes(words: frozenset[str]) -> re.Pattern[str]:
    """Of a key: "pitch_bin", "f0_class_name"."""
    return re.compile(rf"""((?:_(?:{lexicons.any_of(words)}))+)(["']?)(?=\s*[:=])""", re.IGNORECASE)


def _item(match: re.Match[str], known: Lexicon) -> str:
    """A key and its value, the marks around them blanked out, unless they quote what was said."""
    quotes = match[1].lower() in known.groups["transcripts"]
    return match.group() if quotes else re.sub(r"[\"']", " ", match.group())


def keyed(caption: str) -> str:
    """``<pitch>high</pitch>`` as " pitch:high;", every word in its place, where the element names what we know."""
    words = lexicons.load().words

    def put(match: re.Match[str]) -> str:
        key, content = match.groups()
        known = (key.lower(),) in words and words[key.lower(),].kind in ("noun", "thing")
        return f" {key}:{content};".ljust(len(match.group())) if known else match.group()

    return _ELEMENT.sub(put, caption)
