"""What the models of all stages share: initial values, and saving and loading of what is trained.

The frozen encoder and LLM are never saved: the configuration names them. Weights that train are in
``model.safetensors``, adapters of the LLM in ``lora/`` in peft's own form.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedModel

from annotate import documents
from annotate.errors import SemoError
from annotate.semollm.model import finite_checks
from annotate.semollm.model.config import SEmoConfig
from annotate.store import files, fingerprint

WEIGHTS, ADAPTERS = "model.safetensors", "lora"
FROZEN = ("encoder.", "llm.")
SUMS = "sha256.json"  # of the weights, so that a flipped bit is no other weight
MOST_LISTED = 20  # keys that an error names


class SEmoPreTrained(PreTrainedModel):
    """Base class of the models.

    A model is built without its frozen parts; ``attach`` of the subclass adds them.
    """

    config_class = SEmoConfig
    base_model_prefix = "bridge"
    main_input_name = "features"
    supports_gradient_checkpointing = True
    _supports_sdpa = True

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    def trained_state(self) -> dict[str, Tensor]:
        """All weights but those of the frozen models."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith(FROZEN)}

    def save_pretrained(self, save_directory: str | os.PathLike[str], **further: Any) -> None:
        """Save configuration and trained weights; what the frozen models hold stays where it came from.

        Raises:
            SemoError: a weight is no number; nothing is saved then.
        """
        finite_checks.require(self.trained_state().items(), str(save_directory))
        further["state_dict"] = {
            name: value.contiguous()
            for name, value in (further.get("state_dict") or self.state_dict()).items()
            if not name.startswith(FROZEN)
        }
        frozen = self._detach()
        try:
            super().save_pretrained(save_directory, **further)
        finally:
            for name, module in frozen.items():
                setattr(self, name, module)
        llm = frozen.get("llm")
        weights = Path(save_directory) / WEIGHTS
        if weights.is_file():
            files.write_json(Path(save_directory) / SUMS, {WEIGHTS: fingerprint.of_file(weights)})
        if self.config.lora and llm is not None and further.get("is_main_process", True):
            llm.save_pretrained(Path(save_directory) / ADAPTERS)

    def _detach(self) -> dict[str, nn.Module | None]:
        """Take the frozen parts out while saving: ``transformers`` would look through them for tied weights."""
        names = [name.rstrip(".") for name in FROZEN if name.rstrip(".") in self._modules]
        parts = {name: self._modules[name] for name in names}
        for name in names:
            self._modules[name] = None
        return parts

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike[str], **further: Any) -> Any:
        """A saved model by folder or Hub name, without its frozen parts.

        Raises:
            SemoError: not there, corrupt, or weights that are not exactly those of the configuration.
        """
        folder = located(name)
        config = further.pop("config", None) or configuration(folder)
        try:
            model = cls(config)
        except Exception as error:  # whatever torch and transformers make of such sizes
            raise SemoError(f"{folder / 'config.json'}: no model can be built from it: {first_line(error)}") from None
        model.load_trained(folder)
        return model.eval()

    def load_trained(self, folder: Path) -> None:
        """Load the trained weights that ``save_pretrained`` wrote; every key and shape must be there."""
        self.fill(read_weights(folder / WEIGHTS), str(folder / WEIGHTS))

    def fill(self, state: dict[str, Tensor], where: str) -> None:
        """Set all trained weights; a key too many, too few or of another shape is an error."""
        mine = self.trained_state()
        wrong = [f"{n}: {_shape(state[n])}, expected {_shape(mine[n])}" for n in mine if n in state and
                 state[n].shape != mine[n].shape]  # fmt: skip
        wrong += [f"{name}: missing" for name in mine if name not in state]
        wrong += [f"{name}: unknown" for name in state if name not in mine]
        if wrong:
            raise SemoError(f"{where}: not the weights of this model: {listed(wrong)}")
        with torch.no_grad():
            for name, value in state.items():
                mine[name].copy_(value)


def _shape(value: Tensor) -> str:
    return " x ".join(map(str, value.shape)) or "a number"


def located(name: str | os.PathLike[str]) -> Path:
    """The folder of a saved model: itself, or the Hub's copy of it.

    Raises:
        SemoError: neither a folder with a model nor a name on the Hub.
    """
    folder = Path(name)
    if (folder / "config.json").is_file():
        return folder
    if folder.exists():
        raise SemoError(f"{folder}: contains no model; expected config.json and {WEIGHTS}")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(str(name), allow_patterns=["*.json", "*.safetensors", "lora/*", "*.txt"]))
    except Exception as error:
        raise SemoError(f"{name}: no such folder, and not available from the Hub ({type(error).__name__})") from None


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    Raises:
        SemoError: absent or corrupt, or with weights that are no numbers.
    """
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise SemoError(f"{path}: cannot be read as safetensors: {first_line(error)}") from None
    finite_checks.require(tensors.items(), str(path))
    _check_sum(path)
    return tensors


def _check_sum(path: Path) -> None:
    try:
        known = documents.read_json(path.with_name(SUMS))[path.name]
    except FileNotFoundError:  # of an older version
        return
    except (OSError, ValueError, KeyError, TypeError):
        raise SemoError(f"{path.with_name(SUMS)}: cannot be read; it holds the digest of {path.name}") from None
    if fingerprint.of_file(path) != known:
        raise SemoError(f"{path}: has changed since it was saved (its SHA-256 differs)")


def configuration(folder: Path) -> SEmoConfig:
    """The configuration of a saved model.

    Raises:
        SemoError: it cannot be read, or is not one of ours.
    """
    path = folder / "config.json"
    try:
        if not isinstance(documents.read_json(path), dict):
            raise ValueError("expected a JSON object")
        config: SEmoConfig = SEmoConfig.from_pretrained(folder)
        int(config.stage)
    except Exception as error:  # whatever transformers makes of such a file
        raise SemoError(f"{path}: is not the configuration of a model: {first_line(error)}") from None
    return config


def listed(wrong: Sequence[str]) -> str:
    """What is wrong, item by item, as far as a line can hold it."""
    more = f"; and {len(wrong) - MOST_LISTED} more" if len(wrong) > MOST_LISTED else ""
    return "; ".join(wrong[:MOST_LISTED]) + more


def first_line(error: Exception) -> str:
    """What an error says, in one short line; its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
