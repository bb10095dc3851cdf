"""A recipe (YAML and ``key=value`` overrides) into typed settings; every mistake is one clear line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from annotate import assets, documents
from annotate.errors import UsageError
from annotate.overrides import apply
from annotate.recipe_sections import (
    CaptionSettings,
    CorpusSettings,
    DatasetSettings,
    DescriptorSettings,
    FeatureSettings,
    HubSettings,
    ReplySettings,
    RunSettings,
    Section,
)
from annotate.validation import one_line

GIVEN_LATER = "???"
Model = TypeVar("Model", bound=BaseModel)


class Recipe(Section):
    """A whole recipe, resolved."""

    name: str
    """Name of the data set."""
    corpus: CorpusSettings
    features: FeatureSettings = FeatureSettings()
    descriptors: DescriptorSettings = DescriptorSettings()
    replies: ReplySettings = ReplySettings()
    captions: CaptionSettings = CaptionSettings()
    stages: tuple[str, ...] = ()
    """Your own stages, computed in this order after the captions: Python files, or names that packages provide."""
    dataset: DatasetSettings = DatasetSettings()
    run: RunSettings = RunSettings()
    hub: HubSettings | None = None
    output: Path
    """The output folder."""

    def dump(self) -> str:
        """The resolved recipe as YAML, paths as the user gave them."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def load(
    recipe: str, overrides: Sequence[str] = (), output: Path | None = None, sections: Mapping[str, Any] | None = None
) -> Recipe:
    """Read a recipe by path or shipped name, apply ``key=value`` overrides and ``sections``, check everything.

    Args:
        recipe: a file, or the name of a shipped recipe.
        overrides: ``corpus.root=recordings``, as on the command line.
        output: the output folder, in place of the recipe's.
        sections: the same in Python: ``{"corpus": {"root": "recordings"}}``.

    Raises:
        UsageError: one line naming the key, what was found, what was expected, the nearest name.
    """
    given = dict(sections or {}) | ({} if output is None else {"output": str(output)})
    return resolve(Recipe, recipe, overrides, given)


def resolve(model: type[Model], recipe: str, overrides: Sequence[str], given: Mapping[str, Any]) -> Model:
    """The same for any kind of recipe; ``given`` holds keys, nested as in the file, that come before all others."""
    path = assets.find("recipes", recipe)
    return resolved(model, documents.read_yaml(path), str(path), overrides, given)


def resolved(
    model: type[Model], content: dict[str, Any], where: str, overrides: Sequence[str], given: Mapping[str, Any]
) -> Model:
    """The same for the content of a recipe; ``where`` is what errors call it."""
    for override in overrides:
        apply(content, override, model)
    content = _merged(content, given)
    _refuse_open(content, where)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise UsageError(one_line(error, where, model)) from None


def _merged(content: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` put over ``content``, key by key within mappings."""
    merged = dict(content)
    for key, value in given.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _refuse_open(content: Any, where: str, key: str = "") -> None:
    if content == GIVEN_LATER:
        raise UsageError(f"{where}: {key} must be given, for example {key}=...")
    if isinstance(content, dict):
        for name, below in content.items():
            _refuse_open(below, where, f"{key}.{name}" if key else str(name))
