"""Recordings as the data set carries them: one channel, at the recipe's rate, lossless."""

from __future__ import annotations

import io
import os
from pathlib import Path, PurePosixPath

import numpy as np

from annotate.audio.decode import mono, resample
from annotate.audio.refusal import Refused
from annotate.audio.sound import refusals
from annotate.corpora.locator import opened, parse, part
from annotate.corpora.recording_path import RecordingPaths

AS_THEY_ARE = {"WAV": ".wav", "FLAC": ".flac"}
# a larger file is not read into memory to be taken as it is; and no more may lie around the samples than this
LARGEST_AS_IT_IS, AROUND = 200_000_000, 1_000_000
CHANGED = "it is now a different recording"


def embedded(root: Path, path: str, rate: int, digest: str | None = None) -> dict[str, object]:
    """The recording as ``{"bytes", "path"}``, the form that ``datasets.Audio`` stores.

    A whole mono wav or flac at the rate wanted is taken byte for byte; any other is decoded by the rule of
    ``audio/decode.py``, resampled and written as 16-bit FLAC.

    Args:
        root: of the corpus.
        path: below it, with the part where it is one.
        rate: wanted.
        digest: of what was measured; None where nothing was.

    Raises:
        Refused: it can no longer be read, though it could when it was measured; or it has changed since.
    """
    import soundfile

    file, times = part(path)
    if refused := RecordingPaths(root).find(file).refused:  # a link out of the root may have taken its place
        raise Refused(refused)
    whole = None
    if times is None:
        with refusals(), opened(root / file) as stream:
            large = stream.seek(0, os.SEEK_END) > LARGEST_AS_IT_IS
            stream.seek(0)
            # what is embedded is the very content that is looked at here
            whole = None if large else stream.read()
    sound = mono(root / path, whole)
    if digest is not None and sound.digest != digest:
        raise Refused(CHANGED)
    lean = whole is not None and len(whole) <= 8 * len(sound.samples) + AROUND
    if lean and sound.as_stored and sound.rate == rate and sound.kind in AS_THEY_ARE:
        return {"bytes": whole, "path": _name(path, AS_THEY_ARE[sound.kind])}
    held = io.BytesIO()
    samples = np.clip(resample(sound.samples, sound.rate, rate), -1.0, 1.0)
    soundfile.write(held, samples, rate, format="FLAC", subtype="PCM_16")
    return {"bytes": held.getvalue(), "path": _name(path, ".flac")}


def _name(path: str, ending: str) -> str:
    """The recording's name with the ending of what is embedded; inside a Parquet file its row names it."""
    file, times = part(path)
    inner = parse(file)
    stem = f"{PurePosixPath(inner.file).stem}-{inner.row}" if inner else PurePosixPath(file).stem
    if times:
        stem += f"-{times[0]:.3f}" + ("" if times[1] is None else f"-{times[1]:.3f}")
    return stem + ending
