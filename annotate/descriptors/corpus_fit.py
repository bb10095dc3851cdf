"""What is learnt from all measured rows before words are made: the scale, each speaker's usual, doubtful speakers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotate.descriptors import scale, shared_speaker_ids, speaker_relative
from annotate.descriptors.clip_measurements import ClipMeasurements
from annotate.descriptors.scale import Descriptor, Method

VERSION = "2"  # goes up when the same rows would give another result
PITCH = "pitch_median_hz"  # what two voices under one id are told apart by
# columns -> Arrow tables of the rows that are not put aside, with their split
Tables = Callable[[list[str]], Iterable[Any]]


@dataclass(frozen=True)
class CorpusFit:
    """What is to be learnt.

    Attributes:
        made: the descriptors.
        replies: those of the paper's replies, where their words are others.
        method: of fitting the edges.
        fitted_on: the corpus, and the split or None for all rows.
        given: a scale fitted elsewhere, which takes the place of one fitted here.
    """

    made: tuple[Descriptor, ...]
    replies: tuple[Descriptor, ...]
    method: Method
    fitted_on: Mapping[str, Any]
    given: Mapping[str, Any] | None = None

    def settings(self) -> dict[str, Any]:
        """All that the result depends on beside the rows."""
        return {
            "version": VERSION,
            "descriptors": {descriptor.name: [descriptor.plain(), list(descriptor.edges)] for descriptor in self.made},
            "replies": {descriptor.name: descriptor.plain() for descriptor in self.replies},
            "method": vars(self.method),
            "fitted_on": dict(self.fitted_on),
            # each speaker's usual is of the speakers here, whatever scale is given
            "given": self.given and {name: value for name, value in self.given.items() if name != "own"},
        }

    def columns(self) -> list[str]:
        """The columns that the result is learnt from, beside the split."""
        return ["speaker", "gender", *dict.fromkeys([*self._measures(), PITCH])]

    def _measures(self) -> list[str]:
        if self.given:
            return [descriptor["measure"] for descriptor in self.given["descriptors"].values()]
        return [descriptor.measure for descriptor in self.made]

    def learn(self, tables: Tables) -> dict[str, Any]:
        """``scale``, each speaker's ``own``, and ``doubts``, what there is to say of speakers."""
        columns = self.columns()
        splits: list[Any] = []

        def noted() -> Iterable[Any]:
            for table in tables(columns):
                splits.append(table["split"].to_numpy(zero_copy_only=False))
                yield table

        clips = ClipMeasurements.gathered(noted(), columns[2:])
        fitted = self.given or self._fit(clips, np.concatenate(splits) if splits else np.zeros(0))
        pitches = {name: clips.values[PITCH][mine] for name, mine in clips.of_speakers().items()}
        voiced = {name: measured[np.isfinite(measured)].tolist() for name, measured in pitches.items()}
        return {
            "scale": fitted,
            "own": speaker_relative.fit(clips, fitted, self.method.smallest_group),
            "doubts": shared_speaker_ids.conflicts({name: measured for name, measured in voiced.items() if measured}),
        }

    def _fit(self, clips: ClipMeasurements, splits: Any) -> dict[str, Any]:
        split = self.fitted_on["split"]
        training = clips if split is None else clips.where(splits == split)
        return scale.fit(training, self.made, self.method, self.fitted_on, self.replies)
