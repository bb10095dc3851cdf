"""``annotate.check_corpus``: what a corpus holds, held against what its manifest expects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from annotate.api.recipes import load_recipe
from annotate.corpora.check import CorpusCheck as CorpusCheck

if TYPE_CHECKING:
    from annotate.settings import Recipe


def check_corpus(recipe: str | os.PathLike[str] | Recipe, **sections: Any) -> CorpusCheck:
    """Read a corpus and measure a sample: counts, what is missing, unknown labels, copies, what spoils it.

    Args:
        recipe: a YAML file, the name of a shipped recipe, or what ``load_recipe`` gives.
        **sections: settings in place of the recipe's, nested as in the file: ``corpus={"root": "recordings"}``.

    Returns:
        ``counts`` (label, emotion, gender, split ... -> value -> rows), ``aside`` (reason -> rows left out),
        ``warnings``, ``differences()`` from what the corpus's publication says, ``usable``, and all of it as
        ``text()``.

    Raises:
        SemoError: the corpus is not there, or a setting is wrong.

    Example:
        >>> found = annotate.check_corpus("ravdess", corpus={"root": "recordings"})  # doctest: +SKIP
        >>> found.counts["emotion"]  # doctest: +SKIP
        Counter({'anger': 192, 'calm': 192, ...})
    """
    from annotate.corpora import check
    from annotate.dataset import precheck

    resolved = load_recipe(recipe, **sections)
    result = check.check(resolved)
    precheck.add_warnings(result, resolved)
    return result
