"""The second stage: the label set names the emotion, the split rule places the row; both can put it aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from annotate.corpora.labels import COMMON, INLINE, Labels, folded
from annotate.corpora.splits import SplitPlan
from annotate.engine.stage import Part, Row, Stage

SHOWN = 60  # characters of a label in a reason


@dataclass(frozen=True)
class Select:
    """``compute`` of the stage."""

    labels: Labels
    label_set: str
    plan: SplitPlan

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {"select": [self.compute_row(row) for row in rows]}

    def compute_row(self, row: Row) -> Row:
        """Emotion and split of a row, or the reason why it is put aside."""
        emotion, why = self.emotion(row["emotion_original"])
        split = self.plan.split(row[self.plan.by])
        if why is None and split is None:
            why = self._unplaced(row)
        kept = why is None and not row["drop_corpus"]
        return {
            "emotion": emotion if kept else None,
            "split": split if kept else None,
            "drop_select": None if row["drop_corpus"] else why,
        }

    def emotion(self, label: str | None) -> tuple[str | None, str | None]:
        """The label in the label set, or None and why it has no place there."""
        if self.labels == "keep":
            return label, None
        assert not isinstance(self.labels, str)
        if label is None:
            return None, "no label"
        key = self._key(label)
        if key is None:
            why = f"unknown label '{label[:SHOWN]}' (label set '{self.label_set}')"
            hint = f"; say what it means, for example corpus.labels={{{label[:SHOWN]}: EMOTION}}"
            return None, why + (hint if self.label_set in (COMMON, INLINE) else "")
        if self.labels[key] is None:
            return None, f"label '{label[:SHOWN]}' is left out by the label set '{self.label_set}'"
        return self.labels[key], None

    def _key(self, label: str) -> str | None:
        """The label itself, else the one that differs in its spelling alone, else the first pattern that fits."""
        assert not isinstance(self.labels, str)
        if label in self.labels:
            return label
        alike = self._folded.get(folded(label), ())
        if alike and len({self.labels[key] for key in alike}) == 1:
            return alike[0]
        return next((key for key in self.labels if fnmatchcase(label, key)), None)

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        by_folded: dict[str, list[str]] = {}
        for key in self.labels:
            by_folded.setdefault(folded(key), []).append(key)
        return by_folded

    def _unplaced(self, row: Row) -> str:
        named = {"split_given": "split"}.get(self.plan.by, self.plan.by)
        value = row[self.plan.by]
        return f"no {named} to split by" if value is None else f"{named} '{value}' is not in the split rule"


def stage(labels: Labels, label_set: str, plan: SplitPlan) -> Stage:
    """The selecting stage for a label set and a resolved split."""
    part = Part(
        name="select",
        version="2",
        reads=("id", "speaker", "session", "split_given", "emotion_original", "drop_corpus"),
        writes=("emotion", "split", "drop_select"),
        settings={
            "labels": dict(labels) if not isinstance(labels, str) else labels,
            "label_set": label_set,
            "split": {"by": plan.by, "groups": dict(plan.groups), "folds": plan.folds, "fold": plan.fold},
        },
    )
    return Stage("select", (part,), Select(labels, label_set, plan), light=True)
