"""The clips of a corpus relative to their speakers, as an enrolled read-out takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.semollm.data.corpus import Clip
from annotate.semollm.data.encoded_corpus import EncodedCorpus
from annotate.semollm.model import enrolment
from annotate.semollm.model.enrolment import Vectors
from annotate.semollm.model.readout import Readout

PROFILES = (5, 10, 20)  # other clips of the speaker for which the gain is reported, besides all


def vectors(readout: Readout, clips: Sequence[Clip], heard: EncodedCorpus) -> Vectors:
    """Each clip's numbers, (n, D): of the read-out's hidden states, and its measurements."""
    return np.stack(
        [
            enrolment.clip_vector(np.asarray(heard.load[clip.id]())[readout.layers], heard.measures[clip.id])
            for clip in clips
        ]
    )


def emotion_logits(
    readout: Readout | None,
    clips: Sequence[Clip],
    heard: EncodedCorpus,
    most: int | None = None,
    numbers: Vectors | None = None,
) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Clip id -> log odds of the emotions, (words,), heard against at most ``most`` other clips of the speaker.

    Empty where the model has no enrolled read-out, or no speaker has enough clips among ``clips``. ``numbers`` are from
    ``vectors``, where they are there already. The second is what there is to say.
    """
    if readout is None or readout.enrolled is None or not readout.enrolled.fitted:
        return {}, []
    speakers = [clip.speaker for clip in clips]
    numbers = vectors(readout, clips, heard) if numbers is None else numbers
    made = readout.against_speakers(numbers, speakers, most)
    found = {clip.id: one for clip, one in zip(clips, made, strict=True) if one is not None}
    return found, enrolment.not_enrolled(speakers)
