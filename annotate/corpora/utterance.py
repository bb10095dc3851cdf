"""What a reader gives for each recording, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Utterance:
    """One recording as its corpus describes it.

    Attributes:
        id: unique within the corpus.
        path: the recording, relative to the corpus root, with forward slashes.
        written: the transcript as the corpus writes it, where remarks were taken out of ``transcript``.
        placed_id: whether the recording's path below the root is a better id than ``id``.
        emotion: the label as the corpus writes it; None where it gives none.
        gender: ``female``, ``male`` or None; never guessed.
        drop: why the row is put aside, where the reader can tell already.
        notes: notes from reading the corpus (an encoding, a score out of range).
        start: where in its file the utterance begins, in seconds; None for the beginning.
        end: where it ends; None for the end.
        measured: measurements that the corpus brings along, by column, for features that are ``given``.
    """

    id: str
    path: str
    speaker: str | None = None
    gender: str | None = None
    session: str | None = None
    emotion: str | None = None
    intensity: str | None = None
    transcript: str | None = None
    written: str | None = None
    placed_id: bool = False
    language: str | None = None
    split: str | None = None
    valence: float | None = None
    arousal: float | None = None
    dominance: float | None = None
    start: float | None = None
    end: float | None = None
    drop: str | None = None
    notes: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)


FIELDS = tuple(field.name for field in fields(Utterance))
