"""A word said with a doubt: "fairly high" where a measurement is so near an edge that the word may be another."""

from __future__ import annotations

import re

_ARTICLE = re.compile(r"^((?:at|in|with|of) )?(an?) (?=[a-z])")
_VERY = re.compile(r"\bvery\b")
_PLACE = re.compile(r"^((?:at|in|with|of) )(?=[a-z])")


def hedged(phrase: str) -> str:
    """The phrase with "fairly": "a low voice" is "a fairly low voice", "very slowly" is "fairly slowly".

    What says neither of two stays as it is: it doubts already.
    """
    if phrase.startswith("neither "):
        return phrase
    if _VERY.search(phrase):
        return _VERY.sub("fairly", phrase, count=1)
    if _ARTICLE.match(phrase):
        return _ARTICLE.sub(lambda match: f"{match[1] or ''}a fairly ", phrase)
    if _PLACE.match(phrase):
        return _PLACE.sub(lambda match: f"{match[1]}fairly ", phrase)
    return f"fairly {phrase}"
