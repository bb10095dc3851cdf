"""The schema of a row: every column, its type and its meaning, derived from a recipe's attributes and features.

Stages add columns and never change another's. The contract's columns stand first, in its order; those of further
features and attributes stand after them. Columns of ``Schema.working`` live in ``work/`` alone; ``Schema.row`` is what
users get.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from annotate import attributes
from annotate.attributes import GROUP, SPEAKER, Attribute, AttributeTable, word_column
from annotate.errors import SemoError
from annotate.store.columns import (
    AFTER_MEASURING,
    AFTER_REVIEW,
    CAPTIONS,
    FURTHER,
    GENDER_PROBABILITY,
    IDENTITY,
    MEASUREMENTS,
    NOTES,
    REAL,
    REPLIES,
    SLOTS,
    SOURCES,
    TEXT,
    TEXTS,
    WORKING,
    Column,
)
from annotate.store.columns import reply_column as reply_column  # part of what a schema is asked


def reply_word_column(name: str, table: AttributeTable) -> str:
    """The column of the word that replies have of an attribute: its own, where that has the same words."""
    whole = table.with_replies()
    return name if attributes.reply_attributes().words(name) == whole.words(name) else f"{name}_word"


@dataclass(frozen=True)
class Schema:
    """The columns of one recipe.

    Attributes:
        table: its attributes, those of the paper's replies among them.
        further: slot -> the columns that its feature writes beyond the contract's.
        of_stages: the columns of stages that the recipe adds.
    """

    table: AttributeTable
    further: Mapping[str, tuple[Column, ...]]
    of_stages: tuple[Column, ...] = ()

    def with_columns(self, columns: Iterable[Column]) -> Schema:
        """The schema with the columns of the recipe's own stages.

        Raises:
            SemoError: one of them is there already.
        """
        made = replace(self, of_stages=tuple(columns))
        made.require_unique()
        return made

    def require_unique(self) -> None:
        """Refuse a column that two would write."""
        names = [column.name for column in (*self.row, *self.working)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SemoError(
                f"the column '{twice[0]}' would be written twice; rename it in your feature, attribute or stage"
            )

    @cached_property
    def measurements(self) -> tuple[Column, ...]:
        """All measurements: the contract's, then those of further features."""
        return (*MEASUREMENTS, *FURTHER, *(column for columns in self.further.values() for column in columns))

    @cached_property
    def words(self) -> tuple[Column, ...]:
        """The contract's words."""
        return tuple(column for attribute in self._of_replies for column in self._word(attribute))

    @cached_property
    def stability(self) -> tuple[Column, ...]:
        """How sure a value is, and the state beside the trait, of the contract's words."""
        mine = self._of_replies
        return (
            GENDER_PROBABILITY, *map(_margin, mine), *map(_stability, mine), *map(self._against_speaker, mine),
        )  # fmt: skip

    @cached_property
    def added(self) -> tuple[Column, ...]:
        """What stands after the contract's columns."""
        columns_added = [*FURTHER, *(column for columns in self.further.values() for column in columns)]
        columns_added += self._reply_words if self._reply_words_differ else ()
        for attribute in self.table.values():
            if not attribute.reply:
                columns_added += [*self._word(attribute), _margin(attribute), _stability(attribute)]
                columns_added += [self._against_speaker(attribute)] if SPEAKER in attribute.against else []
        return (*columns_added, *self.of_stages)

    @cached_property
    def row(self) -> tuple[Column, ...]:
        """What users get, in order."""
        return (
            *IDENTITY, *MEASUREMENTS, *self.words, *NOTES, *REPLIES, *CAPTIONS, *self.stability, *SOURCES, *self.added,
        )  # fmt: skip

    @cached_property
    def working(self) -> tuple[Column, ...]:
        """Columns of ``work/`` alone."""
        notes = [
            Column(f"notes_{slot}", TEXTS, f"notes from measuring {slot}")
            for slot in dict.fromkeys((*SLOTS, *self.further))
        ]
        reply_words = () if self._reply_words_differ else self._reply_words
        return (*WORKING, *notes, *AFTER_MEASURING[:2], *reply_words, *AFTER_MEASURING[2:], *AFTER_REVIEW)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """All columns by name."""
        return {column.name: column for column in (*self.row, *self.working)}

    @cached_property
    def note_parts(self) -> tuple[str, ...]:
        """The columns that ``notes`` is put together from."""
        return tuple(column.name for column in self.working if column.name.startswith("notes_"))

    @cached_property
    def worded(self) -> dict[str, tuple[str, ...]]:
        """Part of the wording stage (``words``, ``own``) -> the columns that it writes."""
        speaker_words = tuple(
            word_column(name, SPEAKER) for name, attribute in self.table.items() if SPEAKER in attribute.against
        )
        words = [f"{name}{ending}" for name in self.table for ending in ("", "_scale", "_margin", "_sure")]
        words += [column.name for column in self._reply_words]
        return {"words": (*words, "hedged", "notes_words"), "own": speaker_words}

    def arrow(self, names: Iterable[str]) -> pa.Schema:
        """The Arrow schema of some columns, in the order given."""
        return pa.schema([(name, self.columns[name].type) for name in names])

    @property
    def _of_replies(self) -> list[Attribute]:
        return [attribute for attribute in self.table.values() if attribute.reply]

    @cached_property
    def _reply_words(self) -> tuple[Column, ...]:
        about = "the word for {} in the paper's replies: always one of three levels, even if it is doubtful"
        return tuple(
            Column(f"{attribute.name}_word", TEXT, about.format(attribute.name)) for attribute in self._of_replies
        )

    @property
    def _reply_words_differ(self) -> bool:
        """Whether users need the words of replies beside those of the attributes."""
        return any(reply_word_column(attribute.name, self.table) != attribute.name for attribute in self._of_replies)

    def _word(self, attribute: Attribute) -> tuple[Column, ...]:
        group = (
            f"group of clips whose edges were used for {attribute.name}"
            if GROUP in attribute.against
            else "absolute: the edges are fixed, not fitted"
        )
        return Column(attribute.name, TEXT, _listed(self.table.words(attribute.name))), Column(
            f"{attribute.name}_scale", TEXT, group
        )

    def _against_speaker(self, attribute: Attribute) -> Column:
        words = _listed(self.table.words(attribute.name))
        return Column(
            word_column(attribute.name, SPEAKER),
            TEXT,
            f"{words} relative to the speaker's other clips; null if there are too few",
        )


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _margin(attribute: Attribute) -> Column:
    units = " or ".join(dict.fromkeys(unit or "as a ratio" for unit in attribute.measures.values()))
    measure = " or ".join(attribute.measures)
    return Column(
        f"{attribute.name}_margin", REAL, f"{measure} minus the nearest edge of {attribute.name}_scale, {units}"
    )


def _stability(attribute: Attribute) -> Column:
    about = f"probability that the word for {attribute.name} stays the same if the clip is disturbed and measured again"
    return Column(f"{attribute.name}_sure", REAL, about)


def of(table: AttributeTable, written: Mapping[str, Mapping[str, str]] | None = None) -> Schema:
    """The schema of a recipe.

    Args:
        table: its attributes.
        written: slot -> column -> what it means, for everything that its features write.

    Raises:
        SemoError: a feature writes a column that is another's.
    """
    contract = {column.name for column in (*IDENTITY, *MEASUREMENTS, *FURTHER, *SOURCES, *WORKING, *AFTER_MEASURING)}
    further = {
        slot: tuple(Column(name, REAL, about) for name, about in columns.items() if name not in contract)
        for slot, columns in (written or {}).items()
    }
    made = Schema(
        table.with_replies(), {slot: columns for slot, columns in further.items() if columns or slot not in SLOTS}
    )
    made.require_unique()
    return made


SHIPPED = of(attributes.table(attributes.ALL))
# every column that the shipped attributes and features make, for what knows no recipe
ROW, COLUMNS = SHIPPED.row, SHIPPED.columns


def arrow(names: Iterable[str]) -> pa.Schema:
    """The Arrow schema of some columns of the shipped schema, in the order given."""
    return SHIPPED.arrow(names)
