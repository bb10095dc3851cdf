"""How often each speaker has each word in each emotion: columns of small codes, of which a million rows are 30 MB."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

GROUPS = 50
NOTHING = -1


@dataclass(frozen=True)
class WordTally:
    """Counts of words.

    Attributes:
        speakers, emotions: their names, sorted.
        words: column -> its words in order.
        counts: column -> clips, shape (speakers, emotions, words).
    """

    speakers: Sequence[str]
    emotions: Sequence[str]
    words: Mapping[str, Sequence[str]]
    counts: Mapping[str, NDArray[np.float64]]

    def difference(self, emotion: str, name: str, word: str, fewest: int) -> float | None:
        """Share of a word among an emotion's clips less its share among all; None for fewer clips than ``fewest``."""
        if emotion not in self.emotions:
            return None
        counts = self.counts[name].sum(0)
        mine = counts[self.emotions.index(emotion)]
        if mine.sum() < fewest:
            return None
        at = self.words[name].index(word)
        return float(mine[at] / mine.sum() - counts[:, at].sum() / counts.sum())


@dataclass(frozen=True)
class Coded:
    """The rows with an emotion as codes; each array has shape (rows,), -1 where there is nothing.

    Attributes:
        speaker, emotion: places in ``speakers`` and ``emotions``, which are sorted.
        training: whether the row is of the training split.
        named: whether its speaker is named.
        words: column -> places of its words.
        order: column -> its words in order.
        values: column of measurements -> float32, NaN where not measured.
    """

    speakers: Sequence[str]
    emotions: Sequence[str]
    speaker: NDArray[np.int32]
    emotion: NDArray[np.int32]
    training: NDArray[np.bool_]
    named: NDArray[np.bool_]
    words: Mapping[str, NDArray[np.int8]]
    order: Mapping[str, Sequence[str]]
    values: Mapping[str, NDArray[np.float32]]

    @classmethod
    def of(cls, tables: Iterable[Any], order: Mapping[str, Sequence[str]], measures: Sequence[str] = ()) -> Coded:
        """From Arrow tables with ``id``, ``speaker``, ``emotion``, ``split``, the columns of words and measurements."""
        pieces = [_piece(table, order, measures) for table in tables]
        speakers, speaker = _merged([piece["speaker"] for piece in pieces])
        emotions, emotion = _merged([piece["emotion"] for piece in pieces])

        def whole(name: str, kind: Any) -> NDArray[Any]:
            return np.concatenate([piece[name] for piece in pieces]) if pieces else np.zeros(0, kind)

        return cls(
            speakers, emotions, speaker, emotion, whole("training", bool), whole("named", bool),
            {name: whole(name, np.int8) for name in order}, dict(order),
            {name: whole(f"value {name}", np.float32) for name in measures},
        )  # fmt: skip

    def tally(self, kept: NDArray[np.bool_]) -> WordTally:
        """The counts of some rows, given as a mask, shape (rows,)."""
        there = np.unique(self.speaker[kept])
        place = np.full(len(self.speakers), NOTHING)
        place[there] = np.arange(len(there))
        emotions = np.unique(self.emotion[kept])
        of_emotion = np.full(len(self.emotions), NOTHING)
        of_emotion[emotions] = np.arange(len(emotions))
        counts = {}
        for name, words in self.words.items():
            mine = kept & (words >= 0)
            shape = (len(there), len(emotions), len(self.order[name]))
            flat = np.ravel_multi_index((place[self.speaker[mine]], of_emotion[self.emotion[mine]], words[mine]), shape)
            counts[name] = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
        return WordTally(
            [self.speakers[at] for at in there], [self.emotions[at] for at in emotions], self.order, counts
        )  # fmt: skip

    def unseen(self) -> NDArray[np.bool_]:
        """The rows of other splits whose speaker has no row in the training split, shape (rows,)."""
        known = np.isin(self.speaker, np.unique(self.speaker[self.training & self.named]))
        return np.asarray(~self.training & ~(known & self.named))


def tally(rows: Iterable[Mapping[str, Any]], words: Mapping[str, Sequence[str]]) -> WordTally:
    """Count the words of each speaker and emotion.

    Args:
        rows: each with ``id``, ``speaker``, ``emotion`` and the columns of words; clips without a speaker are dealt
            into 50 groups, each of which stands for one.
        words: column -> its words in order.
    """
    import pyarrow as pa

    names = ["id", "speaker", "emotion", *words]
    schema = pa.schema([*((name, pa.string()) for name in names), ("split", pa.string())])
    held = pa.Table.from_pylist([{**{name: row[name] for name in names}, "split": "train"} for row in rows], schema)
    coded = Coded.of([held], words)
    return coded.tally(coded.training)


def _piece(table: Any, order: Mapping[str, Sequence[str]], measures: Sequence[str]) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = table.filter(pc.is_valid(table["emotion"]))
    names, ids = kept["speaker"].to_pylist(), kept["id"].to_pylist()
    speakers = [_unnamed(row) if name is None else name for name, row in zip(names, ids, strict=True)]
    codes: dict[str, Any] = {
        "speaker": _coded(speakers),
        "emotion": _coded(kept["emotion"].to_pylist()),
        "training": np.array(kept["split"].to_pylist(), dtype=object) == "train",
        "named": np.array([name is not None for name in names], dtype=bool),
    }
    for name, words in order.items():
        places = pc.index_in(kept[name], value_set=pa.array(words, pa.string())).fill_null(NOTHING)
        codes[name] = places.to_numpy().astype(np.int8)
    for name in measures:
        codes[f"value {name}"] = kept[name].cast(pa.float32()).to_numpy()
    return codes


def _unnamed(row_id: str) -> str:
    """The group of a clip without a speaker: by its id, so that it is the same in every run."""
    return f"clips {zlib.crc32(row_id.encode()) % GROUPS}"


def _coded(names: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    known: dict[str, int] = {}
    codes = [known.setdefault(name, len(known)) for name in names]
    return list(known), np.array(codes, dtype=np.int32)


def _merged(pieces: Sequence[tuple[list[str], NDArray[np.int32]]]) -> tuple[list[str], NDArray[np.int32]]:
    """Names of all pieces, sorted, and the codes by them."""
    names = sorted({name for mine, _ in pieces for name in mine})
    place = {name: at for at, name in enumerate(names)}
    codes = [np.array([place[name] for name in mine], dtype=np.int32)[code] for mine, code in pieces if len(code)]
    return names, np.concatenate(codes) if codes else np.zeros(0, np.int32)
