"""What a bench measures of many clips, on all processors, each clip decoded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from benchmarks.recordings import Clip

T = TypeVar("T")


def over(clips: Sequence[Clip], measure: Callable[[Clip], T], workers: int) -> list[T]:
    """``measure`` of every clip, in their order; ``measure`` must be a function of a module."""
    if workers < 2 or len(clips) < 32:
        return [measure(clip) for clip in clips]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(measure, clips, chunksize=16))
