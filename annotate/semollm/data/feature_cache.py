"""The frozen encoder's output on disk: computed once for a recording, used in every epoch, stage and run.

``FOLDER/ENCODER-LAYERS/ab/abcd...-SAMPLES.npy`` holds (N, T, H) in fp16. The folder's name is a hash of the
encoder's weights and the chosen layers (and the length that clips are padded to, where they are), the file's that of
the recording and how much of it was taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE
from annotate.errors import SemoError
from annotate.semollm.data.corpus import Corpus, CorpusClip
from annotate.semollm.model.encoder import SpeechEncoder
from annotate.store import files

Frames = NDArray[np.float16]
Waiting = tuple[Path, NDArray[np.float32], str]  # file, samples, id of the clip
BATCH_S = 60.0  # seconds of speech that the encoder is given at once


class FeatureCache:
    """Features of clips, by recording.

    Args:
        folder: where they are kept.
        encoder: the frozen encoder; only its name is used until something has to be computed.
        max_s: longest stretch of a clip that is taken.
    """

    def __init__(self, folder: Path, encoder: SpeechEncoder, max_s: float) -> None:
        layers = hashlib.sha256(",".join(map(str, encoder.layers)).encode()).hexdigest()[:8]
        padded = f"-{encoder.pad_s:g}s" if encoder.pad_s else ""
        self.folder = folder / f"{encoder.kind}-{encoder.key()}-{layers}{padded}"
        self.encoder = encoder
        self.max_s = min(max_s, encoder.longest_s)
        self.computed = 0

    def ensure(self, corpus: Corpus, clips: Sequence[CorpusClip], tell: Callable[[int], None]) -> dict[str, Path]:
        """Compute what is lacking; returns id -> file. ``tell`` is given the number of clips just done."""
        paths: dict[str, Path] = {}
        waiting: list[Waiting] = []
        seconds = 0.0
        for clip in clips:
            digest, samples = corpus.audio(clip)
            taken = samples[: round(self.max_s * RATE)]
            path = self.folder / digest[:2] / f"{digest[:32]}-{len(taken)}.npy"
            paths[clip.id] = path
            if read(path) is None and path not in [queued for queued, *_ in waiting]:
                waiting.append((path, taken, clip.id))
                seconds += max(len(taken) / RATE, self.encoder.pad_s)
            if seconds >= BATCH_S:
                self._compute(waiting)
                waiting, seconds = [], 0.0
            tell(1)
        self._compute(waiting)
        return paths

    def _compute(self, waiting: Sequence[Waiting]) -> None:
        if not waiting:
            return
        encoded = self.encoder.encode([taken for _, taken, _ in waiting])
        for (path, _, clip), states in zip(waiting, encoded, strict=True):
            exact = states.float().cpu().numpy()
            if not np.isfinite(exact).all():
                raise SemoError(f"clip {clip}: the encoder's output is NaN or infinite")
            with np.errstate(over="ignore"):
                frames = exact.astype(np.float16)
            if not np.isfinite(frames).all():
                raise SemoError(
                    f"clip {clip}: the encoder's output exceeds the range of fp16; set features.cache=false"
                )
            files.write(path, lambda temporary, frames=frames: _put(temporary, frames))  # type: ignore[misc]
            self.computed += 1


def _put(path: Path, frames: Frames) -> None:
    with open(path, "wb") as file:
        np.save(file, frames)


def read(path: Path) -> Any:
    """The features of a file, (N, T, H), mapped and not read; None where there are none, or not whole ones."""
    try:
        features = np.load(path, mmap_mode="r")
    except Exception:  # numpy reads the header as a line of Python, and lets through whatever that raises
        return None
    return (
        features if isinstance(features, np.ndarray) and features.ndim == 3 and features.dtype == np.float16 else None
    )


class Shelf:
    """Features read from the cache, the first so many bytes of them kept in memory for the next epoch.

    Args:
        limit: bytes that are kept.
    """

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.held: dict[Path, Any] = {}

    def load(self, path: Path) -> Any:
        """The features of a file, (N, T, H).

        Raises:
            SemoError: the file is gone, or not whole; it is removed, so that the next run makes it anew.
        """
        if path in self.held:
            return self.held[path]
        features = read(path)
        if features is None or not np.isfinite(features).all():
            path.unlink(missing_ok=True)
            raise SemoError(f"{path}: the cached features are missing or damaged; run the same command again")
        if features.nbytes <= self.left:
            self.left -= features.nbytes
            self.held[path] = features = np.array(features)
        return features
