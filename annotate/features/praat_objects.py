"""What Praat's own commands work on, made from what is measured here."""

from __future__ import annotations

from typing import Any

import numpy as np

from annotate.audio.recording import RATE, Recording
from annotate.features.contour import Contour


def sound(recording: Recording) -> Any:
    """Praat's Sound of a recording; ``recording.once(sound)`` makes it once."""
    import parselmouth

    return parselmouth.Sound(recording.samples.astype(np.float64), RATE)


def pitch(contour: Contour, step: float) -> Any:
    """Praat's Pitch of a contour with ``step`` seconds from frame to frame."""
    import parselmouth
    from parselmouth.praat import call

    # a Sound has its samples in the middle of their spans of time, like a Pitch its frames
    frames = parselmouth.Sound(contour.f0, 1 / step, contour.times[0] - step / 2)
    return call(call(frames, "Down to Matrix"), "To Pitch")
