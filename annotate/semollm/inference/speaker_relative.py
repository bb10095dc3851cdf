"""The clips of a corpus relative to their speakers, as an enrolled read-out and the speech path take them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.semollm.data.corpus import CorpusClip
from annotate.semollm.data.encoded_corpus import ClipFeatures, EncodedCorpus
from annotate.semollm.model import enrolment
from annotate.semollm.model.enrolment import Vectors
from annotate.semollm.model.readout import Readout
from annotate.semollm.model.speaker_normalisation import SpeakerNormalisation, clip_statistics

PROFILES = (5, 10, 20)  # other clips of the speaker for which the gain is reported, besides all


def vectors(readout: Readout, clips: Sequence[CorpusClip], encoded: EncodedCorpus) -> Vectors:
    """Each clip's numbers, (n, D): of the read-out's hidden states, and its measurements."""
    return np.stack(
        [
            enrolment.clip_vector(np.asarray(encoded.load[clip.id]())[readout.layers], encoded.measures[clip.id])
            for clip in clips
        ]
    )


def emotion_logits(
    readout: Readout | None,
    clips: Sequence[CorpusClip],
    encoded: EncodedCorpus,
    most: int | None = None,
    numbers: Vectors | None = None,
) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Clip id -> log odds of the emotions, (words,), heard against at most ``most`` other clips of the speaker.

    Empty where the model has no enrolled read-out, or no speaker has enough clips among ``clips``. ``numbers`` are from
    ``vectors``, where they are there already. The second is what there is to say.
    """
    if readout is None or not readout.enrols:
        return {}, []
    speakers = [clip.speaker for clip in clips]
    numbers = vectors(readout, clips, encoded) if numbers is None else numbers
    made = readout.against_speakers(numbers, speakers, most)
    logits = {clip.id: clip_logits for clip, clip_logits in zip(clips, made, strict=True) if clip_logits is not None}
    return logits, enrolment.not_enrolled(speakers)


def enrolled_clips(
    model: Any, clips: Sequence[CorpusClip], encoded: EncodedCorpus, most: int | None = None
) -> tuple[dict[str, ClipFeatures], list[str]]:
    """Clip id -> the clip ready to be asked about against at most ``most`` other clips of its speaker.

    Clips that are not enrolled are left out; all are where the model cannot take enrolled speakers.

    Args:
        model: a ``SEmoForCausalLM``.
        clips: whose speakers' other clips are among them.
        encoded: their features.
        most: None takes all.

    Returns:
        The clips, and what there is to say of those that are left out.
    """
    logits, _ = emotion_logits(model.readout, clips, encoded, most)
    loads = [encoded.load[clip.id] for clip in clips]
    speakers = [clip.speaker for clip in clips]
    loaders = normalised_loaders(model.bridge.speaker_normalisation, loads, speakers, most)
    if not logits and not any(loaders):
        able = can_enrol(model)
        return {}, enrolment.not_enrolled(speakers) if able else []
    ready = {}
    for clip, loader in zip(clips, loaders, strict=True):
        made = dataclasses.replace(encoded.clip(clip), emotion_logits=logits.get(clip.id), normalised=loader)
        if made.enrolled:
            ready[clip.id] = made
    return ready, enrolment.not_enrolled(speakers)


def can_enrol(model: Any) -> bool:
    """Whether the model can take an enrolled speaker at all, by its read-out or by its speech path."""
    readout, normalisation = model.readout, model.bridge.speaker_normalisation
    return (readout is not None and readout.enrols) or (normalisation is not None and normalisation.fitted)


def normalised_loaders(
    normalisation: SpeakerNormalisation | None,
    loads: Sequence[Callable[[], Any]],
    speakers: Sequence[str | None],
    most: int | None = None,
) -> list[Callable[[], NDArray[np.float32]] | None]:
    """For each clip what gives its hidden states against its speaker's other clips; None where it is not enrolled.

    Args:
        normalisation: the model's; None where its speech path takes no enrolled speakers.
        loads: give the clips' hidden states, (N, T, H).
        speakers: of each clip; None where unknown.
        most: at most so many other clips; None takes all.
    """
    if normalisation is None or not normalisation.fitted or not loads:
        return [None] * len(loads)
    statistics = np.stack([clip_statistics(load()) for load in loads])
    others = normalisation.usual(statistics, speakers, most)
    return [
        None if usual is None else normalisation.loader(load, usual) for load, usual in zip(loads, others, strict=True)
    ]
