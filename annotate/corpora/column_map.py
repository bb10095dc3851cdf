"""A column map: which column of a table, or part of a file's name, fills which field of an utterance.

``columns`` maps a field to a column (``speaker: SpkrID``) or to a text with columns in braces
(``path: "Audios/{FileName}"``). ``values`` translates what a column holds (``gender: {F: female}``), to null
where it means nothing. Fields that are not mapped are filled from a column of a usual name. Columns that bear
the name of one of our measurements (``pitch_median_hz``, ``duration``) are kept for features that are ``given``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.corpora import corpus_text, path_spelling, times
from annotate.corpora.reader import Request, without_ending
from annotate.corpora.utterance import FIELDS, Utterance
from annotate.errors import UsageError, nearest, unknown_name
from annotate.store.columns import FURTHER, MEASUREMENTS

NUMBERS = ("valence", "arousal", "dominance")
NO_TARGETS = ("written", "drop", "notes", "measured")
TARGETS = (*(name for name in FIELDS if name not in NO_TARGETS), times.LENGTH)
MEASURED = ("duration", *(column.name for column in (*MEASUREMENTS, *FURTHER)))
# field -> names that tables usually give it, compared without case, spaces, "_" and "-"
USUAL = {
    "id": ("id", "key", "utteranceid", "uttid", "utt", "segmentid"),
    "path": (
        "path",
        "filename",
        "filepath",
        "file",
        "wav",
        "wavpath",
        "audiopath",
        "audiofile",
        "audiofilepath",
        "audio",
        "recording",
    ),
    "speaker": ("speaker", "speakerid", "spk", "spkid", "spkrid", "actor", "clientid"),
    "gender": ("gender", "sex", "speakergender"),
    "session": ("session", "sessionid"),
    "emotion": ("emotion", "emo", "label", "emotionlabel", "emoclass", "category"),
    "intensity": ("intensity", "level"),
    "transcript": ("transcript", "transcription", "text", "sentence", "utterance", "normalizedtext"),
    "language": ("language", "lang", "locale"),
    "split": ("split", "splitset", "subset", "partition", "set"),
    "valence": ("valence", "emoval", "val"),
    "arousal": ("arousal", "activation", "emoact", "act", "aro"),
    "dominance": ("dominance", "emodom", "dom"),
}
BRACES = re.compile(r"\{([^{}]+)\}")
OPTIONS = {
    "columns": "field of an utterance -> column, or a text with columns in braces",
    "values": "field -> what the column holds -> what it means (null: nothing)",
    "transcript_file": "text file of each recording, with columns in braces, e.g. Transcripts/{id}.txt",
}


@dataclass(frozen=True)
class ColumnMap:
    """A column map, checked against the columns that there are.

    Attributes:
        sources: field -> column, or text with columns in braces.
        values: field -> translation of what the column holds.
        measured: columns that hold measurements.
    """

    sources: Mapping[str, str]
    values: Mapping[str, Mapping[str, str | None]]
    transcript_file: str | None = None
    measured: tuple[str, ...] = ()

    def utterance(self, row: Mapping[str, Any], request: Request, default: str) -> Utterance:
        """The utterance that a row describes.

        Args:
            row: values by column.
            request: its manifest translates codes of texts and says what the files do not say of speakers.
            default: the id where there is neither an id nor a path.
        """
        notes: list[str] = []
        values: dict[str, Any] = {field: self._value(field, row, notes) for field in self.sources}
        path = values.get("path") or ""
        values["path"] = path
        drop = self._placed(values)
        part = (values.get(times.START), values.get(times.END))
        cut = f"{without_ending(path)}_{times.named(*part)}" if path and any(time is not None for time in part) else ""
        named = without_ending(values.get("id") or "")
        # a path of somebody's machine says more than an id may
        elsewhere = not named and path_spelling.is_absolute(path)
        values["placed_id"] = elsewhere
        values["id"] = named or (default if elsewhere else (cut or without_ending(path)).replace("\\", "/")) or default
        code = values.get("transcript")
        if code is not None and request.manifest.transcripts:
            values["transcript"] = request.manifest.transcripts.get(code)
            if values["transcript"] is None:
                notes.append(f"transcript: no text for the code '{code}'")
        raw = values.get("transcript")
        if self.transcript_file:
            values["transcript"], tags = _beside(self.transcript_file, {**row, **values}, request)
        else:
            values["transcript"], tags = corpus_text.spoken(values.get("transcript"), values.get("speaker"))
        values["written"] = corpus_text.written(raw, values["transcript"])
        measured = {name: number(name, value, notes) for name in self.measured if (value := plain(row.get(name)))}
        facts = {**speaker_facts(request, values.get("speaker")), **_given(values)}
        return Utterance(**facts, drop=drop, notes=(*notes, *tags), measured=_given(measured))

    def _placed(self, values: dict[str, Any]) -> str | None:
        """Put the part of the recording into the fields; or the reason to put the row aside."""
        given = {field: values.pop(field, None) for field in times.TIMES}
        try:
            values[times.START], values[times.END] = times.part_of(given, self.sources)
        except ValueError as wrong:
            return str(wrong)
        return None

    def _value(self, field: str, row: Mapping[str, Any], notes: list[str]) -> Any:
        source = self.sources[field]
        value = filled(source, row) if "{" in source else plain(row.get(source))
        known = self.values.get(field, {})
        if value is not None and value in known:
            value = known[value]
        if value is None or field not in (*NUMBERS, "gender"):
            return value
        if field == "gender":
            gender = gender_of(value)
            if gender is None:
                notes.append(f"gender: '{value}' is neither female nor male as far as values.gender says")
            return gender
        return number(field, value, notes)


@cache
def genders() -> dict[str, str]:
    """How corpora write the sex of a speaker (``genders.yaml``) -> female or male."""
    content = documents.packaged_yaml(Path(__file__).with_name("genders.yaml"))
    return {word.strip(): gender for gender, listed in content.items() for word in listed.split(",")}


def gender_of(written: str) -> str | None:
    """Female or male, however a corpus writes it; None for anything else."""
    return genders().get(unicodedata.normalize("NFC", written).strip().casefold())


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def speaker_facts(request: Request, speaker: str | None) -> dict[str, Any]:
    """What the manifest says of a speaker that an utterance can carry."""
    facts = request.manifest.speakers.get(speaker or "", {})
    return {name: facts[name] for name in ("gender", "language") if name in facts}


def of(request: Request, available: Iterable[str], where: str, open_ended: bool = False) -> ColumnMap:
    """The column map of a corpus.

    Args:
        request: its options hold ``columns``, ``values`` and ``transcript_file``.
        available: the columns that there are.
        where: named in errors: the table, or the pattern.
        open_ended: whether rows may have columns that are not among ``available``.

    Raises:
        UsageError: a field or a column that is not there, with the nearest one that is.
    """
    names = list(available)
    mapped = _mapping(request, "columns")
    values = {field: _translation(field, known) for field, known in _mapping(request, "values").items()}
    for field in (*mapped, *values):
        if field not in TARGETS:
            raise unknown_name("corpus.options.columns: field", field, TARGETS)
    sources = {str(field): str(source) for field, source in mapped.items() if source is not None}
    for field, source in sources.items():
        for name in BRACES.findall(source) if "{" in source else [source]:
            if name not in names and not open_ended:
                close = nearest(name, names)
                hint = f"did you mean '{close}'?" if close else f"it has {', '.join(names[:20])}"
                raise UsageError(f"{where} has no column '{name}' (columns.{field}); {hint}")
    usual = {_squeezed(name): name for name in reversed(names)}
    for field, known in USUAL.items():
        if field not in mapped:
            sources |= next(({field: usual[column]} for column in known if column in usual), {})
    sources |= times.sources(names, mapped, where)
    measured = tuple(name for name in names if name in MEASURED)
    return ColumnMap(sources, values, request.text("transcript_file"), measured)


def filled(template: str, row: Mapping[str, Any]) -> str | None:
    """The text with its columns filled in; None where one of them holds nothing."""
    parts = {name: plain(row.get(name)) for name in BRACES.findall(template)}
    if None in parts.values():
        return None
    return BRACES.sub(lambda match: parts[match[1]] or "", template)


def plain(value: Any) -> str | None:
    """A cell as text; None for an empty one and for what is not a number."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    shown = str(value).strip()
    return shown or None


def number(field: str, value: str, notes: list[str]) -> float | None:
    """A score as a number; what is none is told in a note."""
    try:
        parsed = float(value)
    except ValueError:
        notes.append(f"{field}: '{value[:40]}' is not a number")
        return None
    if not math.isfinite(parsed):
        notes.append(f"{field}: no number is given")
        return None
    return parsed


def _beside(template: str, row: Mapping[str, Any], request: Request) -> tuple[str | None, tuple[str, ...]]:
    """The text in the file beside a recording; it must lie below the root like the recording itself."""
    named = filled(template, row)
    try:
        path = (request.root / (named or "")).resolve()
        there = named is not None and path.is_relative_to(request.root.resolve()) and path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    return (
        corpus_text.of_recording(path) if there else (None, ("transcript: there is no text file for this recording",))
    )


def _mapping(request: Request, name: str) -> dict[str, Any]:
    value = request.options.get(name) or {}
    if not isinstance(value, dict):
        raise UsageError(f"corpus.options.{name}: expected a mapping of fields, found {value!r}")
    return value


def _translation(field: str, known: Any) -> dict[str, str | None]:
    if not isinstance(known, dict):
        raise UsageError(f"corpus.options.values.{field}: expected a mapping, found {known!r}")
    return {str(key): None if value is None else str(value) for key, value in known.items()}


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()
