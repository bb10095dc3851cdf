"""A recording in memory, at the one rate that everything is measured at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

# Everything is measured at one rate, so that the same speech gives the same numbers from every corpus.
RATE = 16000

T = TypeVar("T")


@dataclass
class Recording:
    """One channel of a recording.

    Attributes:
        samples: float32, shape (n,), at ``RATE``, full scale is 1.
        duration: seconds, from the source's own rate.
        silent: every sample is zero (or below what 16 bits can say).
    """

    samples: NDArray[np.float32]
    duration: float
    silent: bool = False
    _shared: dict[Any, Any] = field(default_factory=dict, repr=False)

    def once(self, compute: Callable[[Recording], T]) -> T:
        """The result of ``compute`` for this recording, computed once however many features ask."""
        if compute not in self._shared:
            self._shared[compute] = compute(self)
        result: T = self._shared[compute]
        return result
