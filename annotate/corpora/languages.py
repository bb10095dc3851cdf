"""Languages as people write them (zh-CN, en_us, English, Deutsch) and as the Hub takes them (ISO 639)."""

from __future__ import annotations

import re
from functools import lru_cache

from annotate.errors import UsageError, nearest

SEVERAL = re.compile(r"[,;/|+&]")
LOCALE = re.compile(r"(?<=^[A-Za-z]{2}_[A-Za-z]{2})[.@].*$")  # de_DE.UTF-8, sr_RS@latin
UNSTATED = frozenset(["", "und", "mul", "zxx", "mis"])  # codes of ISO 639-2 that name no language


@lru_cache(maxsize=4096)
def code(written: str) -> str | None:
    """The ISO 639-1 code of a language, or its ISO 639-3 code where it has none; None where none is known.

    Args:
        written: a code of ISO 639, a BCP 47 tag with any separator, or a name in English or in the language itself.
    """
    import langcodes

    if SEVERAL.search(written):
        return None
    plain = LOCALE.sub("", written.strip())
    tag = plain.replace("_", "-")
    if len(tag) < 2 or tag.lower().startswith("x-"):
        return None
    try:
        language = langcodes.Language.get(tag)
        if language.language and language.is_valid():
            return _macro(language.language)
    except ValueError:  # langcodes' LanguageTagError: not of the form of a tag
        pass
    if len(tag) == 2 and tag.isascii():  # a country, as in jp; no language has so short a name
        return None
    try:
        named = langcodes.find(plain).language
    except (LookupError, ValueError):
        return None
    return _macro(named) if named else None


def _macro(language: str) -> str | None:
    """Mandarin is Chinese, Standard Arabic is Arabic: the code that ISO 639-1 has for it."""
    import langcodes

    if language in UNSTATED:
        return None
    standard = langcodes.Language.get(language, normalize=True)
    whole = langcodes.Language.get(langcodes.standardize_tag(str(standard), macro=True)).language
    return str(whole or standard.language)


def known(written: str, where: str) -> str:
    """The code of a language that must be known.

    Raises:
        UsageError: it is not, with the nearest one that is.
    """
    tag = code(written)
    if tag is not None:
        return tag
    names = {name.casefold(): short for short, name in _names().items()}
    close = nearest(written.casefold(), [*names, *_names()])
    right = _spoken_in(written) or names.get(close or "", close)
    hint = f"did you mean '{right}' ({_names()[right]})?" if right else "expected a code such as en, de, zh"
    raise UsageError(f"{where}: '{written}' is not a known language; {hint}")


def _spoken_in(country: str) -> str | None:
    """The likeliest language where the code of a country was written for it: ja for jp."""
    import langcodes

    if not re.fullmatch(r"[A-Za-z]{2}", country.strip()):
        return None
    likely = langcodes.Language.get(f"und-{country.strip()}").maximize()
    # of a code that is no country's, en in Latin letters is what is left
    return str(likely.language) if likely.language in _names() and likely.language != "en" else None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Code -> English name, of every language that ISO 639-1 has."""
    import langcodes
    from langcodes.data_dicts import LANGUAGE_ALPHA3

    return {short: langcodes.Language.get(short).display_name() for short in LANGUAGE_ALPHA3 if len(short) == 2}
