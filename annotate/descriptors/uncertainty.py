"""What is done with a word that is not sure: keep it, let captions hedge it, or leave it blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from annotate.descriptors.stability import Changes, word_stabilities

KEEP, HEDGE, BLANK = "keep", "hedge", "blank"


class PlacedWords(Protocol):
    """The words of one attribute: places of the rows that have one, (words,), their measurements and edges."""

    @property
    def made(self) -> NDArray[np.int64]: ...  # noqa: D102
    @property
    def values(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def edges(self) -> NDArray[np.float64]: ...  # noqa: D102


@dataclass(frozen=True)
class UncertaintyPolicy:
    """How words of a run are doubted.

    Attributes:
        estimators: measure -> the estimator that fills it in this recipe.
        changes: measure -> estimator -> how it changes (``stability.json``); an estimator not in it has no sureness.
        doubtful: ``keep``, ``hedge`` or ``blank``.
        below: a word is doubtful whose sureness is below this.
    """

    estimators: Mapping[str, str | None] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Changes]] = field(default_factory=dict)
    doubtful: str = KEEP
    below: float = 0.9

    def settings(self, measures: Sequence[str]) -> dict[str, Any]:
        """What of it decides the columns of words that are made from some measures."""
        return {
            "features": {measure: self.estimators.get(measure) for measure in measures},
            "changes": {measure: self.changes[measure] for measure in measures if measure in self.changes},
            "doubtful": self.doubtful,
            "below": self.below,
        }

    def stabilities(self, made: PlacedWords, measure: str, rows: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """The sureness of each word; None where there is no word, and where nothing is known of its estimator."""
        whole: list[float | None] = [None] * len(rows)
        by_estimator: dict[str, list[int]] = {}
        for at, place in enumerate(made.made.tolist()):
            by_estimator.setdefault(self._estimator(measure, rows[place]), []).append(at)
        for estimator, mine in by_estimator.items():
            changes = self.changes.get(measure, {}).get(estimator)
            if changes is not None:
                stabilities = word_stabilities(made.values[mine], made.edges[mine], changes)
                for place, stability in zip(np.asarray(made.made)[mine].tolist(), stabilities.tolist(), strict=True):
                    whole[place] = stability
        return whole

    def _estimator(self, measure: str, row: Mapping[str, Any]) -> str:
        # a row without a text has its rate from the signal, whatever the recipe names
        source = row.get("rate_source") if measure == "rate_syllables_s" else None
        return str(source or self.estimators.get(measure) or "")

    def mark(self, row: dict[str, Any], column: str, stability: float | None) -> bool:
        """Write into a row that a column's word is doubtful, if it is; whether the word is to be left blank."""
        if self.doubtful == KEEP or not self.is_uncertain(stability):
            return False
        if self.doubtful == HEDGE:
            row["hedged"].append(column)
            return False
        row["notes_words"].append(f"{column}: left blank, its sureness of {stability:.2f} is below {self.below:g}")
        return True

    def is_uncertain(self, stability: float | None) -> bool:
        """Whether a word is doubtful; one without a sureness is not."""
        return stability is not None and stability < self.below
