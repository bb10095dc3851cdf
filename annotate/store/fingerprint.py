"""Fingerprints: what a result depends on, as one hash; and digests of columns, as values not bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def of(content: Any) -> str:
    """SHA-256 of anything JSON can say, independent of the order of keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


SEAL = "sum"


def seal(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a journal with a digest of itself, so that a damaged one is not taken for what was written."""
    return {SEAL: of(plain(line))[:16], **line}  # first: what is lost of a line is mostly its end


def sealed(line: Mapping[str, Any], required: bool = False) -> bool:
    """Whether a line is as it was written; one without a digest, of an older version, only if none is required."""
    if SEAL not in line:
        return not required
    return bool(line[SEAL] == of({name: value for name, value in line.items() if name != SEAL})[:16])


def of_column(column: pa.ChunkedArray) -> str:
    """SHA-256 of a column's values; the same values give the same digest however they lie in memory."""
    import numpy as np
    import pyarrow as pa

    digest = hashlib.sha256(f"{column.type}:{len(column)}".encode())
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        # null slots hold arbitrary bytes, so the mask and the filled values are hashed apart
        digest.update(np.packbits(column.is_null().to_numpy()).tobytes())
        digest.update(column.fill_null(0).to_numpy().tobytes())
    else:
        digest.update(json.dumps(column.to_pylist(), ensure_ascii=True).encode())
    return digest.hexdigest()


def plain(content: Any) -> Any:
    """The content as it reads after a round through JSON, for comparison with what was stored."""
    return json.loads(json.dumps(content, default=str))
