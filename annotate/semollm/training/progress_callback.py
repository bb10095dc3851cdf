"""What a person sees while a stage trains: its losses, the loss on clips that it does not learn from, replies."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from annotate import console
from annotate.semollm.training.trainer import PARTS
from annotate.store import files

LINE_EVERY_S = 10.0


class Watch(TrainerCallback):
    """Lines on standard error: losses at most every ten seconds, evaluations always.

    Args:
        stage: number of the stage.
        every: updates between evaluations.
        evaluate: gives the loss on the validation clips; None where there are none.
        samples: gives lines that show replies beside what was to be said.
        quiet: say nothing.
    """

    def __init__(
        self,
        stage: int,
        every: int,
        evaluate: Callable[[], float] | None,
        samples: Callable[[], Sequence[str]] | None,
        quiet: bool,
    ) -> None:
        self.stage, self.every, self.quiet = stage, every, quiet
        self.evaluate, self.samples = evaluate, samples
        self.began = self.last_printed = time.monotonic()
        self.first_step: int | None = None

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Evaluate when it is time; before a checkpoint of the same step is written, so that it is in it."""
        if state.global_step % self.every and state.global_step != state.max_steps:
            return
        if self.evaluate is not None:
            loss = self.evaluate()
            state.log_history.append({"step": state.global_step, "validation_loss": loss})
            self._say(f"stage {self.stage}, step {state.global_step}: validation loss {loss:.4f}")
        if self.samples is not None and state.is_world_process_zero and not self.quiet:
            for line in self.samples():
                self._say(f"    {line}")

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Say the losses, not too often."""
        if not logs or "loss" not in logs:
            return
        now = time.monotonic()
        if self.first_step is None:
            self.first_step = state.global_step
            self.began = now
        if now - self.last_printed < LINE_EVERY_S and state.global_step != state.max_steps:
            return
        self.last_printed = now
        parts = [f"{name} {logs[name]:.4f}" for name in PARTS if name in logs]
        done = state.global_step - self.first_step
        left = (now - self.began) / done * (state.max_steps - state.global_step) if done else math.nan
        time_left = "" if math.isnan(left) else f", {left:.0f} s left"
        detail = f" ({', '.join(parts)})" if parts else ""
        self._say(
            f"stage {self.stage}, step {state.global_step} of {state.max_steps}: "
            f"loss {logs['loss']:.4f}{detail}{time_left}",
            state,
        )

    def _say(self, line: str, state: Any = None) -> None:
        if not self.quiet and (state is None or state.is_world_process_zero):
            console.show(line, error=True)


def history(log: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    """The losses of a finished stage, one entry a step that was logged."""
    kept = ("step", "loss", "validation_loss", "learning_rate", *PARTS)
    rows = [{name: row[name] for name in kept if name in row} for row in log]
    return [row for row in rows if "loss" in row or "validation_loss" in row]


def falls(rows: Sequence[dict[str, float]], name: str = "loss") -> tuple[float, float] | None:
    """The mean of the first and of the last fifth of a loss's logged values."""
    values = [row[name] for row in rows if name in row]
    if len(values) < 2:
        return None
    part = max(1, len(values) // 5)
    return sum(values[:part]) / part, sum(values[-part:]) / part


def plot(histories: dict[int, list[dict[str, float]]], path: Path) -> None:
    """Draw the losses of all stages, side by side, to a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(histories), 4), layout="constrained")
    for place, (stage, rows) in enumerate(sorted(histories.items()), start=1):
        axes = figure.add_subplot(1, len(histories), place)
        for name in ("loss", *PARTS, "validation_loss"):
            points = [(row["step"], row[name]) for row in rows if name in row]
            if points:
                axes.plot(*zip(*points, strict=True), label=name.replace("_", " "), lw=2 if name == "loss" else 1)
        axes.set(title=f"stage {stage}", xlabel="update", ylabel="loss (nats)", ylim=(0, None))
        axes.legend()
    files.write(path, lambda temporary: figure.savefig(temporary, format="png", dpi=120))
