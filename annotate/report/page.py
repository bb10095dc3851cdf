"""``report.html``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.store import files


def write(folder: Path, summary: Mapping[str, Any], scale: Mapping[str, Any], labels: Sequence[str]) -> None:
    """Write the report of a finished data set."""
    files.write_text(folder / "report.html", "<!doctype html>")
