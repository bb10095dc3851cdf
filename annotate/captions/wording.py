"""The words and sentence plans of captions, as ``wording.yaml`` has them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents


@cache
def wording() -> dict[str, Any]:
    """The words and plans."""
    return dict(documents.packaged_yaml(Path(__file__).parent / "wording.yaml"))
