"""The measuring stage: decode a recording once, then let every feature that is wanted look at it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate import registry
from annotate.attributes import AttributeTable
from annotate.audio.recording import RATE
from annotate.corpora import locator
from annotate.corpora.recording_path import RecordingPaths
from annotate.engine.stage import Part, Row, Stage
from annotate.errors import unknown_name
from annotate.features.feature import FURTHER_COLUMNS, SLOT_COLUMNS, SOURCE_COLUMNS, Feature, Measured
from annotate.store import schema
from annotate.store.schema import Schema

if TYPE_CHECKING:
    from annotate.audio.recording import Recording

AUDIO = Part(
    name="audio",
    version="5",
    reads=("path", "audio_bytes", "audio_mtime_ns", "drop_corpus", "drop_select"),
    writes=("duration", "audio_digest", "audio_flaw", "drop_decoded", "notes_audio"),
    settings={"rate": RATE},
)
CHANGED = "the file has changed since the corpus was read: run the same command again"
# where no feature listens the recordings are not opened, and need not be there to be measured
UNHEARD = replace(AUDIO, version="5 unheard", reads=(*AUDIO.reads, "measured_given"), settings={})


@dataclass(frozen=True)
class Measure:
    """``compute`` of the stage; holds names only, so that it travels to workers cheaply."""

    root: Path
    chosen: Mapping[str, str]
    listens: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """For each wanted part one row of its columns per row given."""
        from threadpoolctl import threadpool_limits

        # matrices of one clip are small: further BLAS threads only wait for work, each at the cost of a core
        with threadpool_limits(1, user_api="blas"):
            return self._all(rows, wanted)

    def _all(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        features = {slot: registry.load(slot, name) for slot, name in self.chosen.items() if name != "none"}
        results: dict[str, list[Row]] = {part: [] for part in wanted}
        for row in rows:
            for part, values in self._measure_row(row, wanted, features).items():
                results[part].append(values)
        return results

    def _measure_row(self, row: Row, wanted: Sequence[str], features: Mapping[str, Feature]) -> dict[str, Row]:
        recording, about_audio = self._decode(row) if self.listens else (None, _unopened(row))
        return self.measured(recording, about_audio, row, wanted, features)

    def measured(
        self, recording: Any, about_audio: Row, row: Row, wanted: Sequence[str], features: Mapping[str, Feature]
    ) -> dict[str, Row]:
        """The columns of each wanted part for a recording that is decoded already."""
        results: dict[str, Row] = {"audio": about_audio} if "audio" in wanted else {}
        seen = {**row, **self.options, **about_audio}
        for slot in self.chosen:
            if slot not in wanted:
                continue
            measured = measure_feature(features.get(slot), recording, seen)
            results[slot] = {**measured.values, f"notes_{slot}": measured.notes}
            seen |= measured.values
        return results

    def _decode(self, row: Row) -> tuple[Any, Row]:
        """The recording, or None where the row was put aside or its file is refused."""
        from annotate.audio.decode import Refused, decode

        if row["drop_corpus"] or row["drop_select"]:
            return None, _audio()
        if changed := self._changed(row):
            return None, _audio(drop_decoded=changed)
        try:
            decoded = decode(self.root / row["path"])
        except Refused as refused:
            return None, _audio(drop_decoded=str(refused))
        duration, notes = decoded.recording.duration, list(decoded.notes)
        return decoded.recording, _audio(
            duration=duration, audio_digest=decoded.digest, audio_flaw=decoded.flaw, notes_audio=notes
        )

    def _changed(self, row: Row) -> str | None:
        """Why a file is no longer what it was when the corpus was read, or None."""
        place = RecordingPaths(self.root).find(locator.part(row["path"])[0])
        if place.refused or (place.size, place.changed_ns) == (row["audio_bytes"], row["audio_mtime_ns"]):
            return place.refused
        return CHANGED


def _audio(**known: Any) -> Row:
    """The columns of the part ``audio``."""
    return {
        "duration": None,
        "audio_digest": None,
        "audio_flaw": None,
        "drop_decoded": None,
        "notes_audio": [],
        **known,
    }


def _unopened(row: Row) -> Row:
    """What is known of a recording that nobody opens."""
    put_aside = row["drop_corpus"] or row["drop_select"]
    duration = None if put_aside else json.loads(row["measured_given"] or "{}").get("duration")
    return _audio(duration=duration)


def measure_feature(feature: Feature | None, recording: Any, row: Row) -> Measured:
    """What a feature measures; nothing of a row that was put aside, or of silence where it needs sound."""
    if feature is None or row["drop_corpus"] or row["drop_select"] or row["drop_decoded"]:
        return Measured()
    if feature.needs_recording and recording is None:
        return Measured()
    if recording is not None and recording.silent and feature.needs_sound:
        return Measured()  # the note on the audio says why
    return _finite(feature.measure(recording, row))


def _finite(measured: Measured) -> Measured:
    """What is not a number is null with its reason, whichever feature gave it: a NaN in a column spoils edges."""
    import numpy as np

    wrong = [n for n, v in measured.values.items() if isinstance(v, float | np.floating) and not math.isfinite(v)]
    if not wrong:
        return measured
    values = {name: value for name, value in measured.values.items() if name not in wrong}
    return Measured(values, [*measured.notes, *(f"{name}: not a number, left out" for name in wrong)])


def measure_recording(
    recording: Recording, chosen: Mapping[str, str], known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Measure one decoded recording as a run does: every column of the chosen features, and their notes.

    Args:
        recording: one channel at ``RATE``.
        chosen: slot -> estimator, in the order in which one may read what another measures.
        known: columns that the estimators read: ``transcript``, ``language``, ``gender_given``, ...

    Returns:
        Columns, not yet rounded to the 32 bits of the store, and ``notes_SLOT`` for each slot.
    """
    from threadpoolctl import threadpool_limits

    row = {"drop_corpus": None, "drop_select": None, "transcript": None, "language": None, **(known or {})}
    about = {"duration": recording.duration, "drop_decoded": None}
    features = {slot: registry.load(slot, name) for slot, name in chosen.items() if name != "none"}
    with threadpool_limits(1, user_api="blas"):  # as in a run: with other threads sums round otherwise
        parts = Measure(Path(), chosen).measured(recording, about, row, list(chosen), features)
    return {name: value for columns in parts.values() for name, value in columns.items()}


def stage(root: Path, chosen: Mapping[str, str]) -> Stage:
    """The measuring stage for a recipe's features.

    Args:
        root: the corpus root; where it lies changes no value and is no part of any fingerprint.
        chosen: slot -> name of the plug-in, or ``none``; and the options of plug-ins.
    """
    ordered = registry.slots(chosen)
    options = {name: value for name, value in chosen.items() if name not in ordered}
    features = [registry.load(slot, name) for slot, name in ordered.items() if name != "none"]
    listens = any(feature.needs_recording for feature in features)
    first = AUDIO if listens else UNHEARD
    parts = (first, *(_part(slot, name, first.reads, options) for slot, name in ordered.items()))
    return Stage("measure", parts, Measure(root, ordered, listens, options))


def row_schema(chosen: Mapping[str, Any], table: AttributeTable) -> Schema:
    """The columns of a recipe's rows.

    Args:
        chosen: the recipe's ``features``.
        table: its attributes.
    """
    plugins = {slot: registry.load(slot, name) for slot, name in registry.slots(chosen).items() if name != "none"}
    made = schema.of(table, {slot: plugin.described() for slot, plugin in plugins.items()})
    columns = [column.name for column in made.measurements]
    for attribute in table.values():
        if not any(measure in columns for measure in attribute.measures):
            raise unknown_name(f"{attribute.origin}: measure", attribute.measure, columns)
    return made


def _part(slot: str, name: str, always: tuple[str, ...], options: Mapping[str, Any]) -> Part:
    feature = registry.load(slot, name) if name != "none" else None
    # a slot writes all its columns whatever fills them, so that these never depend on the recipe; others are the
    # feature's own
    mine = tuple(
        dict.fromkeys(
            (
                *SLOT_COLUMNS.get(slot, ()),
                *FURTHER_COLUMNS.get(slot, ()),
                *SOURCE_COLUMNS.get(slot, ()),
                *(feature.writes if feature else ()),
            )
        )
    )
    file = registry.digest(name)
    return Part(
        name=slot,
        version=feature.version if feature else "0",
        reads=tuple(dict.fromkeys((*always, *(feature.reads if feature else ())))),
        writes=(*mine, f"notes_{slot}"),
        settings={
            "estimator": name,
            **({"file": file} if file else {}),
            **{option: options.get(option) for option in (feature.options if feature else ())},
        },
    )
