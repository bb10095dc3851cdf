"""What the page shows first: reasons by emotion, how much words carry, tables of words; and the known errors once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.attributes import OWN
from annotate.descriptors import emotion_reasons
from annotate.descriptors.evidence import AGAINST, FOR, SILENT
from annotate.report import shares
from annotate.report.numbers import Numbers

MOST_CHIPS = {FOR: 3, AGAINST: 2}  # of an emotion on a narrow page
FULL_SHADE = 0.5  # half of the clips more than overall is the full colour
PALEST, DEEPEST = 10, 42  # per cent of the hue


def _shade(difference: float) -> int:
    return round(PALEST + (DEEPEST - PALEST) * min(1.0, abs(difference) / FULL_SHADE))


@dataclass(frozen=True)
class OverviewCell:
    """A word within an emotion.

    Attributes:
        share: of the emotion's clips that have the word, 0 to 1; None where it has none.
        difference: share less that of all clips.
        interval: of the difference; None where it is not known.
        clips: how many there are.
        sense: ``for``, ``against`` or ``silent``.
    """

    share: float | None
    difference: float
    interval: Sequence[float] | None
    clips: int
    sense: str

    @property
    def shade(self) -> int:
        """How deep the colour is, in per cent."""
        return _shade(self.difference)


@dataclass(frozen=True)
class WordTable:
    """One attribute: a row of cells for each emotion.

    Attributes:
        attribute: its name.
        title: the attribute, and what its words are relative to.
        words: the heads of the columns.
        rows: emotion, its clips, a cell for each word.
    """

    attribute: str
    title: str
    words: tuple[str, ...]
    rows: tuple[tuple[str, int, tuple[OverviewCell, ...]], ...]

    @property
    def reasons(self) -> int:
        """How many cells are reasons."""
        return sum(cell.sense != SILENT for _, _, cells in self.rows for cell in cells)


@dataclass(frozen=True)
class AttributeTables:
    """The tables of one attribute: relative to the group, and where there is one relative to the speaker."""

    name: str
    tables: tuple[WordTable, ...]

    @property
    def reasons(self) -> int:
        """How many cells are reasons."""
        return sum(table.reasons for table in self.tables)


@dataclass(frozen=True)
class Strongest:
    """The strongest reason that an attribute gives for an emotion, or else against it.

    Attributes:
        word: the word.
        difference: share of the emotion's clips that have it less that of all clips.
        sense: ``for`` or ``against``.
        relative: whether the word is relative to the speaker's other clips.
        shade: how deep the colour is, in per cent.
    """

    word: str
    difference: float
    sense: str
    relative: bool
    shade: int


@dataclass(frozen=True)
class ReasonMatrix:
    """The reasons at a glance: a row for each emotion that has any, a column for each attribute that gives any."""

    attributes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Strongest | None, ...]], ...]


def reason_matrix(evidence: Mapping[str, Any]) -> ReasonMatrix:
    """What suggests an emotion comes before what speaks against it, the strong before the weak."""
    best: dict[tuple[str, str], Strongest] = {}
    for emotion, senses in emotion_reasons.by_emotion(evidence).items():
        for sense in (FOR, AGAINST):
            for reason in senses[sense]:
                best.setdefault((emotion, reason.attribute), _strongest(reason, sense))
    order = dict.fromkeys(
        column.removesuffix(OWN) for columns in evidence.get("emotions", {}).values() for column in columns
    )
    names = tuple(name for name in order if any(name == attribute for _, attribute in best))
    emotions = dict.fromkeys(emotion for emotion, _ in best)
    return ReasonMatrix(
        names, tuple((emotion, tuple(best.get((emotion, name)) for name in names)) for emotion in emotions)
    )


def _strongest(reason: emotion_reasons.Reason, sense: str) -> Strongest:
    return Strongest(reason.word, reason.difference, sense, reason.relative, _shade(reason.difference))


def chips(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each emotion its strongest reasons, each word once, with the shade of its difference."""
    return emotion_reasons.rows(evidence, _chips)


def _chips(sense: str, reasons: Sequence[emotion_reasons.Reason]) -> dict[str, Any]:
    once: dict[tuple[str, str], emotion_reasons.Reason] = {}
    for reason in reasons:
        once.setdefault((reason.attribute, reason.word), reason)
    shown = [
        {
            "text": f"{reason.attribute} {reason.word}{'*' if reason.relative else ''}",
            "difference": reason.difference,
            "shade": _shade(reason.difference),
        }
        for reason in list(once.values())[: MOST_CHIPS[sense]]
    ]
    return {"chips": shown, "left_out": len(once) - len(shown)}


def word_tables(evidence: Mapping[str, Any], numbers: Numbers, scale: Mapping[str, Any]) -> list[WordTable]:
    """The tables of all attributes: of the evidence where there is one, else the shares of all clips.

    Never both: they count different clips, and would contradict each other. Where no clip has a word, as relative to
    speakers of few clips, there is no table.
    """
    emotions = evidence.get("emotions")
    if emotions:
        tables = [_of_evidence(emotions, column) for column in next(iter(emotions.values()))]
    else:
        tables = [_of_shares(word_shares) for word_shares in shares.all_words(numbers, scale)]
    return [table for table in tables if any(cell.clips for _, _, cells in table.rows for cell in cells)]


def _of_evidence(emotions: Mapping[str, Any], column: str) -> WordTable:
    words = tuple(next(iter(emotions.values()))[column])
    rows = []
    for emotion, columns in emotions.items():
        entries = [columns[column][word] for word in words]
        cells = tuple(
            OverviewCell(
                entry["share"] if entry["difference"] is not None else None, entry["difference"] or 0.0,
                entry["interval"], entry["clips"], entry["sense"],
            ) for entry in entries
        )  # fmt: skip
        rows.append((emotion, entries[0]["of"] if entries else 0, cells))
    name = column.removesuffix(OWN)
    return WordTable(name, name + (" relative to the speaker" if name != column else ""), words, tuple(rows))


def _of_shares(table: shares.WordShares) -> WordTable:
    rows = tuple(
        (emotion, total, tuple(OverviewCell(c.share if total else None, c.more, None, c.count, SILENT) for c in cells))
        for emotion, total, cells in table.rows
    )
    return WordTable(table.name, table.name, table.words, rows)


def by_attribute(tables: Sequence[WordTable]) -> list[AttributeTables]:
    """The tables of each attribute together, attributes without a reason last."""
    names = dict.fromkeys(table.attribute for table in tables)
    grouped = [AttributeTables(name, tuple(table for table in tables if table.attribute == name)) for name in names]
    return sorted(grouped, key=lambda attribute: not attribute.reasons)


def carried(evidence: Mapping[str, Any]) -> list[tuple[str, float]]:
    """How often the emotion is named correctly from words, from measurements and by chance; empty if not known."""
    sufficiency = evidence.get("sufficiency")
    if not sufficiency or not sufficiency["words"] or not sufficiency["numbers"]:
        return []
    return [
        ("from the words", sufficiency["words"]["ua"]),
        ("from the measurements", sufficiency["numbers"]["ua"]),
        ("by chance", sufficiency["chance"]),
    ]


def known_errors(
    errors: Mapping[str, Mapping[str, str]], measured: Sequence[str]
) -> tuple[list[tuple[list[str], str]], list[str]]:
    """The known errors, each once with the measurements that share it; and the measurements without one.

    Args:
        errors: column -> estimator -> sentence, see ``headline_errors``.
        measured: the columns that have values, in order.
    """
    lines: dict[str, list[str]] = {}
    for name in measured:
        for sentence in errors.get(name, {}).values():
            lines.setdefault(sentence, []).append(name)
    return [(names, sentence) for sentence, names in lines.items()], [name for name in measured if name not in errors]


def chunks(names: Sequence[str], most: int) -> list[list[str]]:
    """Names in parts of nearly equal length, none longer than ``most``: a table for each part fits a phone."""
    parts = -(-len(names) // most)
    size = -(-len(names) // parts) if parts else 0
    return [list(names[at : at + size]) for at in range(0, len(names), size)] if size else []
