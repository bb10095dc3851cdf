"""The sections of a recipe: which keys there are, what they may hold, and what each means."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from annotate import attributes, registry
from annotate.attributes import AttributeTable
from annotate.errors import unknown_name
from annotate.validation import unknown_key

CONTENTS = (
    "E", "E+G", "E+P", "E+S", "E+V", "E+T",
    "E+G+P", "E+G+S", "E+G+V", "E+G+T",
    "E+G+P+S", "E+G+P+V", "E+G+S+V", "E+G+P+S+V", "E+G+P+S+V+T",
)  # fmt: skip


class Section(BaseModel):
    """Part of a recipe: an unknown key is an error."""

    # the text below a key is what ``semo-annotate describe`` says of it, which reads it there: it costs every run here
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CorpusSettings(Section):
    """Which recordings: the data manifest, their folder, the labels and the split."""

    manifest: str
    """What the corpus is: the name of a shipped data manifest ('list corpora'), or a YAML file."""
    root: Path
    """The folder of the recordings."""
    labels: str | dict[str, str | None] = "all"
    """A label set of the manifest; 'common' for the common vocabulary; or a mapping from the corpus's labels to it."""
    split: str = "speaker"
    """A split rule of the manifest, or random."""
    fold: int = Field(default=1, ge=1)
    """Which fold of the split rule is the test split."""
    options: dict[str, Any] = {}
    """Options of the corpus's reader; 'describe CORPUS' lists them."""


class FeatureSettings(Section):
    """Which estimator measures what; ``none`` leaves the columns null.

    A further key is a slot of another package, or one of your own whose feature is a Python file
    (``creak: ./creak.py``).
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    transcript: str = "corpus"
    """Where the transcript comes from: corpus, or whisper."""
    pitch: str = "praat"
    """What measures pitch."""
    energy: str = "lufs"
    """What measures loudness."""
    rate: str = "transcript"
    """What measures speaking rate."""
    gender: str = "corpus"
    """Where the gender comes from: corpus, or estimated from the voice."""
    voice: str = "praat"
    """What measures jitter, shimmer, harmonicity and tilt."""
    whisper_model: str = "base"
    """For transcript=whisper: a folder, or the name of a model that faster-whisper downloads."""

    @field_validator(*registry.FEATURE_SLOTS)
    @classmethod
    def _known(cls, value: str, info: Any) -> str:
        return _feature(info.field_name, value)

    @model_validator(mode="after")
    def _further(self) -> FeatureSettings:
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


class DescriptorSettings(Section):
    """Which attributes get words, and how numbers become words; see ``annotate.descriptors.scale``."""

    attributes: Literal["all", "paper"] | tuple[str, ...] = "paper"
    """Which attributes get words: all, the paper's three, or a list of names."""
    levels: Literal[3, 5] = 3
    """Number of words per attribute."""
    against: Literal["group", "speaker", "both"] = "group"
    """Whether a clip is compared with its group, with the same speaker's other clips, or with both."""
    method: Literal["tertile", "zscore"] = "tertile"
    """How the edges (thresholds) are fitted: at the thirds of the clips, or in standard deviations."""
    by: Literal["gender", "speaker", "corpus"] = "gender"
    """Which group a clip is compared with."""
    fit: Literal["train", "all"] = "train"
    """Which clips the edges are fitted on."""
    scale: Path | None = None
    """A scale.json whose edges are used instead of fitting new ones."""
    threshold: float = Field(default=0.5, gt=0)
    """For method=zscore: how many standard deviations from the mean low and high begin."""
    smallest_group: int = Field(default=30, ge=2)
    """Number of clips that a group needs to have its own edges."""
    doubtful: Literal["keep", "hedge", "blank"] = "keep"
    """What to do with a doubtful word (see doubt_below): keep it, hedge it ('fairly'), or leave it blank."""
    doubt_below: float = Field(default=0.9, ge=0, le=1)
    """A word is doubtful if the probability that it stays the same under disturbances is below this."""
    sureness: Path | None = None
    """A table for estimating that probability (`_sure`) that replaces the shipped one."""

    @field_validator("attributes")
    @classmethod
    def _known(cls, value: Any) -> Any:
        attributes.table(value)
        return value

    def table(self) -> AttributeTable:
        """The attributes that are worded."""
        return attributes.table(self.attributes, self.levels)


class ReplySettings(Section):
    """The paper's replies: the template, and which of the fifteen contents are written."""

    template: str = "paper"
    """A shipped template ('list templates') or a Jinja2 file."""
    contents: Literal["all"] | tuple[str, ...] = "all"
    """Which of the fifteen contents are written, for example [E, E+G+P], or all."""

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


class CaptionSettings(Section):
    """Captions in free sentences: the template, and the model that may reword them."""

    template: str = "plain"
    """A shipped template ('list templates') or a Jinja2 file."""
    writer: str = "none"
    """What rewords the template's captions; none leaves them as they are."""
    style: Literal["description", "explanation"] = "explanation"
    """An explanation says why the voice suggests the emotion; a description only says how it sounds."""
    mode: Literal["steered", "free"] = "steered"
    """Steered limits a model to sentences that are true of the row; free lets it write, then checks the answer."""
    length: Literal["short", "long"] = "short"
    """Length of a model's captions; long ones quote the transcript."""
    model: str | None = None
    """The writer's model: a GGUF file, a folder or a name; empty for the small default model."""
    url: str | None = None
    """Address of an OpenAI-compatible server, for example http://127.0.0.1:8080/v1."""
    prompt: str | None = None
    """A Jinja2 file to use instead of the style's prompt."""
    tries: int = Field(default=3, ge=1, le=10)
    """How many attempts a model has at a row before the template's caption is used."""
    temperature: float = Field(default=0.9, ge=0, le=2)
    """Sampling temperature."""
    top_p: float = Field(default=0.95, gt=0, le=1)
    """Top-p (nucleus) of the sampling."""
    max_tokens: int = Field(default=96, ge=16, le=1024)
    """Longest answer, in tokens; models that reason before they answer need many more."""
    parallel: int = Field(default=16, ge=1, le=256)
    """Number of captions requested at once."""
    threads: int | None = Field(default=None, ge=1)
    """Threads of a model in this process; empty for one per core."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Seconds within which a server must have sent its whole answer."""
    retries: int = Field(default=5, ge=0, le=100)
    """How often a request is repeated after a temporary failure."""

    @field_validator("writer")
    @classmethod
    def _known(cls, value: str) -> str:
        if registry.is_file(value):
            registry.load("writer", value)
        elif value != "none" and value not in registry.names("writer"):
            raise unknown_name("captions.writer:", value, [*registry.names("writer"), "none"])
        return value


class DatasetSettings(Section):
    """What the data set contains: recordings embedded at a sampling rate, named by path, or left out."""

    audio: Literal["embed", "path", "none"] = "embed"
    """Whether recordings are embedded, named by path, or left out."""
    rate: int = Field(default=16000, ge=8000, le=48000)
    """Sampling rate of embedded recordings, in Hz."""
    shard_mb: int = Field(default=500, ge=1)
    """Size of a Parquet file, in MB."""


class RunSettings(Section):
    """How a run is divided into shards (``store/shards.py``)."""

    shard_rows: int = Field(default=128, ge=1)
    """Number of rows in the first shards; later ones grow to 32 times as many."""


class HubSettings(Section):
    """Where the finished data set is published: the options of ``semo-annotate push``."""

    repo: str
    """Name of the data set on the Hub, USER/NAME."""
    private: bool = False
    """Make a new repository private."""
    revision: str | None = None
    """Branch to publish to; empty for main."""
    despite_licence: Literal["audio", "features"] | None = None
    """Publish recordings (audio) or measurements (features) although the corpus's licence rule does not allow it."""
