"""The hand labels of ``emur_ae``: words, syllables and their times, from Praat's TextGrid files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CONTINUED = "*"  # a stretch that belongs to the word before it


@dataclass(frozen=True)
class Labels:
    """One sentence by hand: each word with its syllables, and the time from first to last word, pauses left out."""

    words: tuple[tuple[str, int], ...]
    spoken_s: float

    @property
    def syllables(self) -> int:
        """Of the whole sentence."""
        return sum(count for _, count in self.words)


def read(path: Path) -> Labels:
    """Labels of one TextGrid."""
    tiers = {}
    for tier in re.split(r"item \[\d+\]:", path.read_text(encoding="utf-8"))[1:]:
        name = re.search(r'name = "(.*?)"', tier)
        found = re.findall(r'xmin = ([\d.]+)\s+xmax = ([\d.]+)\s+text = "(.*?)"', tier)
        tiers[name[1] if name else ""] = [(float(start), float(end), text) for start, end, text in found]
    syllables = [(start + end) / 2 for start, end, text in tiers["Syllable"] if text]
    words: list[tuple[str, int]] = []
    spoken = 0.0
    for start, end, text in tiers["Text"]:
        if not text:
            continue
        spoken += end - start
        inside = sum(start <= middle < end for middle in syllables)
        if text == CONTINUED and words:
            words[-1] = (words[-1][0], words[-1][1] + inside)
        else:
            words.append((text.lower(), inside))
    return Labels(tuple(words), spoken)
