"""Syllables of German words: the sounds that their vowel letters stand for (Duden's syllabification)."""

from __future__ import annotations

import re
from functools import lru_cache

VOWELS = "aeiouyäöüéèáàâêôîœ"
NUCLEUS = re.compile(rf"aa|ee|oo|ie|ei|ai|au|äu|eu|ey|ay|oi|oy|ou|[{VOWELS}]")
# be-, ge- and the like before a stem in a vowel: be|enden, ab|ge|eilt, re|in-, zu|unter
PREFIX = re.compile(
    r"^(?:[a-zäöü]{2,4})?(?:(?:be|ge)(?=e[hinrlb](?!t?$)|ir[rt]|inhalt|end|ur[tl]|unr|imp|üb)|re(?=in[tkvst]|im|u[ns])|zu(?=unt))"
)
# "ie" that is two syllables (Familie) or, before -n, -ll, -t-: (Spanien, materiell, Hygiene)
IE = re.compile(
    r"(?:(?:fam|l|l[iy])il|[nt]ud|ser|lin|fol|fer|akt|ar|best|präm|mater|mumm|gard|stud|komöd|tragöd|hyg|orch|spez|len)ie(?=n?(?:$|s|[a-z]{3}))"
    r"|(?<=[a-zäöü]{3}[lnrgbdt])ie(?=n$|ns$|ner|nisch)|(?<=[rtnlzu])ie(?=ll|nt(?!el)|tät)|(?<=[a-z]{2}[lrtn])ie(?=rend)(?<=vari)"
)
SPLIT = (
    (re.compile(r"(?<=[a-zäöü])eu(?=m$|ms$)|(?<=[sz])eu(?=m[sa-z])"), "e|u"),  # Muse|um, Jubilä|um
    (re.compile(r"(?<=id|ff|rm|ll|us)ee(?=n$)|^(?:s|f)ee(?=n$)"), "e|e"),  # Ide|en, Se|en
    (re.compile(r"uie|üie"), "u|ie"),
    (re.compile(r"(?<=[rlnt])oi(?=d|s[mt])"), "o|i"),  # Rhombo|id
    (re.compile(r"oi(?=sm)"), "o|i"),  # Ego|ismus
)
JOINED = re.compile(r"(?<=[tsx])i(?=on)|(?<=ill)i(?=on)|(?<=eg)i(?=on)")  # Na-tion, Mil-lion: one syllable


@lru_cache(maxsize=65536)
def syllables(word: str) -> int:
    """Syllables of a lower-case German word: the sounds that its vowel letters stand for.

    -tion counts as one (spoken [tsi̯oːn]); Familie and Linie as three and so on.
    """
    if word in WORDS:
        return WORDS[word]
    marked = word.replace("'", "").replace("qu", "kw")
    marked = re.sub(rf"(?:^|(?<=[{VOWELS}]))y(?=[aeiou])", "j", marked)
    marked = PREFIX.sub(lambda m: m.group() + "|", marked, count=1)
    marked = IE.sub(lambda m: m.group()[:-1] + "|e", marked)
    for pattern, split in SPLIT:
        marked = pattern.sub(lambda m, split=split: split, marked)  # type: ignore[misc]
    marked = JOINED.sub("j", marked)
    return max(len(NUCLEUS.findall(marked)), 1)


# words whose letters mislead: loans and the like
WORDS = {
    word: count
    for count, words in {
        1: (
            "team teams deal deals fans jeans steak live site sites cool beach dream game games page home time face "
            "like likes made style"
        ),
        2: (
            "online homepage service software baby interview image update event website design facebook youtube "
            "apple google michael download"
        ),
        3: "museum theater israel ideen ideale beamte beamter",
    }.items()
    for word in words.split()
}
