"""Text of corpora: whatever encoding it lies in, repaired where a tool broke it, remarks kept apart."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotate.corpora import remarks
from annotate.corpora.recording_path import stand_in
from annotate.errors import SemoError, UsageError

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FEWEST_NULS = 0.02  # share of NUL bytes in UTF-16, of Chinese without any Latin letter too
HEAD = 65_536  # bytes looked at to find the encoding of a long list
SPACES = re.compile(r"\s+")
# what Windows-1252 has where Latin-1 has control characters: quotes, dashes, the ellipsis
C1 = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
# UTF-8 read as Windows-1252: "â€™" for an apostrophe
TWICE = re.compile("[\u00c2\u00c3\u00e2][\u0080-\u00bf\u20ac\u2018-\u201e\u2020-\u2026\u0152-\u017e\u02c6\u02dc]")


@dataclass(frozen=True)
class Text:
    """A text file: its content, and the encoding that it was read in."""

    content: str
    encoding: str

    @property
    def note(self) -> str | None:
        """What there is to say of the encoding; None for plain UTF-8."""
        return None if self.encoding == "utf-8" else f"text: read as {self.encoding.upper()}"


def read(path: Path, fallback: Sequence[str] = ("gb18030",)) -> Text:
    """A text file in UTF-8, UTF-16 (byte order mark or not) or one of the ``fallback`` encodings.

    Raises:
        SemoError: names the file and the line that cannot be decoded.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SemoError(f"{path}: cannot be read: {error.strerror}") from None
    refuse_stand_in(path, data)
    encodings = candidates(data, fallback)
    for encoding in encodings:
        try:
            return Text(data.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding)
        except UnicodeDecodeError:
            continue
    named = ", ".join(encoding.upper() for encoding in encodings)
    raise SemoError(f"{path}, line {_first_broken_line(data)}: cannot be decoded as {named}")


def refuse_stand_in(path: Path, head: bytes) -> None:
    """Refuse a list or table that is only a pointer to one, or the web page of a download that failed.

    Raises:
        SemoError: says what the file is and how to fetch the real one.
    """
    if refused := stand_in(head[:256]):
        raise SemoError(f"{path}: {refused}")


def lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    """The lines of a list, streaming; in UTF-8, or UTF-16 where it is written so, unless an encoding is given.

    Bytes that are not UTF-8 come as lone surrogates, which puts just their row aside.

    Raises:
        SemoError: the file is only a pointer, or names the line that is not of another encoding.
    """
    with open(path, "rb") as raw:
        head = raw.read(HEAD)
    refuse_stand_in(path, head)
    chosen = encoding or candidates(head)[0]
    plain = chosen.startswith("utf-8")
    number = 0
    try:
        # a line feed has two bytes in UTF-16: only the decoder can find it
        with open(path, encoding="utf-8-sig" if plain else chosen, errors="surrogateescape" if plain else None) as file:
            for line in file:
                number += 1
                yield line.removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise SemoError(f"{path}, after line {number}: cannot be decoded as {chosen.upper()}") from None
    except LookupError:
        raise UsageError(f"{path}: '{chosen}' is not a known encoding; try utf-8, utf-16, gbk, cp1252") from None


def of_recording(path: Path, fallback: Sequence[str] = ("gb18030",)) -> tuple[str | None, tuple[str, ...]]:
    """The transcript in a recording's own text file, and the notes on it; a broken file is a note, not an end."""
    try:
        content = read(path, fallback)
    except (SemoError, ValueError) as error:
        reason = str(error).removeprefix(f"{path}: ").removeprefix(f"{path}, ")
        return None, (f"transcript: its text file cannot be read ({reason})",)
    words, notes = spoken(content.content)
    return words, (*notes, content.note) if content.note else notes


def candidates(data: bytes, fallback: Sequence[str] = ()) -> list[str]:
    """The encodings that the beginning of a file may be in, most likely first.

    A byte order mark decides. Without one, UTF-16 is told by its NUL bytes: the first line has one at least, that
    of its line feed, and there are many. The side on which most lie is the byte order. A few NULs in another
    encoding are damage, and spoil the lines that they stand in and no others.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return [encoding]
    first, _, rest = data.partition(b"\n")
    if b"\0" in first + rest[:1] and data.count(b"\0") >= FEWEST_NULS * len(data):
        high_second = data[1::2].count(0) >= data[0::2].count(0)
        return ["utf-16-le" if high_second else "utf-16-be"]
    return ["utf-8", *fallback]


def _first_broken_line(data: bytes) -> int:
    """The line on which UTF-8 first fails, from 1."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def repaired(text: str) -> str:
    """Undo what editors and converters do to Windows-1252 quotes: control characters, UTF-8 read twice."""
    if TWICE.search(text):
        with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):  # a mixture is left as it is
            text = text.encode("cp1252").decode("utf-8")
    return text.translate(C1)


def written(raw: str | None, words: str | None) -> str | None:
    """What the corpus writes, where that is more than the words; None where both are the same but for spaces."""
    return raw if raw and SPACES.sub(" ", raw).strip() != (words or "") else None


def spoken(text: str | None, speaker: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    """A transcript as a row carries it, with the notes on it: the words, or None where only remarks stood.

    Args:
        text: as the corpus writes it.
        speaker: who speaks, whose name may stand before the words.
    """
    if text is None:
        return None, ()
    words, others = remarks.left_out(repaired(text), speaker)
    return words or None, (f"transcript: tags left out: {' '.join(others)}",) if others else ()
