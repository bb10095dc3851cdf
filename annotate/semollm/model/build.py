"""The model of a stage: built from the recipe, started from what came before it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from annotate.captions.replies import ATTRIBUTES
from annotate.errors import SemoError, UsageError
from annotate.semollm.model import encoder, frozen_models, naming, pretrained, published_checkpoint, tokenization
from annotate.semollm.model.causal_lm import SEmoForCausalLM, from_stage1
from annotate.semollm.model.config import SEmoConfig
from annotate.semollm.model.pretraining import SEmoForPreTraining
from annotate.semollm.model.readout import word_vectors
from annotate.semollm.model.tokenization import DEC
from annotate.semollm.settings import TrainRecipe

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
    folder = pretrained.located(path / "model" if (path / "model" / "config.json").is_file() else init)
    return Start(folder, int(pretrained.configuration(folder).stage))


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
        encoder_pad_s=recipe.model.encoder_pad_s,
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
        speaker_normalisation=model.speaker_normalisation,
        statistics_tokens=model.statistics.tokens,
        statistics_dropout=model.statistics.dropout,
        pooling=model.pooling.model_dump(include={"dropout", "noise"}) if model.pooling.use else None,
        naming=naming.settings(model.naming, model.queries, words) if model.naming.use else None,
        readout=_readout(recipe, speech, words) if model.readout.use else None,
        forms=tokenization.forms(labels, recipe.template),
        decode=recipe.decode,
        prompt=tokenization.prompt(recipe.prompt, prompt),
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
        "tokens": recipe.model.readout.tokens,
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
    published_checkpoint.fill(whole, published_checkpoint.read(before.path or Path()), str(before.path))
    mine = model.state_dict()
    with torch.no_grad():
        for name, value in whole.bridge.state_dict().items():
            mine[f"bridge.{name}"].copy_(value)


def later(
    config: SEmoConfig, stage: int, recipe: TrainRecipe, language: frozen_models.Language, before: Start
) -> tuple[SEmoForCausalLM, published_checkpoint.TensorReport | None]:
    """The model of stage 2 or 3 with its LLM; with a report where a published checkpoint was read."""
    lora = recipe.model.lora
    config = copy.deepcopy(config)
    config.stage = stage
    config.prompt = config.prompt if stage == 3 else None
    config.llm_hidden = int(language.model.get_input_embeddings().weight.shape[1])
    config.lora = lora.model_dump(mode="json") if lora.rank and stage == 3 else None
    config.max_text = recipe.stages.number(stage).max_text
    config.content = recipe.stages.number(stage).content if stage == 3 else None
    letters = recipe.stages.number(stage).content.split("+")[1:]
    replied = [*(["emotion"] if stage == 3 else []), *(ATTRIBUTES[letter] for letter in letters)]
    if config.readout and config.readout["tokens"]:
        config.readout["shown"] = [name for name in replied if name in config.readout["attributes"]]
    if config.naming and config.naming["tokens"]:
        config.naming["shown"] = [name for name in replied if name in config.naming["words"]]
        if before.published or before.path is None:
            raise UsageError("model.naming.tokens: the naming is trained in stage 1; expected --stages 1,2,3 or --init")
    model = SEmoForCausalLM(config)
    model.attach(language.model)
    if recipe.stages.number(stage).rates.get("bridge.") == 0:
        model.keep_speech()
    report = None
    if before.published:
        report = published_checkpoint.fill(model, published_checkpoint.read(before.path or Path()), str(before.path))
    elif before.path is not None and before.stage >= 2:
        state = pretrained.read_weights(before.path / pretrained.WEIGHTS)
        # read-outs are fitted anew in every stage: the corpus, and with it the labels, may be another
        readouts = {name: value for name, value in model.trained_state().items() if name.startswith(READOUT)}
        kept = {name: value for name, value in state.items() if not name.startswith(READOUT)}
        model.fill({**kept, **readouts}, str(before.path))
    else:
        model.match_scale()
        if before.path is not None:
            _take_over(model, before.path, language)
    return model, report


def _take_over(model: SEmoForCausalLM, folder: Path, language: frozen_models.Language) -> None:
    state = pretrained.read_weights(folder / pretrained.WEIGHTS)
    mine = model.trained_state()
    for name, value in state.items():
        if name in mine and mine[name].shape != value.shape:
            raise SemoError(f"{folder}: {name} is {tuple(value.shape)}, expected {tuple(mine[name].shape)}")
    lacking = [name for name in mine if name.startswith("bridge.") and name not in state]
    if lacking:
        raise SemoError(f"{folder}: not the weights of this recipe: {lacking[0]} is missing")
    from_stage1(model, state)
    words = (model.config.naming or {}).get("words")
    if words and HEAD in state:
        vectors = word_vectors(naming.phrases(words), language)
        if model.naming is not None:
            model.naming.vectors.copy_(vectors)
        around = [part - part.mean(0) for part in vectors.split([len(known) for known in words.values()])]
        model.start_from_naming(state[HEAD], torch.cat(around))
