"""The model of a stage: built from the recipe, started from what came before it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from annotate.captions.replies import ATTRIBUTES
from annotate.errors import SemoError, UsageError
from annotate.semollm import base, checkpoint, encoder, naming, references, texts
from annotate.semollm.batches import Example
from annotate.semollm.bridge import over_time
from annotate.semollm.config import SEmoConfig
from annotate.semollm.model import SEmoForCausalLM, from_stage1
from annotate.semollm.pretraining import SEmoForPreTraining
from annotate.semollm.readout import Clips, Readout, cross_fitted, word_vectors
from annotate.semollm.settings import TrainRecipe
from annotate.semollm.texts import DEC

READOUT, HEAD = "readout.", "naming.head.weight"


@dataclass
class Start:
    """What a stage starts from: nothing, a model that was saved, or the published checkpoint.

    Attributes:
        path: where it is; None for nothing.
        stage: the stage that it was trained in; 0 for nothing.
    """

    path: Path | None
    stage: int

    @property
    def published(self) -> bool:
        """Whether it is a file like 43.pth, of a stage-3 model."""
        return self.path is not None and self.path.suffix in (".pth", ".pt", ".bin")


def start(init: str | None) -> Start:
    """What the user named: nothing, a folder, a name on the Hub, or a ``.pth`` file.

    Raises:
        SemoError: it is not there.
    """
    if init is None:
        return Start(None, 0)
    path = Path(init)
    if path.suffix in (".pth", ".pt", ".bin"):
        if not path.is_file():
            raise SemoError(f"--init {init}: there is no such file")
        return Start(path, 3)
    folder = base.located(path / "model" if (path / "model" / "config.json").is_file() else init)
    return Start(folder, int(base.configuration(folder).stage))


def configuration(
    recipe: TrainRecipe,
    speech: encoder.SpeechEncoder,
    labels: list[str],
    prompt: str,
    attributes: Mapping[str, list[str]] | None = None,
) -> SEmoConfig:
    """The model's configuration by the recipe; what a stage alone knows is added by ``first`` and ``later``."""
    model, former = recipe.model, recipe.model.qformer
    words = {"emotion": labels, **(attributes or {})}
    if former.width % former.heads:
        raise UsageError(f"model.qformer: width {former.width} is not a multiple of heads {former.heads}")
    return SEmoConfig(
        encoder=model.encoder,
        encoder_layers=speech.layers,
        encoder_hidden=encoder.width(speech),
        project=model.project,
        num_queries=model.queries,
        qformer={
            "hidden_size": former.width,
            "num_hidden_layers": former.layers,
            "num_attention_heads": former.heads,
            "intermediate_size": former.inner,
            "hidden_dropout_prob": former.dropout,
            "attention_probs_dropout_prob": former.dropout,
            "initializer_range": former.spread,
        },
        speech_dropout=model.dropout,
        llm=model.llm,
        standardise=model.standardise,
        statistics_tokens=model.statistics.tokens,
        statistics_dropout=model.statistics.dropout,
        pooling=model.pooling.model_dump(include={"dropout", "noise"}) if model.pooling.use else None,
        naming=naming.settings(model.naming, model.queries, words) if model.naming.use else None,
        readout=_readout(recipe, speech, words) if model.readout.use else None,
        forms=texts.forms(labels, recipe.template),
        decode=recipe.decode,
        prompt=texts.prompt(recipe.prompt, prompt),
        max_audio_s=recipe.audio.max_s,
        labels=labels,
    )


def _readout(recipe: TrainRecipe, speech: encoder.SpeechEncoder, attributes: Mapping[str, list[str]]) -> dict[str, Any]:
    """What the read-outs hear; ``shown`` is set by ``later``, by the content that a stage teaches."""
    layers = speech.layers if recipe.model.readout.layers == "all" else recipe.model.readout.layers
    lacking = [layer for layer in layers if layer not in speech.layers]
    if lacking:
        raise UsageError(f"model.readout.layers: {lacking[0]} is not among model.encoder_layers, {speech.layers}")
    return {
        "attributes": dict(attributes),
        "layers": [speech.layers.index(layer) for layer in layers],
        "shown": [],
        "sharpen": recipe.model.readout.sharpen,
        "enrolment": recipe.model.readout.enrolment,
    }


def first(config: SEmoConfig, tokenizer: Any, bert: str, before: Start) -> SEmoForPreTraining:
    """The model of stage 1."""
    config = copy.deepcopy(config)
    config.stage = 1
    config.text_vocab, config.text_pad = len(tokenizer), tokenizer.pad_token_id
    config.text_dec = tokenizer.convert_tokens_to_ids(DEC)
    model = SEmoForPreTraining(config)
    if before.published:
        _speech_side(model, before)
    elif before.path is not None and before.stage == 1:
        model.load_trained(before.path)
    elif before.path is not None:
        raise UsageError(f"--init {before.path}: was trained in stage {before.stage}; stage 1 comes before it")
    elif bert != "none":
        model.init_from_bert(bert)
    return model


def _speech_side(model: SEmoForPreTraining, before: Start) -> None:
    """Stage 1 takes the speech side of the published checkpoint; its text path starts anew."""
    whole = SEmoForCausalLM(model.config)
    checkpoint.fill(whole, checkpoint.read(before.path or Path()), str(before.path))
    mine = model.state_dict()
    with torch.no_grad():
        for name, value in whole.bridge.state_dict().items():
            mine[f"bridge.{name}"].copy_(value)


def later(
    config: SEmoConfig, stage: int, recipe: TrainRecipe, language: references.Language, before: Start
) -> tuple[SEmoForCausalLM, checkpoint.Report | None]:
    """The model of stage 2 or 3 with its LLM; with a report where a published checkpoint was read."""
    lora = recipe.model.lora
    config = copy.deepcopy(config)
    config.stage = stage
    config.prompt = config.prompt if stage == 3 else None
    config.llm_hidden = int(language.model.get_input_embeddings().weight.shape[1])
    config.lora = lora.model_dump(mode="json") if lora.rank and stage == 3 else None
    config.max_text = recipe.stages.number(stage).max_text
    config.content = recipe.stages.number(stage).content if stage == 3 else None
    if config.readout:
        letters = recipe.stages.number(stage).content.split("+")[1:]
        named = [ATTRIBUTES[letter] for letter in letters if ATTRIBUTES[letter] in config.readout["attributes"]]
        config.readout["shown"] = [*(["emotion"] if stage == 3 else []), *named]
    model = SEmoForCausalLM(config)
    model.attach(language.model)
    if recipe.stages.number(stage).rates.get("bridge.") == 0:
        model.keep_speech()
    report = None
    if before.published:
        report = checkpoint.fill(model, checkpoint.read(before.path or Path()), str(before.path))
    elif before.path is not None and before.stage >= 2:
        state = base.read_weights(before.path / base.WEIGHTS)
        # read-outs are fitted anew in every stage: the corpus, and with it the labels, may be another
        own = {name: value for name, value in model.trained_state().items() if name.startswith(READOUT)}
        kept = {name: value for name, value in state.items() if not name.startswith(READOUT)}
        model.fill({**kept, **own}, str(before.path))
    else:
        model.match_scale()
        if before.path is not None:
            _take_over(model, before.path, language)
    return model, report


def _take_over(model: SEmoForCausalLM, folder: Path, language: references.Language) -> None:
    state = base.read_weights(folder / base.WEIGHTS)
    mine = model.trained_state()
    for name, value in state.items():
        if name in mine and mine[name].shape != value.shape:
            raise SemoError(f"{folder}: {name} is {tuple(value.shape)}, the recipe makes it {tuple(mine[name].shape)}")
    lacking = [name for name in mine if name.startswith("bridge.") and name not in state]
    if lacking:
        raise SemoError(f"{folder}: not the weights of this recipe: {lacking[0]} is missing")
    from_stage1(model, state)
    words = (model.config.naming or {}).get("words")
    if words and HEAD in state:
        vectors = word_vectors(naming.phrases(words), language)
        around = [part - part.mean(0) for part in vectors.split([len(one) for one in words.values()])]
        model.start_from_naming(state[HEAD], torch.cat(around))


def fit(
    model: Any, examples: list[Example], before: Start, language: references.Language | None, folds: int
) -> list[Example]:
    """Fit what is fitted and not trained by gradient, on the clips that train and no others.

    Hidden states and statistics are standardised, unless an earlier stage did; read-outs are fitted in any case.

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
    frames = before.stage == 0 and model.config.standardise
    if statistics is None and readout is None and pooling is None and not frames:
        return examples
    rows, count = [], 0
    total = squares = torch.zeros(1, dtype=torch.float64)
    for example in examples:
        states = torch.from_numpy(np.array(example.load())).float()
        if statistics is not None or readout is not None or pooling is not None:
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
            return _read_out(readout, examples, held, language, folds)
    return examples


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
    readout: Readout, examples: list[Example], statistics: torch.Tensor, language: references.Language, folds: int
) -> list[Example]:
    clips = _clips(readout, examples, statistics)
    readout.fit(clips)
    for name, words in readout.attributes.items():
        getattr(readout, f"{name}_vectors").copy_(word_vectors(words, language))
    hidden = clips.statistics.shape[2] // 2
    told = cross_fitted(readout.attributes, clips, hidden, folds) if folds > 1 else readout.told(clips)
    return [dataclasses.replace(example, told=row) for example, row in zip(examples, told, strict=True)]
