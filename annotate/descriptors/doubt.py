"""What is done with a word that is not sure: keep it, let captions hedge it, or leave it blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.descriptors.sure import Changes, sureness

KEEP, HEDGE, BLANK = "keep", "hedge", "blank"
# which estimator's changes a measurement has: its slot in the recipe
SLOTS = {
    "pitch_median_hz": "pitch",
    "rate_syllables_s": "rate",
    "loudness_lufs": "energy",
    "level_rms_dbfs": "energy",
}
FROM_SIGNAL = "rate: from the signal alone"


@dataclass(frozen=True)
class Doubt:
    """How words of a run are doubted.

    Attributes:
        features: slot -> estimator, as in the recipe.
        changes: measure -> estimator -> how it changes (``sure.json``); an estimator that is not in it has no sureness.
        doubtful: ``keep``, ``hedge`` or ``blank``.
        below: a word is doubtful whose sureness is below this.
    """

    features: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Changes]] = field(default_factory=dict)
    doubtful: str = KEEP
    below: float = 0.9

    def settings(self) -> dict[str, Any]:
        """What of it decides a word's columns."""
        used = {measure: self.features.get(slot) for measure, slot in SLOTS.items()}
        return {"features": used, "changes": self.changes, "doubtful": self.doubtful, "below": self.below}

    def sure(self, value: float | None, edges: Any, measure: str, row: Mapping[str, Any]) -> float | None:
        """The sureness of the word that ``edges`` give to ``value``; None where nothing is known of its estimator."""
        found = self.changes.get(measure, {}).get(self._estimator(measure, row))
        return None if found is None or value is None or edges is None else sureness(value, edges, measure, found)

    def _estimator(self, measure: str, row: Mapping[str, Any]) -> str:
        if measure == "level_rms_dbfs":
            return "rms"  # the level is the same whoever measures it
        told = row.get("notes_rate") or ()
        if measure == "rate_syllables_s" and any(note.startswith(FROM_SIGNAL) for note in told):
            return "signal"
        return self.features.get(SLOTS[measure], "")

    def doubts(self, sure: float | None) -> bool:
        """Whether a word is doubtful; one without a sureness is not."""
        return sure is not None and sure < self.below
