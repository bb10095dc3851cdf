"""``annotate.load_recipe``: a recipe with its settings replaced, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from annotate.settings import Recipe


def load_recipe(
    recipe: str | os.PathLike[str] | Recipe,
    *,
    overrides: Sequence[str] = (),
    output: str | os.PathLike[str] | None = None,
    **sections: Any,
) -> Recipe:
    """Read a recipe, replace some of its settings, and check all of them.

    Args:
        recipe: a YAML file, the name of a shipped recipe, or a recipe that is loaded already.
        overrides: ``KEY=VALUE`` as on the command line, as in ``["corpus.root=recordings"]``.
        output: the output folder, in place of the recipe's.
        **sections: settings in place of the recipe's, nested as in the file: ``corpus={"root": "recordings"}``.

    Returns:
        The resolved recipe, which ``run``, ``check_corpus``, ``plan_run`` and ``run_share`` take in place of a name.

    Raises:
        SemoError: one line that names the key or the file, what was found and what was expected.

    Example:
        >>> recipe = annotate.load_recipe("ravdess", corpus={"root": "recordings"})
        >>> recipe.features.pitch
        'praat'
    """
    from annotate import settings

    for name in sections:
        if name not in settings.Recipe.model_fields:
            raise unknown_name("recipe: section", name, settings.Recipe.model_fields)
    chosen, given = None if output is None else Path(output), plain(sections)
    if not isinstance(recipe, settings.Recipe):
        return settings.load(os.fspath(recipe), overrides, chosen, given)
    given |= {} if chosen is None else {"output": str(chosen)}
    if not given and not overrides:
        return recipe
    content = recipe.model_dump(mode="json")
    return settings.resolved(settings.Recipe, content, f"recipe '{recipe.name}'", overrides, given)


def plain(value: Any) -> Any:
    """Settings as a YAML file would give them: paths as text, tuples as lists.

    Raises:
        UsageError: a value that no YAML file could hold.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if value is not None and not isinstance(value, str | int | float | bool):
        raise UsageError(f"recipe: {value!r} is {type(value).__name__}; expected text, a number, a list or a mapping")
    return value
