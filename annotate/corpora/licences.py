"""Licences as people write them (CC BY 4.0, MIT License) and as the Hub's metadata takes them (cc-by-4.0, mit)."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from annotate import documents

OTHER = "other"
ALIKE = 0.8  # of difflib: a misspelt identifier, and not a licence of another name
VERSION = re.compile(r"\d+(\.\d+)*[a-z]?")


@cache
def _words() -> dict[str, Any]:
    content: dict[str, Any] = documents.packaged_yaml(Path(__file__).with_suffix(".yaml"))
    for kind in ("phrases", "dropped"):
        content[kind] = sorted(content[kind].items() if kind == "phrases" else content[kind], key=_length, reverse=True)
    return content


def _length(entry: str | tuple[str, str]) -> int:
    return len(entry if isinstance(entry, str) else entry[0])


@lru_cache(maxsize=1024)
def identifier(written: str, url: str | None = None) -> str | None:
    """The Hub's identifier of a licence; None where the Hub has none, or where the version is not stated.

    Args:
        written: the licence's name or its address.
        url: its address, which may state the version that the name lacks.
    """
    name = _named(written)
    if name is None and url and _versions(written):
        addressed = _addressed(url)
        name = addressed if addressed in _versions(written) else None
    return name


def metadata(written: str, url: str | None = None) -> dict[str, str]:
    """``license`` of a card's head, and ``license_name`` and ``license_link`` where that is ``other``."""
    spdx = identifier(written, url)
    if spdx:
        return {"license": spdx}
    return {"license": OTHER, "license_name": slug(written)} | ({"license_link": url} if url else {})


def slug(written: str) -> str:
    """A licence's name as ``license_name`` takes it: lower case, no spaces."""
    parts = _parts(written)
    name = "-".join(parts) if parts and parts[0] in _words()["parts"] else _plain(written)
    return re.sub(r"[^a-z0-9.]+", "-", name).strip("-.") or "custom"


def possible_identifiers(written: str, url: str | None = None) -> str | None:
    """Which identifiers a name may mean that has none: it lacks its version, or is nearly one of them."""
    if identifier(written, url):
        return None
    versions = _versions(written)
    if versions:
        return " or ".join(versions)
    return next(iter(get_close_matches(slug(written), _words()["identifiers"], n=1, cutoff=ALIKE)), None)


def _named(written: str) -> str | None:
    if "://" in written or written.startswith("www."):
        return _addressed(written)
    around = re.fullmatch(r"([^()]+)\(([^()]+)\)\s*", written)  # Creative Commons Attribution 4.0 (CC BY 4.0)
    if around:
        full, short = (_named(part) for part in around.groups())
        return full if full == short else None
    parts = _parts(written)
    named: str | None = _words()["names"].get(" ".join(parts))
    return named or _keys().get(_key(parts))


def _addressed(url: str) -> str | None:
    for base, before in _words()["addresses"].items():
        _, is_below, rest = url.casefold().partition(base)
        if is_below:
            rest = re.split(r"[?#]|/(?:deed|legalcode)|\.(?:html|txt|en|de)$", rest)[0]
            return _named(before + rest.replace("/", " "))
    return None


def _versions(written: str) -> list[str]:
    """The identifiers of a licence that is named without its version."""
    key = _key(_parts(written))
    if not key:
        return []
    return [name for known, name in _keys().items() if known.startswith(key) and VERSION.fullmatch(known[len(key) :])]


def _plain(written: str) -> str:
    """Lower case and, but for the points of versions, without separators other than spaces."""
    text = unicodedata.normalize("NFKC", written).casefold()
    text = re.sub(r"(?<=[a-z])[ _-]?v\.? ?(?=\d)", " ", text)  # GPLv3, CC-BY-v4.0
    text = re.sub(r"(?<=\d)\+", "", text)  # GPL-3.0+
    text = re.sub(r"(?<=[-_ ]\d)[-_](?=\d$)", ".", text)  # CC_BY_4_0
    return " ".join(re.sub(r"[^\w.+]|_|(?<!\d)\.|\.(?!\d)", " ", text).split())


def _parts(written: str) -> list[str]:
    text = f" {_plain(written)} "
    for phrase, short in _words()["phrases"]:
        text = text.replace(f" {phrase} ", f" {short} ")
    for phrase in _words()["dropped"]:
        text = text.replace(f" {phrase} ", " ")
    order = _words()["parts"]
    parts = text.split()
    if parts and all(part in order or VERSION.fullmatch(part) for part in parts) and "by" in parts:
        parts = sorted({"cc", *parts}, key=lambda part: order.index(part) if part in order else len(order))
    return parts


def _key(parts: list[str]) -> str:
    """Parts without what people leave out or add between and behind them: 4 is 4.0, gpl3 is gpl-3.0."""
    return re.sub(r"(?<=\d)\.0$", "", "".join(parts))


@cache
def _keys() -> dict[str, str]:
    return {_key(_parts(name)): name for name in _words()["identifiers"]}
