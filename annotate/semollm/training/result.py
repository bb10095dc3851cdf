"""What a training left, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from annotate.semollm.inference import accuracy
from annotate.semollm.training import progress_callback, trainer


@dataclass
class Result:
    """What a training left.

    Attributes:
        folder: the output.
        model: the last stage's model.
        histories: stage -> its losses.
        skipped: stages that an earlier call had finished.
        notes: what there is to say: clips left out, texts cut.
        scored: of the test split's replies; None where stage 3 was not asked for or there is no test split.
    """

    folder: Path
    model: Path
    histories: dict[int, list[dict[str, float]]] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    scored: accuracy.Score | None = None

    def text(self) -> str:
        """All of it, as a person reads it."""
        lines = []
        for stage, rows in sorted(self.histories.items()):
            for name in ("loss", *trainer.PARTS):
                if fall := progress_callback.falls(rows, name):
                    label = "" if name == "loss" else f" {name}"
                    lines.append(f"stage {stage}{label}: loss {fall[0]:.4f} at the start, {fall[1]:.4f} at the end")
            if stage in self.skipped:
                lines.append(f"stage {stage}: was trained by an earlier call")
        lines += self.notes
        if self.scored:
            lines.append(f"test: {self.scored.text()}")
        return "\n".join([*lines, f"model: {self.model}"])
