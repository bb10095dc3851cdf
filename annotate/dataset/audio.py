"""Recordings as the data set carries them: one channel, at the recipe's rate, lossless."""

from __future__ import annotations

import io
from pathlib import Path, PurePosixPath

import numpy as np

from annotate.audio.decode import one_channel, read_whole, refusals, resample
from annotate.corpora.locator import opened, parse

AS_THEY_ARE = ("WAV", "FLAC")


def embedded(root: Path, path: str, rate: int) -> dict[str, object]:
    """The recording as ``{"bytes", "path"}``, the form that ``datasets.Audio`` stores.

    A mono wav or flac at the rate wanted is taken byte for byte; any other is decoded by the rule of
    ``audio/decode.py``, resampled and written as 16-bit FLAC.

    Raises:
        Refused: it can no longer be read, though it could when it was measured.
    """
    import soundfile

    with refusals(), opened(root / path) as file:
        info = soundfile.info(file)
        if info.samplerate == rate and info.channels == 1 and info.format in AS_THEY_ARE:
            file.seek(0)
            return {"bytes": file.read(), "path": _name(path, f".{info.format.lower()}")}
    samples, native, _ = read_whole(root / path)
    mono, _ = one_channel(samples)
    held = io.BytesIO()
    soundfile.write(held, np.clip(resample(mono, native, rate), -1.0, 1.0), rate, format="FLAC", subtype="PCM_16")
    return {"bytes": held.getvalue(), "path": _name(path, ".flac")}


def _name(path: str, ending: str) -> str:
    """The recording's name with the ending of what is embedded; inside a Parquet file its row names it."""
    inner = parse(path)
    return f"{PurePosixPath(inner.file).stem}-{inner.row}{ending}" if inner else PurePosixPath(path).stem + ending
