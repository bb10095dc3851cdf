"""Read the arrays of a PyTorch file of weights without PyTorch, and without running anything that is in it.

The layout is that of ``torch.save`` before version 1.6 (torch/serialization.py, "legacy"): a magic number, a
protocol, a description of the machine, the object with references to storages, the storages' names, and each
storage's length and content. Only tensors of floats in dictionaries are understood; whatever else a file asks
to be made is refused.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from annotate.errors import SemoError

MAGIC = 0x1950A86A20F9469CFC6C


class _Tensor:
    """A tensor that is known only by its storage until the storages have been read."""

    def __init__(self, storage: str, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self, storages: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        flat = storages[self.storage][self.offset :]
        steps = tuple(4 * step for step in self.stride)
        copied: NDArray[np.float32] = np.lib.stride_tricks.as_strided(flat, self.size, steps).copy()
        return copied


class _Reader(pickle.Unpickler):
    """An unpickler that makes tensors and dictionaries and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
            ("torch", "FloatStorage"): "float",
            ("collections", "OrderedDict"): OrderedDict,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is not a tensor")
        return known[module, name]

    def persistent_load(self, reference: Any) -> str:
        kind, _storage_type, key, *_rest = reference
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown reference {kind!r}")
        return str(key)


def read_state(path: Path) -> dict[str, NDArray[np.float32]]:
    """The weights under the key ``model_state`` of a file, by name.

    Raises:
        SemoError: the file is absent, of another layout, or holds something else than weights.
    """
    try:
        with open(path, "rb") as file:
            return _read(file)
    except OSError as error:
        raise SemoError(f"{path}: cannot be read: {error.strerror}") from None
    except (pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise SemoError(f"{path}: is not the expected file of weights: {error}") from None


def _read(file: BinaryIO) -> dict[str, NDArray[np.float32]]:
    if _Reader(file).load() != MAGIC:
        raise ValueError("no such layout")
    _protocol, _machine, content, keys = (_Reader(file).load() for _ in range(4))
    storages = {}
    for key in keys:
        length = int.from_bytes(file.read(8), "little")
        storages[str(key)] = np.frombuffer(file.read(4 * length), "<f4")
        if len(storages[str(key)]) != length:
            raise ValueError("it ends too early")
    return {name: tensor.array(storages) for name, tensor in content["model_state"].items()}
