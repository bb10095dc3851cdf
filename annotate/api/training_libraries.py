"""The libraries of the extra ``train``: whether they are there, and quiet."""

from __future__ import annotations

import importlib.util
import warnings

from annotate.errors import SemoError

NEEDED = ("torch", "transformers", "accelerate", "peft", "safetensors", "matplotlib")


def need_training_libraries() -> None:
    """Make the libraries of the extra ready; their own notices are not what users need.

    Raises:
        SemoError: some are not installed.
    """
    lacking = [name for name in NEEDED if not _installed(name)]
    if lacking:
        raise SemoError(f"{', '.join(lacking)}: not installed; pip install 'semo-annotate[train]'")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # an import hook that hides it
        return False
