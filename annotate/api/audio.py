"""Whatever a user calls a recording, as the recording that is measured: a path, samples, a data set's value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy as np
from numpy.typing import NDArray

from annotate.errors import SemoError

if TYPE_CHECKING:
    from annotate.audio.decode import Decoded

# a path; (samples, rate); a ``datasets`` audio value: {"array", "sampling_rate"} or {"bytes", "path"}
Audio = Union[str, "os.PathLike[str]", tuple[Any, int], Mapping[str, Any]]
EXPECTED = "expected a path, (samples, rate), or an audio value of `datasets`"


def decoded(audio: Audio) -> Decoded:
    """One channel at 16 kHz, by the rules that files of a corpus are decoded by.

    Raises:
        SemoError: not a recording, or one that cannot be measured, with the reason.
    """
    from annotate.audio import decode

    try:
        if isinstance(audio, str | os.PathLike):
            return decode.decode(Path(audio))
        return _in_memory(audio)
    except decode.Refused as refused:
        where = f"{os.fspath(audio)}: " if isinstance(audio, str | os.PathLike) else "audio: "
        raise SemoError(f"{where}{refused}") from None


def _in_memory(audio: Any) -> Decoded:
    from annotate.audio.decode import decode_samples, refuse_unmeasurable

    samples, rate = _samples(audio)
    refuse_unmeasurable(samples, rate)
    return decode_samples(samples, rate)


def _samples(audio: Any) -> tuple[NDArray[np.float32], int]:
    """Samples of shape (n, channels) and their rate."""
    if hasattr(audio, "get_all_samples"):  # datasets 4 gives a decoder of torchcodec
        held = audio.get_all_samples()
        return _checked(np.asarray(held.data).T, held.sample_rate)
    if isinstance(audio, Mapping):
        if audio.get("array") is not None:
            return _checked(audio["array"], audio.get("sampling_rate"))
        if audio.get("bytes") is not None or audio.get("path"):
            from annotate.audio import sound

            stored = sound.read(Path(audio.get("path") or "audio"), audio.get("bytes"))
            return stored.samples, stored.rate
        raise SemoError(f"audio: a mapping with the keys {', '.join(map(str, audio)) or 'none'}; {EXPECTED}")
    if isinstance(audio, tuple) and len(audio) == 2:
        return _checked(*audio)
    raise SemoError(f"audio: {type(audio).__name__} given; {EXPECTED}")


def _checked(array: Any, rate: Any) -> tuple[NDArray[np.float32], int]:
    """Samples as float32 of shape (n, channels); whole numbers are brought to full scale 1.

    Raises:
        SemoError: no numbers, another shape than (n,) or (n, channels), or a rate that is not one.
    """
    if isinstance(rate, bool) or not isinstance(rate, int | float | np.integer | np.floating) or rate != int(rate):
        raise SemoError(f"audio: the sampling rate is {rate!r}; expected a whole number of Hz, as in (samples, 16000)")
    if not 1000 <= rate <= 768_000:
        raise SemoError(f"audio: a sampling rate of {rate:g} Hz; expected 1,000 to 768,000 Hz")
    try:
        samples = np.asarray(array)
    except ValueError as error:
        raise SemoError(f"audio: samples that are not an array: {error}") from None
    if samples.dtype.kind not in "fiu":
        raise SemoError(f"audio: samples of type {samples.dtype}; expected numbers")
    if samples.ndim == 1:
        samples = samples[:, None]
    if samples.ndim != 2:
        raise SemoError(f"audio: an array of shape {samples.shape}; expected (n,) or (n, channels)")
    if 0 < len(samples) < samples.shape[1]:
        raise SemoError(f"audio: an array of shape {samples.shape}; expected (n, channels), so transpose it")
    return np.ascontiguousarray(_scaled(samples)), int(rate)


def _scaled(samples: NDArray[Any]) -> NDArray[np.float32]:
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    held = np.iinfo(samples.dtype)
    middle = 0.0 if held.min < 0 else (held.max + 1) / 2  # unsigned samples swing about their middle
    return ((samples.astype(np.float64) - middle) / ((held.max + 1) / (1 if held.min < 0 else 2))).astype(np.float32)
