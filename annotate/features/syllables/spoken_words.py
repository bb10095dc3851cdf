"""The words that a reader of a text would say: numbers and signs read out, abbreviations spelled."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|\d+(?:[.,:]\d+)*(?:st|nd|rd|th|\.(?=\s))?|[%&€$£+]")
_NUMBER = re.compile(r"\d")
LONGEST_NUMBER = 12  # digits; longer ones are read digit by digit


def spoken_words(text: str, language: str) -> list[str]:
    """The words that a reader of the text would say: lower case, numbers and signs spelled out."""
    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("‘", "'")
    text = re.sub(r"([^\W\d_])\1{2,}", r"\1", text)  # noooo, awww
    text = re.sub(r"\bz\. ?B\.", "zum Beispiel", text) if language == "de" else text
    words: list[str] = []
    for match in _WORD.finditer(text):
        token = match.group()
        if _NUMBER.search(token):
            words += _read_number(token, language)
        elif token in _SIGNS[language]:
            words += _SIGNS[language][token].split()
        elif (plain := token.strip("'").lower()) in _ABBREVIATIONS[language] and _abbreviated(text, match, token):
            words += _ABBREVIATIONS[language][plain].split()
        elif _is_initialism(token, language):
            words += [_LETTERS[language].get(c, c) for c in token.lower()]
        elif plain:
            words.append(token.lower().strip("'") if language == "de" else token.lower().lstrip("'").rstrip("'"))
    return [word for word in words if word]


def _abbreviated(text: str, match: re.Match[str], token: str) -> bool:
    # "no." is a number only before a figure; the others need their point, or are never words
    after = text[match.end() : match.end() + 1]
    return after == "." or token.lower() in {"mr", "mrs", "dr", "ms"}


def _is_initialism(token: str, language: str) -> bool:
    if not (2 <= len(token) <= 5 and token.isupper() and token.isalpha()):
        return False
    lowered = token.lower()
    if language == "en":
        return (
            lowered in _INITIALISMS or not re.search("[AEIOUY]", token) or (len(token) == 2 and lowered not in _SHORT)
        )
    return not re.search("[AEIOUÄÖÜY]", token)


def _read_number(token: str, language: str) -> list[str]:
    """The words of a number: 1,250.50 (en) and 1.250,50 (de), 3rd, 25., 1994, 10:30."""
    from num2words import num2words

    ordinal = bool(re.search(r"(st|nd|rd|th|\.)$", token))
    body = re.sub(r"(st|nd|rd|th|\.)$", "", token)
    thousands, decimal = (",", ".") if language == "en" else (".", ",")
    whole, _, fraction = re.sub(rf"(?<=\d){re.escape(thousands)}(?=\d{{3}}(?!\d))", "", body).partition(decimal)
    words: list[str] = []
    for part in re.findall(r"\d+", whole):
        if len(part) > LONGEST_NUMBER or (len(part) > 1 and part[0] == "0"):
            words += [num2words(int(digit), lang=language) for digit in part]
            continue
        year = part == body and len(part) == 4 and "1100" <= part <= "1999"
        words.append(num2words(int(part), lang=language, to="ordinal" if ordinal else "year" if year else "cardinal"))
    if fraction:
        words.append({"en": "point", "de": "komma"}[language])
        words += [num2words(int(digit), lang=language) for digit in fraction if digit.isdecimal()]
    return [word for spoken in words for word in re.findall(r"[^\W\d_]+", spoken)]


_SIGNS = {
    "en": {"%": "percent", "&": "and", "€": "euros", "$": "dollars", "£": "pounds", "+": "plus"},
    "de": {"%": "prozent", "&": "und", "€": "euro", "$": "dollar", "£": "pfund", "+": "plus"},
}
_ABBREVIATIONS = {
    "en": {
        "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "prof": "professor", "st": "saint",
        "jr": "junior", "sr": "senior", "etc": "et cetera", "vs": "versus", "no": "no", "approx": "approximately",
    },
    "de": {
        "dr": "doktor", "prof": "professor", "hr": "herr", "fr": "frau", "usw": "und so weiter",
        "bzw": "beziehungsweise", "ca": "circa", "nr": "nummer", "str": "straße", "vgl": "vergleiche",
        "evtl": "eventuell", "ggf": "gegebenenfalls",
    },
}  # fmt: skip
_LETTERS = {"en": {"w": "double-u"}, "de": {"y": "ypsilon"}}
_INITIALISMS = frozenset(
    [
        "ucla", "usa", "uk", "fbi", "cia", "atm", "iq", "id", "ceo", "ok", "tv", "aa", "ufo", "abc", "er", "ob",
        "aol", "uv", "eu",
    ]
)  # fmt: skip
_SHORT = frozenset(
    [
        "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me", "my", "no",
        "of", "oh", "on", "or", "ox", "so", "to", "up", "us", "we", "ah", "uh", "ha", "ho", "hm",
    ]
)  # fmt: skip
