"""The measurements of all clips, by column: what scales and each speaker's usual are fitted on.

A million clips with twelve measurements are 56 MB: float32, as the columns are stored, and a code for each speaker
and gender.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
NOBODY = -1


@dataclass(frozen=True)
class ClipMeasurements:
    """Columns of some clips, all of one length.

    Attributes:
        values: column -> measurements, NaN where not measured, shape (clips,).
        speaker, gender: place in ``speakers`` and ``genders``, -1 where unknown, shape (clips,).
        speakers, genders: their names.
    """

    values: Mapping[str, NDArray[Any]]
    speaker: Codes
    gender: Codes
    speakers: Sequence[str]
    genders: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> ClipMeasurements:
        """From rows, each with ``speaker``, ``gender`` and the columns."""
        held = list(rows)
        values = {
            name: np.array([np.nan if row[name] is None else row[name] for row in held], dtype=np.float64)
            for name in dict.fromkeys(columns)
        }
        speaker, speakers = _coded([row["speaker"] for row in held])
        gender, genders = _coded([row.get("gender") for row in held])
        return cls(values, speaker, gender, speakers, genders)

    @classmethod
    def gathered(cls, tables: Iterable[Any], columns: Sequence[str]) -> ClipMeasurements:
        """From Arrow tables with ``speaker``, ``gender`` and the columns, one after the other."""
        import pyarrow as pa

        names = list(dict.fromkeys(columns))
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
        coded: dict[str, list[Codes]] = {"speaker": [], "gender": []}
        known: dict[str, dict[str, int]] = {"speaker": {}, "gender": {}}
        for table in tables:
            for name in names:
                parts[name].append(table[name].cast(pa.float32()).to_numpy(zero_copy_only=False))
            for name, codes in known.items():
                coded[name].append(_extended(table[name], codes))
        whole = {name: _joined(arrays, np.float32) for name, arrays in parts.items()}
        speaker, gender = (_joined(coded[name], np.int32) for name in ("speaker", "gender"))
        return cls(whole, speaker, gender, list(known["speaker"]), list(known["gender"]))

    def where(self, kept: NDArray[np.bool_]) -> ClipMeasurements:
        """The clips of a mask, shape (clips,)."""
        values = {name: measured[kept] for name, measured in self.values.items()}
        return ClipMeasurements(values, self.speaker[kept], self.gender[kept], self.speakers, self.genders)

    def groups(self, by: str) -> dict[str, NDArray[np.int64]]:
        """Name of each group of a grouping, the wider ones too -> places of its clips in their order."""
        places = {"corpus": np.arange(len(self.speaker))}
        if by in ("speaker", "gender"):
            places |= _places(self.gender, self.genders, "")
        if by == "speaker":
            places |= self.of_speakers("speaker ")
        return places

    def of_speakers(self, prefix: str = "") -> dict[str, NDArray[np.int64]]:
        """Each speaker's name after ``prefix`` -> places of their clips in their order."""
        return _places(self.speaker, self.speakers, prefix)


def _coded(names: Sequence[str | None]) -> tuple[Codes, list[str]]:
    known: dict[str, int] = {}
    codes = [NOBODY if name is None else known.setdefault(name, len(known)) for name in names]
    return np.array(codes, dtype=np.int32), list(known)


def _extended(column: Any, known: dict[str, int]) -> Codes:
    """The codes of a column of text; names that are new get the next ones."""
    encoded = column.combine_chunks().dictionary_encode()
    numbers = [known.setdefault(name, len(known)) for name in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(NOBODY).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*numbers, NOBODY], dtype=np.int32)[codes])


def _joined(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def _places(codes: Codes, names: Sequence[str], prefix: str) -> dict[str, NDArray[np.int64]]:
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {f"{prefix}{name}": order[bounds[at] : bounds[at + 1]] for at, name in enumerate(names)}
