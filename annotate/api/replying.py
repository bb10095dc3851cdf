"""``annotate.load_model``: a trained SEmoLLM that replies to recordings."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from annotate import console
from annotate.api.audio import Audio, decoded
from annotate.api.training_libraries import need_training_libraries
from annotate.errors import unknown_name

if TYPE_CHECKING:
    from annotate.semollm.inference.generation import DecodingOptions
    from annotate.semollm.inference.recording_list import Source
    from annotate.semollm.inference.recording_replies import Reply
    from annotate.semollm.inference.reply_model import LoadedModel

DEVICES = ("auto", "cpu", "cuda")


class ReplyModel:
    """A trained SEmoLLM; call it with a recording.

    Attributes:
        longest_s: longest stretch of speech that it is given at once, in seconds.
    """

    def __init__(self, model: LoadedModel) -> None:
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

    def reply_all(
        self,
        recordings: Sequence[Source],
        *,
        batch_size: int = 16,
        longest_s: float | None = None,
        long: Literal["cut", "windows"] = "cut",
        seed: int = 0,
        **decoding: Any,
    ) -> Iterator[Reply]:
        """A reply for each of many files, in batches; a file that cannot be read is a reply with an ``error``.

        Args:
            recordings: what ``find_recordings`` gives.
            batch_size: stretches of speech that are replied to at once.
            longest_s: longest stretch, in seconds; the model's own ``longest_s`` where it is not given.
            long: of a longer recording use the beginning (``cut``), or reply to every stretch (``windows``).
            seed: for ``published``.
            **decoding: ``beams`` (1 is greedy), ``longest_tokens`` of a reply, ``decode`` (``greedy`` or ``scored``, in
                place of the model's own), ``published`` (word replies as the published code does).

        Raises:
            SemoError: an argument is wrong.
        """
        import torch

        from annotate.semollm.inference import recording_replies

        torch.manual_seed(seed)
        yield from recording_replies.run(
            self._model, recordings, self._decoding(**decoding), batch_size, longest_s, long
        )

    def _decoding(
        self,
        beams: int = 1,
        longest_tokens: int | None = None,
        decode: Literal["greedy", "scored"] | None = None,
        published: bool = False,
    ) -> DecodingOptions:
        from annotate.semollm.inference import generation

        longest = longest_tokens or int(self._model.model.config.max_text)
        if published:
            return generation.DecodingOptions(
                beams=5, sample=True, repetition=1.5, longest=longest, shortest=3, decode="greedy"
            )
        return generation.DecodingOptions(beams=beams, longest=longest, decode=decode)

    def _replies(self, audio: Any, long: Literal["cut", "windows"]) -> list[Reply]:
        from annotate.semollm.inference import recording_list, recording_replies

        samples = decoded(audio).recording.samples
        path = Path(audio) if isinstance(audio, str | os.PathLike) else Path()
        source = recording_list.Source(path.stem, path)
        parts: Sequence[recording_replies.Stretch] = recording_replies.cut(source, samples, self.longest_s, long)
        if long == "cut" and len(parts[0].samples) < len(samples):
            warnings.warn(f"only the first {self.longest_s:g} s are used; windows() replies to all", stacklevel=3)
        return list(recording_replies.answered(self._model, parts, self._decoding(), batch_size=len(parts)))


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
    need_training_libraries()
    from annotate.semollm.inference import reply_model

    return ReplyModel(reply_model.trained(os.fspath(model), device, encoder, llm))


def load_checkpoint(
    file: str | os.PathLike[str],
    *,
    recipe: str = "paper-wavlm-llama2",
    device: str = "auto",
    encoder: str | None = None,
    llm: str | None = None,
    lora: int = 0,
    prompt: str | None = None,
) -> ReplyModel:
    """Load the published checkpoint, ``43.pth``; needs the extra ``train``.

    Which of its tensors are used is said on standard error.

    Args:
        file: the checkpoint.
        recipe: the training recipe with the sizes of its model.
        device: ``auto``, ``cpu`` or ``cuda``.
        encoder: the speech encoder, in place of the recipe's.
        llm: the language model, in place of the recipe's.
        lora: rank of the adapters in the checkpoint; 0: it has none.
        prompt: text between speech and reply; the published weights take none.

    Raises:
        SemoError: corrupt, of another size, lacking a tensor, or the extra is not installed.
    """
    if device not in DEVICES:
        raise unknown_name("device", device, DEVICES)
    need_training_libraries()
    from annotate.semollm import settings
    from annotate.semollm.inference import reply_model

    named = {"model.encoder": encoder, "model.llm": llm, "model.lora.rank": lora}
    sizes = settings.load(recipe, [f"{key}={value}" for key, value in named.items() if value is not None])
    return ReplyModel(reply_model.published(Path(file), sizes, device, partial(console.show, error=True), prompt))


def find_recordings(
    paths: Sequence[str | os.PathLike[str]] = (),
    *,
    list_file: str | os.PathLike[str] | None = None,
    speaker_of: str | None = None,
) -> list[Source]:
    """The recordings for ``ReplyModel.reply_all``: files, those in folders, and those of a list.

    Args:
        paths: files and folders.
        list_file: a file of lines ``id<TAB>path``, or a table where ``speaker_of`` names one of its columns.
        speaker_of: who speaks, so that recordings are compared with others of the same speaker: a column of the table,
            or ``folder``, for which each folder is one speaker.

    Returns:
        For each its ``id``, its ``path`` and, with ``speaker_of``, its ``speaker``.

    Raises:
        SemoError: none at all, a file that is not there, or a wrong line.
    """
    need_training_libraries()
    from annotate.semollm.inference import recording_list

    listed = None if list_file is None else Path(list_file)
    return recording_list.sources([Path(path) for path in paths], listed, speaker_of)
