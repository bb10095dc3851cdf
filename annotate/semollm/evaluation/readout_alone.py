"""The read-out by itself, beside the model that is told it: without enrolment, and with more and more clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from annotate.semollm.data.corpus import CorpusClip
from annotate.semollm.data.encoded_corpus import EncodedCorpus
from annotate.semollm.inference import speaker_relative
from annotate.semollm.model import pretrained
from annotate.semollm.model.build import READOUT
from annotate.semollm.model.readout import Readout
from annotate.semollm.training import calibration

ALONE = "read-out alone"
ENROLLED = tuple(f"{ALONE}, {most or 'all'} other clips" for most in (*speaker_relative.PROFILES, None))


@dataclass(frozen=True)
class Stored:
    """A model's read-out with its temperatures, ``SEmoConfig.calibration``."""

    readout: Readout
    calibration: Mapping[str, float]


def stored(folder: Path) -> Stored | None:
    """The read-out of a saved model, without its LLM; None where the model has none."""
    config = pretrained.configuration(folder)
    settings = config.readout
    if not settings:
        return None
    made = Readout(
        settings["attributes"], settings["layers"], config.encoder_hidden, config.llm_hidden,
        settings.get("sharpen", 1.0), settings.get("enrolment", False),
    )  # fmt: skip
    state = pretrained.read_weights(folder / pretrained.WEIGHTS)
    made.load_state_dict({name.removeprefix(READOUT): value for name, value in state.items() if READOUT in name[:8]})
    return Stored(made, config.calibration)


def rows_by_enrolment(
    stored: Stored, clips: Sequence[CorpusClip], encoded: EncodedCorpus
) -> dict[str, list[dict[str, Any]]]:
    """Name -> rows as ``figures.figures`` takes them: without enrolment, with 5, 10, 20 and all other clips.

    A clip that cannot be enrolled is named without enrolment in all of them; where none can, there is one set alone.
    """
    readout = stored.readout
    numbers = speaker_relative.vectors(readout, clips, encoded)
    plain = readout.from_vectors(numbers)["emotion"] / stored.calibration.get(calibration.READOUT, 1.0)
    temperature = stored.calibration.get(calibration.READOUT_ENROLLED, 1.0)
    rows_of = {ALONE: _rows(readout, clips, plain)}
    for name, most in zip(ENROLLED, (*speaker_relative.PROFILES, None), strict=True):
        enrolled, _ = speaker_relative.emotion_logits(readout, clips, encoded, most, numbers)
        if enrolled:
            logits = plain.clone()
            for place, clip in enumerate(clips):
                if clip.id in enrolled:
                    logits[place] = torch.from_numpy(enrolled[clip.id]) / temperature
            rows_of[name] = _rows(readout, clips, logits)
    return rows_of


def _rows(readout: Readout, clips: Sequence[CorpusClip], logits: Tensor) -> list[dict[str, Any]]:
    words = readout.attributes["emotion"]
    return [
        {
            "id": clip.id,
            "speaker": clip.speaker,
            "emotion": clip.emotion,
            "predicted": {"emotion": words[int(chances.argmax())]},
            "chances": dict(zip(words, chances.tolist(), strict=True)),
        }
        for clip, chances in zip(clips, logits.softmax(1), strict=True)
    ]


def merged(folds: Sequence[Mapping[str, list[dict[str, Any]]]]) -> dict[str, list[list[dict[str, Any]]]]:
    """Name -> the rows of each fold that has them."""
    names = dict.fromkeys(name for fold in folds for name in fold)
    return {name: [fold[name] for fold in folds if name in fold] for name in names}
