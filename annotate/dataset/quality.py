"""What the finished columns of a corpus warn of: rates that nobody speaks at, levels that hardly differ, and more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.attributes import GROUP, AttributeTable
from annotate.corpora.warnings import CorpusWarning
from annotate.descriptors import level_range
from annotate.descriptors.scale import WIDEST

COLUMNS = (
    "split", "drop_audio", "gender", "language", "transcript", "rate_source", "rate_refused", "audio_flaw",
    *level_range.COLUMNS,
)  # fmt: skip
SHARE = 0.01  # of the recordings: fewer that are clipped or silent do not spoil a corpus, and have their notes


@dataclass
class Quality:
    """Counts of the rows that are not put aside.

    Attributes:
        attributes: columns of words whose edges are those of a group.
        rows: how many.
        refused: rows by why their rate is null: ``fast`` or ``slow``.
        rates: rows by (language, whether it has a transcript, what its rate came from).
        flaws: recordings that are ``clipped`` or ``silent``.
        levels: column of levels -> its values.
        sexes, shared: rows by gender, and rows by (gender, attribute) whose edges are those of both sexes.
    """

    attributes: Sequence[str]
    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    rates: Counter[tuple[str | None, bool, str | None]] = field(default_factory=Counter)
    flaws: Counter[str] = field(default_factory=Counter)
    levels: dict[str, list[float | None]] = field(default_factory=lambda: {name: [] for name in level_range.COLUMNS})
    sexes: Counter[str] = field(default_factory=Counter)
    shared: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, table: AttributeTable) -> Quality:
        """No rows yet, of a recipe's attributes."""
        return cls([name for name, attribute in table.items() if GROUP in attribute.against])

    @property
    def columns(self) -> list[str]:
        """What is counted."""
        return [*COLUMNS, *(f"{name}_scale" for name in self.attributes)]

    def count(self, row: Mapping[str, Any]) -> None:
        """Take one row into account, unless it is put aside."""
        if row["split"] is None or row["drop_audio"]:
            return
        self.rows += 1
        self.refused.update([row["rate_refused"]] if row["rate_refused"] else ())
        self.rates[row["language"], bool(row["transcript"]), row["rate_source"]] += 1
        self.flaws.update([row["audio_flaw"]] if row["audio_flaw"] else ())
        for name, values in self.levels.items():
            values.append(row[name])
        if row["gender"] is not None:
            self.sexes[row["gender"]] += 1
            wide = [name for name in self.attributes if row[f"{name}_scale"] == WIDEST]
            self.shared.update((row["gender"], name) for name in wide)

    def warnings(self, scale: Mapping[str, Any], counts_syllables: bool) -> Iterator[CorpusWarning]:
        """What the counts warn of, what spoils most first.

        Args:
            scale: the content of ``scale.json``.
            counts_syllables: whether the recipe's rate is that of the transcript.
        """
        if self.refused:
            count = sum(self.refused.values())
            known = sum(rows for (_, _, source), rows in self.rates.items() if source)
            facts = {"count": count, "of": count + known, "fast": self.refused["fast"], "slow": self.refused["slow"]}
            yield CorpusWarning("rates", facts)
        if narrow := level_range.narrow_range(self.levels):
            yield CorpusWarning("levels", {"column": narrow[0], "range": narrow[1]})
        for flaw in ("clipped", "silent"):
            if self.flaws[flaw] and self.flaws[flaw] >= SHARE * self.rows:
                percent = round(100 * self.flaws[flaw] / self.rows)
                yield CorpusWarning(flaw, {"count": self.flaws[flaw], "of": self.rows, "percent": percent})
        if scale["by"] == "gender":
            yield from self._small_groups(scale["smallest_group"])
        if counts_syllables and (names := self._uncounted()):
            yield CorpusWarning("languages", {"count": sum(names.values()), "names": _names(names)})

    def _small_groups(self, smallest: int) -> Iterator[CorpusWarning]:
        for gender, count in sorted(self.sexes.items()):
            names = [name for name in self.attributes if self.shared[gender, name]]
            if names:
                facts = {"gender": gender, "count": count, "smallest": smallest, "attributes": ", ".join(names)}
                yield CorpusWarning("small_group", facts)

    def _uncounted(self) -> Counter[str]:
        """Rows by language, of the languages whose transcripts are there and never counted."""
        uncounted: Counter[str] = Counter()
        for (language, text, source), rows in self.rates.items():
            if language and text and source == "signal" and not self.rates[language, True, "transcript"]:
                uncounted[language] += rows
        return uncounted


def _names(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
