"""``annotate.measure`` and ``annotate.measure_all``: recordings into the columns of a row."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from annotate.api.audio import Audio, decoded
from annotate.engine.workers import worker_count
from annotate.errors import SemoError, UsageError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from annotate.store.schema import Schema

IDENTITY = (
    "duration", "speaker", "gender", "gender_source", "gender_probability", "language", "transcript", "rate_source",
)  # fmt: skip
KNOWN = ("transcript", "language", "gender", "speaker")  # what a caller may know of a recording
CHUNK = 8  # clips handed to a worker at a time


class Clip(Mapping[str, float | str | None]):
    """A measured recording: its columns, as the data set would hold them, and why some are null.

    Attributes:
        notes: why a column is null, or how it was measured where that is out of the ordinary.
        features: slot -> estimator that measured it, which decides how stable a word is.
    """

    def __init__(self, columns: Mapping[str, Any], notes: Iterable[str], features: Mapping[str, str]) -> None:
        self._columns = dict(columns)
        self.notes = tuple(notes)
        self.features = dict(features)

    def __getitem__(self, name: str) -> float | str | None:
        try:
            value: float | str | None = self._columns[name]
        except KeyError:
            raise unknown_name("column", str(name), self._columns) from None
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        known = ", ".join(
            f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value!r}"
            for name, value in self._columns.items()
            if value is not None
        )
        return f"Clip({known})"


def measure(
    audio: Audio,
    *,
    transcript: str | None = None,
    language: str | None = None,
    gender: str | None = None,
    features: Mapping[str, str] | None = None,
) -> Clip:
    """Measure one recording: pitch, loudness, speaking rate, gender, voice quality.

    The values are those that ``semo-annotate run`` writes into the row of the same recording, bit for bit.

    Args:
        audio: a path; ``(samples, rate)`` with samples of shape (n,) or (n, channels), floats with full scale 1 or
            whole numbers; or an audio value of `datasets`.
        transcript: the words spoken. Without them the speaking rate is null, unless ``features={"rate": "signal"}``.
        language: ISO 639-1 code of the transcript, as in ``"en"``.
        gender: ``"female"`` or ``"male"``; ``features={"gender": "voice"}`` estimates it.
        features: slot -> estimator, in place of a recipe's defaults; ``semo-annotate list features`` lists them.

    Returns:
        The columns of the row (units are in their names) and the reasons for those that are null.

    Raises:
        SemoError: the recording cannot be measured, or an argument is wrong; one line says what and why.

    Example:
        >>> import numpy as np, annotate
        >>> time = np.arange(16000) / 16000
        >>> clip = annotate.measure((0.1 * np.sign(np.sin(2 * np.pi * 200 * time)), 16000), gender="female")
        >>> round(clip["pitch_median_hz"])
        200
    """
    measuring = Measuring.of(features)
    return measuring.clip(audio, {"transcript": transcript, "language": language, "gender": gender})


@dataclass(frozen=True)
class Measuring:
    """The estimators of a call, and the options that they take."""

    features: Mapping[str, str]
    options: Mapping[str, Any]

    @classmethod
    def of(cls, features: Mapping[str, str] | None) -> Measuring:
        """The recipe's defaults with the caller's choice in their place."""
        from pydantic import ValidationError

        from annotate import recipe_sections, registry

        try:
            chosen = recipe_sections.FeatureSettings(
                **{str(slot): name for slot, name in (features or {}).items()}
            ).model_dump()
        except ValidationError as error:
            raise UsageError(f"features: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
        slots = registry.slots(chosen)
        return cls(slots, {name: value for name, value in chosen.items() if name not in slots})

    def clip(self, audio: Audio, known: Mapping[str, Any]) -> Clip:
        """One recording, measured."""
        from annotate.features.speaker_gender import Genders

        row = self.row(audio, known)
        row |= Genders({}).compute_row(row)
        return self.finished(row)

    def row(self, audio: Audio, known: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of the measuring stage, as the store would give them back; gender is not resolved yet."""
        from annotate.features.measure import measure_recording

        _check(known)
        row = dict.fromkeys(self.schema.columns)
        row |= {"language": known.get("language"), "speaker": known.get("speaker")}
        row |= {f"{name}_given": known.get(name) for name in ("transcript", "gender")}
        recording = decoded(audio)
        about = {"duration": recording.recording.duration, "drop_decoded": None, "notes_audio": list(recording.notes)}
        row |= about | measure_recording(recording.recording, self.features, {**row, **self.options})
        return {name: self._stored(name, value) for name, value in row.items()}

    def finished(self, row: Mapping[str, Any]) -> Clip:
        """The clip of a row whose gender is resolved."""
        names = [*IDENTITY, *(column.name for column in self.schema.measurements)]
        notes = [note for part in self.schema.note_parts for note in row.get(part) or []]
        return Clip({name: self._stored(name, row.get(name)) for name in names}, notes, self.features)

    @cached_property
    def schema(self) -> Schema:
        """The columns of a row that these features measure."""
        from annotate import attributes
        from annotate.features.measure import row_schema

        return row_schema({**self.features, **self.options}, attributes.reply_attributes())

    def _stored(self, name: str, value: Any) -> Any:
        """A value as the data set gives it back: numbers are 32-bit floats there."""
        import numpy as np
        import pyarrow as pa

        column = self.schema.columns.get(name)
        if isinstance(value, float | np.floating) and column is not None and column.type == pa.float32():
            return float(np.float32(value))
        return value


def _check(known: Mapping[str, Any]) -> None:
    for name in KNOWN:
        value = known.get(name)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{name}: {value!r} is {type(value).__name__}; expected text or None")
    if known.get("gender") not in (None, "female", "male"):
        raise UsageError(f"gender: '{known['gender']}'; expected 'female', 'male' or None")


def measure_all(
    recordings: Iterable[Audio] | pd.DataFrame,
    *,
    features: Mapping[str, str] | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Measure many recordings; a recording that cannot be measured is a row that says why.

    Args:
        recordings: paths, or what else ``measure`` takes; or a table with a column ``path`` (or ``audio``) and, where
            known, ``transcript``, ``language``, ``gender`` and ``speaker``. Its other columns are kept.
        features: slot -> estimator, as in ``measure``. An estimated gender is that of all clips of a speaker.
        workers: processes; all cores where it is not given. With 1 everything happens in this process.
        progress: show a bar.

    Returns:
        A row for each recording, in their order and with the table's own index: the given columns, the measured ones,
        ``notes`` (a list of reasons) and ``error`` (why the recording could not be measured, else None).

    Raises:
        SemoError: the table has neither ``path`` nor ``audio``, or an argument is wrong.
    """
    measuring = Measuring.of(features)
    table = _table(recordings)
    given = [_Given(audio, known) for audio, known in _rows(table)]
    rows = list(_shown(_spread(measuring, given, worker_count(workers)), len(given), progress))
    return _frame(table, _with_genders(measuring, rows), measuring)


@dataclass(frozen=True)
class _Given:
    """What a worker is handed."""

    audio: Any
    known: Mapping[str, Any]


def _table(recordings: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(recordings, str | os.PathLike):
        raise UsageError(
            f"measure_all: one path given, {os.fspath(recordings)}; expected a list of recordings or a table"
        )
    if not isinstance(recordings, pd.DataFrame):
        held = list(recordings)
        kind = "path" if all(isinstance(audio, str | os.PathLike) for audio in held) else "audio"
        # an object array element by element: numpy would look into tuples of samples
        made: pd.DataFrame = pd.DataFrame({kind: pd.Series(held, dtype=object)})
        return made
    if not {"path", "audio"} & set(recordings.columns):
        raise UsageError(f"measure_all: columns {', '.join(map(str, recordings.columns))}; expected 'path' or 'audio'")
    table: pd.DataFrame = recordings
    return table


def _rows(table: pd.DataFrame) -> Iterator[tuple[Any, dict[str, Any]]]:
    import pandas as pd

    audio = table["audio" if "audio" in table.columns else "path"]
    known = {name: table[name] for name in KNOWN if name in table.columns}
    for place in range(len(table)):
        values = {name: column.iloc[place] for name, column in known.items()}
        yield audio.iloc[place], {name: None if pd.isna(value) else value for name, value in values.items()}


def _spread(measuring: Measuring, given: list[_Given], workers: int) -> Iterator[dict[str, Any]]:
    """The measured rows in their order, computed by so many processes."""
    one_row = partial(_row_or_error, measuring)
    if workers == 1 or len(given) <= 1:
        yield from map(one_row, given)
        return
    from annotate.engine.worker_pool import WORKER_LOST, WorkerPool

    with WorkerPool(min(workers, len(given))) as pool:
        try:
            yield from pool.map(one_row, given, chunksize=max(1, min(CHUNK, len(given) // workers)))
        except BrokenProcessPool:
            raise SemoError(WORKER_LOST) from None


def _row_or_error(measuring: Measuring, given: _Given) -> dict[str, Any]:
    try:
        return {**measuring.row(given.audio, given.known), "error": None}
    except SemoError as error:
        return {"error": str(error), "speaker": given.known.get("speaker"), "gender_given": given.known.get("gender")}


def _shown(rows: Iterator[dict[str, Any]], count: int, progress: bool) -> Iterator[dict[str, Any]]:
    from annotate.progress import Progress

    with Progress(quiet=not progress) as shown:
        shown.start("measure", count)
        for row in rows:
            shown.advance(1)
            yield row


def _with_genders(measuring: Measuring, rows: list[dict[str, Any]]) -> list[tuple[Clip, str | None]]:
    """Each row's clip; an estimated gender is the speaker's, from all of their clips together."""
    from annotate.features.speaker_gender import Genders, mean_log_odds

    full = [{"gender_given": None, "gender_log_odds": None, "speaker": None, **row} for row in rows]
    genders = Genders({} if measuring.features["gender"] in ("corpus", "none") else mean_log_odds(full))
    return [(measuring.finished({**row, **genders.compute_row(row)}), row["error"]) for row in full]


def _frame(table: pd.DataFrame, clips: list[tuple[Clip, str | None]], measuring: Measuring) -> pd.DataFrame:
    import pandas as pd

    columns = list(clips[0][0]) if clips else list(measuring.finished({}))
    measured = pd.DataFrame(
        [[*clip.values(), list(clip.notes), error] for clip, error in clips],
        columns=[*columns, "notes", "error"], index=table.index,
    )  # fmt: skip
    kept = table[[name for name in table.columns if name not in measured.columns]]
    whole: pd.DataFrame = pd.concat([kept, measured], axis=1)
    whole.attrs["features"] = dict(measuring.features)  # which estimators, for the stability of words
    return whole
