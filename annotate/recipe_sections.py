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
    """Which recordings: a data manifest, where they lie, which labels and which split."""

    manifest: str
    """What the corpus is: a shipped data manifest ('list corpora') or a YAML file."""
    root: Path
    """The folder of the recordings."""
    labels: str | dict[str, str | None] = "all"
    """A label set of the manifest, 'common' for the common vocabulary, or a map from the corpus's labels to it."""
    split: str = "speaker"
    """A split rule of the manifest, or random."""
    fold: int = Field(default=1, ge=1)
    """Which fold of the split rule is tested."""
    options: dict[str, Any] = {}
    """Options of the corpus's reader; 'describe CORPUS' lists them."""


class FeatureSettings(Section):
    """Which estimator measures each thing; ``none`` leaves its columns null.

    A key beside these is a slot of another package, or one whose feature is a Python file of one's own
    (``creak: ./creak.py``).
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    transcript: str = "corpus"
    """Where the words come from: corpus, or whisper."""
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
    """For transcript=whisper: a folder, or a name that faster-whisper fetches."""

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
    """Which attributes are worded and how numbers become words; see ``annotate.descriptors.scale``."""

    attributes: Literal["all", "paper"] | tuple[str, ...] = "paper"
    """Which attributes are worded: all, the paper's three, or a list of names."""
    levels: Literal[3, 5] = 3
    """Words per attribute."""
    against: Literal["group", "speaker", "both"] = "group"
    """Compare a clip with its group, with its speaker's usual, or with both."""
    method: Literal["tertile", "zscore"] = "tertile"
    """How edges are fitted: thirds of the clips, or standard deviations."""
    by: Literal["gender", "speaker", "corpus"] = "gender"
    """Which group a clip is compared with."""
    fit: Literal["train", "all"] = "train"
    """Which clips the edges are fitted on."""
    scale: Path | None = None
    """A scale.json whose edges are used in place of fitted ones."""
    threshold: float = Field(default=0.5, gt=0)
    """For method=zscore: standard deviations from the mean at which low and high begin."""
    smallest_group: int = Field(default=30, ge=2)
    """Clips that a group needs for edges of its own."""
    doubtful: Literal["keep", "hedge", "blank"] = "keep"
    """What is done with a word that may change when the clip is measured again: keep, hedge ('fairly'), or blank."""
    doubt_below: float = Field(default=0.9, ge=0, le=1)
    """Probability of staying the same below which a word is doubtful."""
    sureness: Path | None = None
    """A table of sureness fitted elsewhere, in place of the shipped one."""

    @field_validator("attributes")
    @classmethod
    def _known(cls, value: Any) -> Any:
        attributes.table(value)
        return value

    def table(self) -> AttributeTable:
        """The attributes that are worded."""
        return attributes.table(self.attributes, self.levels)


class ReplySettings(Section):
    """The paper's replies: which template, which of the fifteen contents."""

    template: str = "paper"
    """A shipped template ('list templates') or a Jinja2 file."""
    contents: Literal["all"] | tuple[str, ...] = "all"
    """Which of the fifteen contents are written, as E+G+P, or all."""

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
    """Captions in free sentences: the template, and the writer that may reword it."""

    template: str = "plain"
    """A shipped template ('list templates') or a Jinja2 file."""
    writer: str = "none"
    """Who rewords the template's captions; none leaves them."""
    style: Literal["description", "explanation"] = "explanation"
    """Explanation says why the voice suggests the emotion, description only how it sounds."""
    mode: Literal["steered", "free"] = "steered"
    """Steered holds a model to sentences that are true of the row, free lets it write and reads the answer back."""
    length: Literal["short", "long"] = "short"
    """Of a model's captions; long ones quote the words spoken."""
    model: str | None = None
    """A GGUF file, a folder or a name; empty for the shipped small model."""
    url: str | None = None
    """Address of an OpenAI-compatible server, as http://127.0.0.1:8080/v1."""
    prompt: str | None = None
    """A Jinja2 file in place of the style's prompt."""
    tries: int = Field(default=3, ge=1, le=10)
    """How often a row is asked before the template writes it."""
    temperature: float = Field(default=0.9, ge=0, le=2)
    """Of sampling."""
    top_p: float = Field(default=0.95, gt=0, le=1)
    """Of sampling."""
    max_tokens: int = Field(default=96, ge=16, le=1024)
    """Longest answer; models that think before they answer need many more."""
    parallel: int = Field(default=16, ge=1, le=256)
    """Captions under way at once."""
    threads: int | None = Field(default=None, ge=1)
    """Threads of a model in this process; empty for one a core."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Seconds that a whole answer of a server may take."""
    retries: int = Field(default=5, ge=0, le=100)
    """How often a request that failed in passing is sent again."""

    @field_validator("writer")
    @classmethod
    def _known(cls, value: str) -> str:
        if registry.is_file(value):
            registry.load("writer", value)
        elif value != "none" and value not in registry.names("writer"):
            raise unknown_name("captions.writer:", value, [*registry.names("writer"), "none"])
        return value


class DatasetSettings(Section):
    """What the data set carries: recordings embedded at a rate, named by path, or left out."""

    audio: Literal["embed", "path", "none"] = "embed"
    """Embed the recordings, name them by path, or leave them out."""
    rate: int = Field(default=16000, ge=8000, le=48000)
    """Sampling rate of embedded recordings, Hz."""
    shard_mb: int = Field(default=500, ge=1)
    """Size of a Parquet file, MB."""


class RunSettings(Section):
    """How a run is cut: rows of the first shards, later ones grow to 32 times that (``store/shards.py``).

    Part of the recipe because it names the shards on disk.
    """

    shard_rows: int = Field(default=128, ge=1)
    """Rows of the first shards; later ones grow to 32 times that."""


class HubSettings(Section):
    """Where the finished data set is published; what ``semo-annotate push`` takes besides the output.

    ``despite_licence`` (``audio`` or ``features``) publishes these although the corpus's licence rule says otherwise.
    """

    repo: str
    """Name of the data set on the Hub, USER/NAME."""
    private: bool = False
    """Make a new repository private."""
    revision: str | None = None
    """Branch to publish to; empty for main."""
    despite_licence: Literal["audio", "features"] | None = None
    """Publish recordings (audio) or measurements (features) although the corpus's licence rule says otherwise."""
