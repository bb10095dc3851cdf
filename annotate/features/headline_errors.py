"""The one known error of each measurement that a reader needs first; ``headline_errors.yaml`` says which it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.features import known_errors
from annotate.features.known_errors import KnownError

FILE = Path(__file__).with_suffix(".yaml")


@cache
def choices() -> tuple[dict[str, Any], ...]:
    """The content of the file."""
    return tuple(documents.packaged_yaml(FILE))


def by_column(features: Mapping[str, str], rate_sources: Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """Column -> estimator -> its error as a sentence, for the estimators that made the rows.

    A measurement whose error was never measured is absent.

    Args:
        features: slot -> name of the estimator.
        rate_sources: what the rates of the rows came from; see ``known_errors.by_column``.
    """
    measured = known_errors.by_column(features, rate_sources)
    by_name = {(error.estimator, error.what): error for errors in measured.values() for error in errors}
    sentences: dict[str, dict[str, str]] = {}
    for choice in choices():
        estimator = choice["estimator"]
        figures = [by_name[estimator, what] for what in choice["figures"] if (estimator, what) in by_name]
        if figures:
            worst = (min if choice.get("worst") == "lowest" else max)(figures, key=_value)
            for column in choice["columns"]:
                sentences.setdefault(column, {})[estimator] = choice["sentence"].format(reached=worst.reached)
    return sentences


def _value(error: KnownError) -> float:
    return float(error.reached.split()[0])
