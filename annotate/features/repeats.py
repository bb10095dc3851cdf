"""The same recording under several names: never in two splits, and told where its labels or texts differ.

What counts is the decoded channel, so a copy in another container is a copy. Rows of one recording with different
texts or languages stay, since nothing says which is right; they are noted. Of copies in several splits those of the
test split stay, else those of the validation split: a published test set keeps its rows. Silence holds nothing that a
model could know again: two silent recordings are no copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.engine.stage import Part, Row, Stage
from annotate.store import fingerprint

VERSION = "2"  # goes up when the same rows would give another result
COLUMNS = (
    "id", "speaker", "emotion_original", "language_given", "transcript_given", "transcript_original", "audio_digest",
    "audio_flaw",
)  # fmt: skip
KEPT_FIRST = ("test", "validation", "train")
KIND = "another split has the same recording"  # the reason of all of them together
SHOWN = 5

# gives the rows that are decoded, with their split, as often as it is called
Rows = Callable[[], Iterable[Mapping[str, Any]]]


def find(rows: Rows) -> dict[str, Any]:
    """What there is to say of rows with one recording.

    Args:
        rows: ``COLUMNS`` and ``split`` of every row that is decoded.

    Returns:
        ``aside``: id -> why it is put aside. ``notes``: id -> what is said of it. ``counts``: ``recordings`` that
        several rows have, the ``rows``, those in another ``splits``, recordings with two ``labels`` and two ``texts``.
        ``speakers``: pairs of names that have recordings in common, and how many.
    """
    digests = Counter(row["audio_digest"] for row in rows() if _known_again(row))
    groups: dict[str, list[Mapping[str, Any]]] = {}
    trained = 0
    for row in rows():
        trained += row["split"] == "train"
        if _known_again(row) and digests[row["audio_digest"]] > 1:
            groups.setdefault(row["audio_digest"], []).append(row)
    judged = _judged(groups.values(), KEPT_FIRST)
    if trained and judged["counts"]["train"] == trained:  # nothing would be left to fit a scale on
        judged = _judged(groups.values(), tuple(reversed(KEPT_FIRST)))
    return judged


def _known_again(row: Mapping[str, Any]) -> bool:
    return bool(row["audio_digest"]) and row["audio_flaw"] != "silent"


def _judged(groups: Iterable[Sequence[Mapping[str, Any]]], order: Sequence[str]) -> dict[str, Any]:
    aside: dict[str, str] = {}
    notes: dict[str, str] = {}
    counts = dict.fromkeys(("recordings", "rows", "splits", "labels", "texts", "train"), 0)
    pairs: Counter[tuple[str, str]] = Counter()
    for group in groups:
        counts["recordings"] += 1
        counts["rows"] += len(group)
        labels = {row["emotion_original"] for row in group if row["emotion_original"] is not None}
        counts["labels"] += len(labels) > 1
        counts["texts"] += len({_text(row) for row in group}) > 1
        names = sorted({row["speaker"] for row in group if row["speaker"] is not None})
        pairs.update((first, second) for at, first in enumerate(names) for second in names[at + 1 :])
        for text in dict.fromkeys(_text(row) for row in group):
            same = [row for row in group if _text(row) == text]
            split = next(name for name in order if any(row["split"] == name for row in same))
            kept = next(row for row in same if row["split"] == split)
            for row in (row for row in same if row["split"] != split):
                aside[row["id"]] = f"the same recording as '{kept['id']}', which is in the split {split}"
                counts["train"] += row["split"] == "train"
        for row in group:
            other = next(other_row for other_row in group if other_row["id"] != row["id"])
            differing = next(
                (other_row for other_row in group if other_row["emotion_original"] != row["emotion_original"]), None
            )
            label = f", which is labelled '{differing['emotion_original']}'" if differing else ""
            notes[row["id"]] = f"recording: the same as that of '{(differing or other)['id']}'{label}"
    counts["splits"] = len(aside)
    speakers = [[*pair, count] for pair, count in pairs.most_common(SHOWN)]
    return {"aside": aside, "notes": notes, "counts": counts, "speakers": speakers}


def _text(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What the corpus says was spoken, and in which language, as it writes both."""
    return row["transcript_original"] or row["transcript_given"], row["language_given"]


@dataclass(frozen=True)
class Repeats:
    """``compute`` of the stage."""

    aside: Mapping[str, str]
    notes: Mapping[str, str]

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {"repeats": [self.compute_row(row) for row in rows]}

    def compute_row(self, row: Row) -> Row:
        """Why a recording is not used, and that another row has it too."""
        decoded = row["drop_decoded"] is None and row["split"] is not None
        note = self.notes.get(row["id"]) if decoded else None
        return {
            "drop_audio": row["drop_decoded"] or (self.aside.get(row["id"]) if decoded else None),
            "notes_repeats": [note] if note else [],
        }


def stage(judged: Mapping[str, Any]) -> Stage:
    """The stage for what ``find`` gave."""
    part = Part(
        name="repeats",
        version=VERSION,
        reads=("id", "split", "drop_decoded"),
        writes=("drop_audio", "notes_repeats"),
        settings={"repeats": fingerprint.of([judged["aside"], judged["notes"]])},
    )
    return Stage("repeats", (part,), Repeats(judged["aside"], judged["notes"]), light=True)
