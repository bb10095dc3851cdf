"""What a feature plug-in is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.audio.recording import Recording
from annotate.store.columns import BY_SLOT, FURTHER_BY_SLOT

# what each shipped slot fills, whichever of its plug-ins is chosen
SLOT_COLUMNS = {
    "transcript": ("transcript",),
    "gender": ("gender_log_odds",),
    **{slot: tuple(column.name for column in columns) for slot, columns in BY_SLOT.items()},
}


# what shipped features measure beyond the contract, null where another of their slot does not
FURTHER_COLUMNS = {slot: tuple(column.name for column in columns) for slot, columns in FURTHER_BY_SLOT.items()}
# text beside a slot's numbers: what they were made from, and why they were not
SOURCE_COLUMNS: Mapping[str, tuple[str, ...]] = {"rate": ("rate_source", "rate_refused")}


@dataclass
class Measured:
    """What a feature found in one recording.

    Attributes:
        values: by column; a column left out is null.
        notes: why a column is null, or how it was measured where that is out of the ordinary.
    """

    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Feature:
    """A feature plug-in: ``measure(recording, row)`` and what it depends on.

    Attributes:
        version: goes up when the same recording would give other values; names the library that decides.
        writes: columns it fills: those of its slot, and its own, which become columns of the data set.
        measure: a pure function of the recording and the columns in ``reads``. A silent recording is
            never given to it unless ``needs_sound`` is False.
        reads: columns of the row, of the corpus or of an earlier feature.
        needs_sound: whether there is nothing to measure in a silent recording.
        options: keys of the recipe's ``features`` beside the slots that it depends on; it finds them in the row.
        needs_recording: whether it listens at all; where no feature does, no recording is opened.
        about: column of its own -> what it means, with the unit.
    """

    version: str
    writes: tuple[str, ...]
    measure: Callable[[Recording, Mapping[str, Any]], Measured]
    reads: tuple[str, ...] = ()
    needs_sound: bool = True
    options: tuple[str, ...] = ()
    needs_recording: bool = True
    about: Mapping[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, str]:
        """Every column that it writes, and what it means as far as it says so."""
        return {name: self.about.get(name, "a measurement of its own") for name in self.writes}
