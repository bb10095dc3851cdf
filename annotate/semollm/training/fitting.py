"""What of a model is fitted on the training clips in closed form, and not trained by gradient."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from annotate.semollm.data.batches import Example
from annotate.semollm.model import enrolment, frozen_models
from annotate.semollm.model.bridge import over_time
from annotate.semollm.model.build import Start
from annotate.semollm.model.readout import Clips, Readout, cross_fitted, word_vectors
from annotate.semollm.model.speaker_normalisation import SpeakerNormalisation


def fit(
    model: Any, examples: list[Example], before: Start, language: frozen_models.Language | None, folds: int
) -> list[Example]:
    """Fit what is fitted and not trained by gradient, on the clips that train and no others.

    Hidden states and statistics are standardised, unless an earlier stage did; read-outs are fitted in any case. Where
    the model takes hidden states against the speaker's usual, each clip of a speaker with enough clips comes again so.

    Args:
        model: of any stage.
        examples: what trains.
        before: what the model started from.
        language: the LLM, for the read-outs' words; None in stage 1.
        folds: groups of speakers for what is told in training.

    Returns:
        The examples, with what the LLM is told of them in training.
    """
    statistics = getattr(model, "statistics", None) if before.stage < 2 else None
    readout = getattr(model, "readout", None)
    pooling = model.bridge.pooling if before.stage == 0 else None
    # a speech side that is kept as it is learns nothing from further clips
    normalisation = None if getattr(model, "speech_kept", False) else model.bridge.speaker_normalisation
    frames = before.stage == 0 and model.config.standardise
    pooled = any(part is not None for part in (statistics, readout, pooling, normalisation))
    if not (pooled or frames):
        return examples
    rows, count = [], 0
    total = squares = torch.zeros(1, dtype=torch.float64)
    for example in examples:
        states = torch.from_numpy(np.array(example.load())).float()
        if pooled:
            rows.append(over_time(states[None], torch.ones(1, states.shape[1], dtype=torch.bool))[0])
        if frames:
            count += states.shape[1]
            total, squares = total + states.sum(1).double(), squares + states.square().sum(1).double()
    held = torch.stack(rows) if rows else torch.zeros(0)
    with torch.no_grad():
        if pooling is not None:
            pooling.fit(held.mean(0), held.std(0, unbiased=False))
        if statistics is not None:
            statistics.fit(held.mean(0), held.std(0, unbiased=False))
        if frames:
            mean = total / count
            model.bridge.fit(mean, (squares / count - mean.square()).clamp(min=0).sqrt())
        if readout is not None and language is not None:
            examples = _read_out(readout, examples, held, language, folds)
        if normalisation is not None:
            return [*examples, *_against_speakers(normalisation, examples, held, fitted=before.stage > 0)]
    return examples


def _against_speakers(
    normalisation: SpeakerNormalisation, examples: list[Example], statistics: torch.Tensor, fitted: bool
) -> list[Example]:
    """The clips of speakers with enough of them, each with its hidden states against the speaker's other clips."""
    vectors, speakers = statistics.flatten(1).double().numpy(), [example.speaker for example in examples]
    if not fitted and enrolment.enrollable(speakers):
        normalisation.fit(vectors, speakers)
    return [
        dataclasses.replace(example, load=normalisation.loader(example.load, usual))
        for example, usual in zip(examples, normalisation.usual(vectors, speakers), strict=True)
        if usual is not None
    ]


def readout_clips(readout: Readout, examples: list[Example]) -> Clips:
    """What a read-out is fitted on, from the clips of a stage."""
    rows = []
    for example in examples:
        states = torch.from_numpy(np.array(example.load())).float()
        rows.append(over_time(states[None], torch.ones(1, states.shape[1], dtype=torch.bool))[0])
    return _clips(readout, examples, torch.stack(rows))


def _clips(readout: Readout, examples: list[Example], statistics: torch.Tensor) -> Clips:
    return Clips(
        statistics[:, readout.layers].numpy(),
        np.stack([example.measures for example in examples]),
        {name: [example.words.get(name) for example in examples] for name in readout.attributes},
        [example.speaker for example in examples],
    )


def _read_out(
    readout: Readout, examples: list[Example], statistics: torch.Tensor, language: frozen_models.Language, folds: int
) -> list[Example]:
    clips = _clips(readout, examples, statistics)
    readout.fit(clips)
    for name, words in readout.attributes.items():
        getattr(readout, f"{name}_vectors").copy_(word_vectors(words, language))
    hidden = clips.statistics.shape[2] // 2
    readout_logits = (
        cross_fitted(readout.attributes, clips, hidden, folds) if folds > 1 else readout.fitted_logits(clips)
    )
    return [
        dataclasses.replace(example, readout_logits=row) for example, row in zip(examples, readout_logits, strict=True)
    ]
