"""A model ready to reply: its trained weights, loaded with their frozen encoder and LLM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from annotate.errors import SemoError
from annotate.semollm.model import build, encoder, frozen_models, pretrained, published_checkpoint
from annotate.semollm.model.causal_lm import SEmoForCausalLM
from annotate.semollm.settings import TrainRecipe

EMOTIONS = ("anger", "happiness", "sadness", "neutral", "fear", "disgust", "surprise", "calm")


@dataclass
class LoadedModel:
    """A model ready to reply: trained weights with their frozen encoder and LLM."""

    model: SEmoForCausalLM
    encoder: encoder.SpeechEncoder
    language: frozen_models.Language

    @property
    def labels(self) -> Sequence[str]:
        """The emotions that are looked for in replies."""
        return self.model.config.labels or EMOTIONS


def _device(device: str) -> torch.device:
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise SemoError("--device cuda: there is no GPU that PyTorch can use")
    return torch.device("cuda" if there and device != "cpu" else "cpu")


def trained(name: str, device: str, speech: str | None = None, llm: str | None = None) -> LoadedModel:
    """A model of ours, by the folder that training left or its name on the Hub.

    Raises:
        SemoError: not there, not whole, or not a model of stage 2 or 3.
    """
    path = Path(name)
    folder = pretrained.located(path / "model" if (path / "model" / "config.json").is_file() else name)
    config = pretrained.configuration(folder)
    if int(config.stage) < 2:
        raise SemoError(
            f"{name}: is a model of stage {config.stage}, which has no LLM; expected a model of stage 2 or 3"
        )
    place = _device(device)
    dtype = torch.bfloat16 if place.type == "cuda" else torch.float32
    language = frozen_models.language(llm or config.llm, dtype)
    model = SEmoForCausalLM.from_pretrained(folder, config=config)
    adapters = folder / pretrained.ADAPTERS
    model.attach(language.model, adapters if config.lora else None)
    speech_encoder = encoder.load(speech or config.encoder, config.encoder_layers, dtype, config.encoder_pad_s)
    _fits(model, speech_encoder)
    return LoadedModel(model.to(place).eval(), speech_encoder.to(place), language)


def published(
    file: Path, recipe: TrainRecipe, device: str, tell: Callable[[str], None], prompt: str | None = None
) -> LoadedModel:
    """The published checkpoint, in a model of the recipe's sizes; ``tell`` is given the report on its tensors.

    Raises:
        SemoError: corrupt, holding code, of another size, or lacking a tensor.
    """
    state = published_checkpoint.read(file)
    place = _device(device)
    dtype = torch.bfloat16 if place.type == "cuda" else torch.float32
    speech_encoder = encoder.load(recipe.model.encoder, recipe.model.encoder_layers, dtype, recipe.model.encoder_pad_s)
    language = frozen_models.language(recipe.model.llm, dtype)
    config = build.configuration(recipe, speech_encoder, [], prompt or "")
    config.prompt, config.readout = prompt, None  # the published model has no read-outs
    config.llm_hidden = int(language.model.get_input_embeddings().weight.shape[1])
    config.lora = recipe.model.lora.model_dump(mode="json") if recipe.model.lora.rank else None
    model = SEmoForCausalLM(config)
    model.attach(language.model)
    report = published_checkpoint.fill(model, state, str(file))
    tell(f"{file}: {report.text()}")
    for name, why in list(report.ignored.items())[:10]:
        tell(f"  {name}: {why}")
    return LoadedModel(model.to(place).eval(), speech_encoder.to(place), language)


def _fits(model: SEmoForCausalLM, speech_encoder: encoder.SpeechEncoder) -> None:
    width, expected = encoder.width(speech_encoder), model.config.encoder_hidden
    if width != expected:
        raise SemoError(f"the encoder is {width} wide; these weights were made for {expected}")
