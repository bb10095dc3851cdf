"""The published checkpoint, 43.pth: its 262 tensors onto our names, every one demanded with its shape.

The names are those of BLIP-2's own code (BERT with queries); ``transformers`` names the same blocks otherwise.
Nothing in the file is ever run: it is read as tensors alone.
"""

from __future__ import annotations

import pickle
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import torch
from torch import Tensor

from annotate.errors import SemoError
from annotate.semollm.model import finite_checks
from annotate.semollm.model.config import SEmoConfig
from annotate.semollm.model.pretrained import first_line, listed

# a buffer that older versions of transformers saved
KNOWN_IGNORED = ("Qformer.bert.embeddings.position_ids",)
# what the file may hold beside the model's own tensors: the frozen models, saved with it
FROZEN = ("llm_model.", "speech_model.", "audio_encoder.", "wavlm.", "llama_model.")


@dataclass
class TensorReport:
    """What became of a checkpoint's tensors.

    Attributes:
        used: names in the file whose values the model now has.
        ignored: name in the file -> why it is of no use.
        missing: names that the model needs and the file lacks.
        wrong: name -> the shape found and the shape expected.
    """

    used: list[str] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """One line for a person."""
        counts = [f"{len(self.used)} tensors used", f"{len(self.ignored)} ignored", f"{len(self.missing)} missing"]
        return ", ".join(counts) + (f", {len(self.wrong)} of another shape" if self.wrong else "")


def names(config: SEmoConfig) -> dict[str, str]:
    """Name in the published file -> our name in ``SEmoForCausalLM``, for every tensor of the model."""
    our_names = {"layer_weights": "bridge.layer_weights", "query_tokens": "bridge.query_tokens"}
    for part, ours in (("projector", "bridge.projector"), ("ln_audio", "bridge.ln_audio"), ("llm_proj", "llm_proj")):
        our_names |= _both(part, ours)
    bert, qformer = "Qformer.bert", "bridge.qformer"
    our_names |= _both(f"{bert}.embeddings.LayerNorm", f"{qformer}.layernorm")
    for layer in range(config.for_qformer(False).num_hidden_layers):
        theirs, ours = f"{bert}.encoder.layer.{layer}", f"{qformer}.encoder.layer.{layer}"
        for attention in ("attention", *(("crossattention",) if layer % 2 == 0 else ())):
            for module in ("query", "key", "value"):
                our_names |= _both(f"{theirs}.{attention}.self.{module}", f"{ours}.{attention}.attention.{module}")
            for module in ("output.dense", "output.LayerNorm"):
                our_names |= _both(f"{theirs}.{attention}.{module}", f"{ours}.{attention}.{module}")
        for module in ("intermediate_query.dense", "output_query.dense", "output_query.LayerNorm"):
            our_names |= _both(f"{theirs}.{module}", f"{ours}.{module}")
    return our_names


def _both(theirs: str, ours: str) -> dict[str, str]:
    return {f"{theirs}.{end}": f"{ours}.{end}" for end in ("weight", "bias")}


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a ``.pth`` file, ``module.`` stripped, a surrounding ``model`` or ``state_dict`` opened.

    Raises:
        SemoError: absent, corrupt, or holding anything but tensors (which could be code: nothing is run).
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=None)
    except FileNotFoundError:
        raise SemoError(f"{path}: there is no such file") from None
    except pickle.UnpicklingError as error:
        why = re.search(r"Unsupported (?:global|class|operand)[^.\n]*|GLOBAL [\w.]+", str(error))
        detail = f" ({why.group(0)})" if why else ""
        raise SemoError(f"{path}: refused: not a file of plain tensors{detail}; nothing in it was run") from None
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise SemoError(f"{path}: corrupt, or not a PyTorch checkpoint: {first_line(error)}") from None
    _check_sums(path)
    for wrapper in ("model", "state_dict"):
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise SemoError(f"{path}: expected a dictionary of tensors, found {type(content).__name__}")
    tensors = {str(name).removeprefix("module."): value for name, value in content.items()}
    finite_checks.require(tensors.items(), str(path))
    return tensors


def _check_sums(path: Path) -> None:
    """PyTorch does not look at the check sums of its own files: a flipped bit would be another weight."""
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as file:
            damaged = file.testzip()
    except (BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise SemoError(f"{path}: corrupt: {first_line(error)}") from None
    if damaged is not None:
        raise SemoError(f"{path}: corrupt: {damaged} does not match its checksum; download the file again")


def fill(model: Any, state: Mapping[str, Tensor], where: str) -> TensorReport:
    """Set a model of stage 2 or 3 from a published checkpoint.

    Adapters in the file (peft's keys) are taken where the model has them, and named where it has none.

    Raises:
        SemoError: a tensor is missing or of another shape; the line names them.
    """
    wanted, mine = names(model.config), dict(model.state_dict())
    report = compare(state, wanted, mine)
    if report.missing or report.wrong:
        wrong = [f"{name} is {shapes}" for name, shapes in report.wrong.items()]
        wrong += [f"{name} is missing" for name in report.missing]
        size = "a checkpoint of another size? " if report.wrong else ""
        raise SemoError(f"{where}: {size}{listed(wrong)}; of {len(wanted)} tensors {report.text()}")
    with torch.no_grad():
        for name in report.used:
            mine[wanted.get(name) or _adapter(name, mine) or name].copy_(state[name])
    return report


def compare(state: Mapping[str, Tensor], wanted: Mapping[str, str], mine: Mapping[str, Tensor]) -> TensorReport:
    """Hold a checkpoint's names and shapes against a model's, without changing it."""
    report = TensorReport()
    for name, value in state.items():
        target = wanted.get(name) or _adapter(name, mine)
        if target is None:
            report.ignored[name] = _why(name)
        elif tuple(value.shape) != tuple(mine[target].shape):
            report.wrong[name] = f"{_size(value)}, expected {_size(mine[target])}"
        else:
            report.used.append(name)
    report.missing = [name for name in wanted if name not in state]
    return report


def _adapter(name: str, mine: Mapping[str, Tensor]) -> str | None:
    """Our name of an adapter's tensor, found by its end: the wrapper before it differs between versions of peft."""
    match = re.search(r"layers\.\d+\..*lora_[AB]", name)
    if not match:
        return None
    return next((ours for ours in mine if f".{match.group(0)}." in ours and "lora_" in ours), None)


def _why(name: str) -> str:
    if name in KNOWN_IGNORED:
        return "a buffer of older versions, not a weight"
    if "lora_" in name:
        return "an adapter; the model has none (lora rank 0, or another target)"
    if name.startswith(FROZEN):
        return "of a frozen model, which comes from its own source"
    return "unknown"


def _size(value: Tensor) -> str:
    return " x ".join(map(str, value.shape)) or "a number"
