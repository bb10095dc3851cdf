"""Label sets: what a corpus's labels mean, by name in its manifest, in common, or inline in a recipe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from annotate import documents

Labels = Mapping[str, str | None] | Literal["keep"]
COMMON = "common"
INLINE = "of the recipe"  # the name of a label set that a recipe holds itself


def folded(label: str) -> str:
    """A label without what spellings of it differ in: case, form of Unicode, spaces, underscores and hyphens."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFC", label)).strip().casefold()


@cache
def common() -> dict[str, str | None]:
    """How corpora write the emotions of the common vocabulary (``labels.yaml``): label -> emotion."""
    content = documents.packaged_yaml(Path(__file__).with_suffix(".yaml"))
    return {label.strip(): emotion for emotion, listed in content.items() for label in listed.split(",")}


def inline(given: Mapping[str, str | None]) -> dict[str, str | None]:
    """The label set of a recipe that maps labels itself: what it does not name is taken from ``common``."""
    named = {folded(label) for label in given}
    return {**given, **{label: emotion for label, emotion in common().items() if folded(label) not in named}}


def name_of(chosen: str | Mapping[str, str | None]) -> str:
    """The name of what ``corpus.labels`` holds, for reasons and tables."""
    return chosen if isinstance(chosen, str) else INLINE
