"""Recordings as the data set carries them: one channel, at the recipe's rate, lossless."""

from __future__ import annotations

import io
from pathlib import Path, PurePosixPath

import numpy as np

from annotate.audio.decode import one_channel, read_whole, resample

AS_THEY_ARE = ("WAV", "FLAC")


def embedded(root: Path, path: str, rate: int) -> dict[str, object]:
    """The recording as ``{"bytes", "path"}``, the form that ``datasets.Audio`` stores.

    A mono wav or flac at the rate wanted is taken byte for byte; any other is decoded by the rule of
    ``audio/decode.py``, resampled and written as 16-bit FLAC.
    """
    import soundfile

    file = root / path
    info = soundfile.info(str(file))
    if info.samplerate == rate and info.channels == 1 and info.format in AS_THEY_ARE:
        return {"bytes": file.read_bytes(), "path": PurePosixPath(path).name}
    samples, native = read_whole(file)
    mono, _ = one_channel(samples)
    held = io.BytesIO()
    soundfile.write(held, np.clip(resample(mono, native, rate), -1.0, 1.0), rate, format="FLAC", subtype="PCM_16")
    return {"bytes": held.getvalue(), "path": PurePosixPath(path).stem + ".flac"}
