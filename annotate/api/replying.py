"""``annotate.load_model``: a trained SEmoLLM that replies to recordings."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from annotate.api.audio import Audio, decoded
from annotate.errors import SemoError, unknown_name

if TYPE_CHECKING:
    from annotate.semollm.infer import Reply, Speaker

DEVICES = ("auto", "cpu", "cuda")


class ReplyModel:
    """A trained SEmoLLM; call it with a recording.

    Attributes:
        longest_s: longest stretch of speech that it is given at once, in seconds.
    """

    def __init__(self, model: Speaker) -> None:
        self._model = model
        self.longest_s = float(min(model.model.config.max_audio_s, model.encoder.longest_s))

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions that it knows."""
        return tuple(self._model.labels)

    def __call__(self, audio: Audio | Any, rate: int | None = None) -> Reply:
        """The reply to a recording.

        Args:
            audio: what ``annotate.measure`` takes, or an array of samples with its rate beside it.
            rate: sampling rate of ``audio`` where it is an array, Hz.

        Returns:
            ``reply`` (the sentence), ``emotion`` (the label that it names, or None), ``start`` and ``end`` in seconds.
            Of a recording longer than ``longest_s`` only the beginning is used, with a warning.

        Raises:
            SemoError: the recording cannot be used, with the reason.
        """
        replies = self._replies(audio if rate is None else (audio, rate), "cut")
        return replies[0]

    def windows(self, audio: Audio | Any, rate: int | None = None) -> list[Reply]:
        """A reply for each stretch of ``longest_s`` of a long recording; arguments and errors as for a call."""
        return self._replies(audio if rate is None else (audio, rate), "windows")

    def _replies(self, audio: Any, long: Literal["cut", "windows"]) -> list[Reply]:
        from annotate.semollm import generate, infer

        samples = decoded(audio).recording.samples
        path = Path(audio) if isinstance(audio, str | os.PathLike) else Path()
        source = infer.Source(path.stem, path)
        parts: Sequence[infer.Stretch] = infer.cut(source, samples, self.longest_s, long)
        if long == "cut" and len(parts[0].samples) < len(samples):
            warnings.warn(f"only the first {self.longest_s:g} s are used; windows() replies to all", stacklevel=3)
        longest = int(self._model.model.config.max_text)
        return list(infer.answered(self._model, parts, generate.How(longest=longest), batch_size=len(parts)))


def load_model(
    model: str | os.PathLike[str],
    *,
    device: str = "auto",
    encoder: str | None = None,
    llm: str | None = None,
) -> ReplyModel:
    """Load a trained SEmoLLM; needs the extra ``train``.

    Args:
        model: the folder that ``semo-train`` left, or its name on the Hub.
        device: ``auto``, ``cpu`` or ``cuda``.
        encoder: the speech encoder, in place of the model's own.
        llm: the language model, in place of the model's own.

    Raises:
        SemoError: not there, not whole, not of stage 2 or 3, or the extra is not installed.

    Example:
        >>> reply = annotate.load_model("out/semollm-small/model")  # doctest: +SKIP
        >>> reply("clip.wav").reply  # doctest: +SKIP
        'The Emotion may be anger.'
    """
    if device not in DEVICES:
        raise unknown_name("device", device, DEVICES)
    try:
        from annotate.semollm import infer
    except ModuleNotFoundError as error:
        raise SemoError(f"load_model needs the package '{error.name}'; pip install 'semo-annotate[train]'") from None
    return ReplyModel(infer.trained(os.fspath(model), device, encoder, llm))
