"""A recipe (YAML and ``key=value`` overrides) into typed settings; every mistake is one clear line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from annotate import assets, attributes, documents, registry
from annotate.attributes import AttributeTable
from annotate.errors import UsageError, unknown_name
from annotate.overrides import apply
from annotate.validation import one_line, unknown_key

CONTENTS = (
    "E", "E+G", "E+P", "E+S", "E+V", "E+T",
    "E+G+P", "E+G+S", "E+G+V", "E+G+T",
    "E+G+P+S", "E+G+P+V", "E+G+S+V", "E+G+P+S+V", "E+G+P+S+V+T",
)  # fmt: skip
GIVEN_LATER = "???"
Model = TypeVar("Model", bound=BaseModel)


class Section(BaseModel):
    """Part of a recipe: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Corpus(Section):
    """Which recordings: a data manifest, where they lie, which labels and which split."""

    manifest: str
    root: Path
    labels: str | dict[str, str | None] = "all"
    split: str = "speaker"
    fold: int = Field(default=1, ge=1)
    options: dict[str, Any] = {}


class Features(Section):
    """Which estimator measures each thing; ``none`` leaves its columns null.

    A key beside these is a slot of another package, or one whose feature is a Python file of one's own
    (``creak: ./creak.py``).
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    transcript: str = "corpus"
    pitch: str = "praat"
    energy: str = "lufs"
    rate: str = "transcript"
    gender: str = "corpus"
    voice: str = "praat"
    whisper_model: str = "base"  # for transcript: whisper; a folder, or a name that faster-whisper fetches

    @field_validator(*registry.FEATURE_SLOTS)
    @classmethod
    def _known(cls, value: str, info: Any) -> str:
        return _feature(info.field_name, value)

    @model_validator(mode="after")
    def _further(self) -> Features:
        for slot, value in (self.model_extra or {}).items():
            if not registry.is_slot(slot, value):
                raise unknown_key("features", slot, type(self).model_fields)
            _feature(slot, value)
        return self


def _feature(slot: str, value: str) -> str:
    if registry.is_file(value):
        registry.load(slot, value)
    elif value != "none" and value not in registry.names(slot):
        raise unknown_name(f"features.{slot}:", value, [*registry.names(slot), "none"])
    return value


class Descriptors(Section):
    """Which attributes are worded and how numbers become words; see ``annotate.descriptors.scale``."""

    attributes: Literal["all", "paper"] | tuple[str, ...] = "paper"
    levels: Literal[3, 5] = 3
    against: Literal["group", "speaker", "both"] = "group"
    method: Literal["tertile", "zscore"] = "tertile"
    by: Literal["gender", "speaker", "corpus"] = "gender"
    fit: Literal["train", "all"] = "train"
    scale: Path | None = None
    threshold: float = Field(default=0.5, gt=0)
    smallest_group: int = Field(default=30, ge=2)
    doubtful: Literal["keep", "hedge", "blank"] = "keep"
    doubt_below: float = Field(default=0.9, ge=0, le=1)
    sureness: Path | None = None

    @field_validator("attributes")
    @classmethod
    def _known(cls, value: Any) -> Any:
        attributes.table(value)
        return value

    def table(self) -> AttributeTable:
        """The attributes that are worded."""
        return attributes.table(self.attributes, self.levels)


class Replies(Section):
    """The paper's replies: which template, which of the fifteen contents."""

    template: str = "paper"
    contents: Literal["all"] | tuple[str, ...] = "all"

    @field_validator("contents")
    @classmethod
    def _known(cls, value: Any) -> Any:
        for content in () if value == "all" else value:
            if content not in CONTENTS:
                raise unknown_name("replies.contents:", content, CONTENTS)
        return value

    def chosen(self) -> tuple[str, ...]:
        """The contents in the contract's order."""
        return CONTENTS if self.contents == "all" else tuple(c for c in CONTENTS if c in self.contents)


class Captions(Section):
    """Captions in free sentences: the template, and the writer that may reword it."""

    template: str = "plain"
    writer: str = "none"
    style: Literal["description", "explanation"] = "explanation"
    mode: Literal["steered", "free"] = "steered"
    length: Literal["short", "long"] = "short"
    model: str | None = None
    url: str | None = None
    prompt: str | None = None
    tries: int = Field(default=3, ge=1, le=10)
    temperature: float = Field(default=0.9, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=96, ge=16, le=1024)
    parallel: int = Field(default=16, ge=1, le=256)
    threads: int | None = Field(default=None, ge=1)
    timeout_s: float = Field(default=60.0, gt=0)
    retries: int = Field(default=5, ge=0, le=100)

    @field_validator("writer")
    @classmethod
    def _known(cls, value: str) -> str:
        if value != "none" and value not in registry.names("writer"):
            raise unknown_name("captions.writer:", value, [*registry.names("writer"), "none"])
        return value


class Dataset(Section):
    """What the data set carries: recordings embedded at a rate, named by path, or left out."""

    audio: Literal["embed", "path", "none"] = "embed"
    rate: int = Field(default=16000, ge=8000, le=48000)
    shard_mb: int = Field(default=500, ge=1)


class Run(Section):
    """How a run is cut: rows of the first shards, later ones grow to 32 times that (``store/shards.py``).

    Part of the recipe because it names the shards on disk.
    """

    shard_rows: int = Field(default=128, ge=1)


class Hub(Section):
    """Where the finished data set is published; what ``semo-annotate push`` takes besides the output.

    ``despite_licence`` (``audio`` or ``features``) publishes these although the corpus's licence rule says otherwise.
    """

    repo: str
    private: bool = False
    revision: str | None = None
    despite_licence: Literal["audio", "features"] | None = None


class Recipe(Section):
    """A whole recipe, resolved."""

    name: str
    corpus: Corpus
    features: Features = Features()
    descriptors: Descriptors = Descriptors()
    replies: Replies = Replies()
    captions: Captions = Captions()
    dataset: Dataset = Dataset()
    run: Run = Run()
    hub: Hub | None = None
    output: Path

    def dump(self) -> str:
        """The resolved recipe as YAML, paths as the user gave them."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def load(recipe: str, overrides: Sequence[str] = (), output: Path | None = None) -> Recipe:
    """Read a recipe by path or shipped name, apply ``key=value`` overrides, check everything.

    Raises:
        UsageError: one line naming the key, what was found, what was expected, the nearest name.
    """
    return resolve(Recipe, recipe, overrides, {} if output is None else {"output": str(output)})


def resolve(model: type[Model], recipe: str, overrides: Sequence[str], given: Mapping[str, Any]) -> Model:
    """The same for any kind of recipe; ``given`` holds top-level keys that come before all others."""
    path = assets.find("recipes", recipe)
    return resolved(model, documents.read_yaml(path), str(path), overrides, given)


def resolved(
    model: type[Model], content: dict[str, Any], where: str, overrides: Sequence[str], given: Mapping[str, Any]
) -> Model:
    """The same for the content of a recipe; ``where`` is what errors call it."""
    for override in overrides:
        apply(content, override, model)
    content |= given
    _refuse_open(content, where)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise UsageError(one_line(error, where, model)) from None


def _refuse_open(content: Any, where: str, key: str = "") -> None:
    if content == GIVEN_LATER:
        raise UsageError(f"{where}: {key} must be given, for example {key}=...")
    if isinstance(content, dict):
        for name, below in content.items():
            _refuse_open(below, where, f"{key}.{name}" if key else str(name))
