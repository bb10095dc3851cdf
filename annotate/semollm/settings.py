"""A training recipe: the model, the audio, and what each of the three stages does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from annotate import settings
from annotate.errors import UsageError, unknown_name
from annotate.recipe_sections import CONTENTS, Section

STAGES = (1, 2, 3)


class QFormer(Section):
    """Size of the Q-Former, and the BERT that it starts from (``none``: from random values of this spread)."""

    width: int = Field(default=768, ge=8)
    """Width of the query vectors (D)."""
    layers: int = Field(default=12, ge=1)
    """Number of layers."""
    heads: int = Field(default=12, ge=1)
    """Attention heads per layer."""
    inner: int = Field(default=3072, ge=8)
    """Width of the feed-forward layers."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout in the Q-Former."""
    spread: float = Field(default=0.02, gt=0)
    """Standard deviation of the random initial weights."""
    init: str = "none"
    """A BERT to start from (folder or Hub name), or none."""


class StatisticsSettings(Section):
    """Mean and deviation over time as further tokens to the LLM; 0 tokens is the paper's model."""

    tokens: int = Field(default=0, ge=0)
    """Number of such tokens; 0 for none."""
    dropout: float = Field(default=0.3, ge=0, lt=1)
    """Dropout on the statistics, in training only."""


class PoolingSettings(Section):
    """Mean and deviation over time of the hidden states, added to the Q-Former's query vectors; off in the paper."""

    use: bool = False
    """Add them."""
    dropout: float = Field(default=0.5, ge=0, lt=1)
    """Dropout on the standardised statistics, in training only."""
    noise: float = Field(default=1.0, ge=0)
    """Standard deviation of the noise added to the standardised statistics, in training only."""


class NamingSettings(Section):
    """A further loss of stage 1: one query for each attribute of replies names its word; off in the paper."""

    use: bool = False
    """Train with this loss."""
    tokens: bool = False
    """Also give the LLM the words that the queries name, as mixtures of its own word vectors."""
    sharpen: float = Field(default=1.0, gt=0)
    """Power of the posteriors that mix the words in replies; in training they are nearly certain anyway."""
    smoothing: float = Field(default=0.1, ge=0, lt=1)
    """Label smoothing."""
    attributes: float = Field(default=0.3, ge=0)
    """Weight of every attribute other than the emotion."""
    folds: int = Field(default=0, ge=0)
    """Number of speaker groups; stage 1 is also trained without each, to average weights and to calibrate."""

    @property
    def cross_fits(self) -> bool:
        """Whether stage 1 is also trained without each group."""
        return self.use and self.folds > 1


class ReadoutSettings(Section):
    """Linear read-outs of the clip, given to the LLM in its own words; off in the paper."""

    use: bool = False
    """Fit read-outs."""
    tokens: bool = True
    """Give the LLM what they recognise; without, they only add their opinion of the emotion to scored replies."""
    enrolment: bool = True
    """Fit a second read-out of the emotion, for clips of speakers of whom other clips are at hand."""
    layers: Literal["all"] | tuple[int, ...] = "all"
    """Hidden states that they read: all, or a list of the encoder's own numbers."""
    folds: int = Field(default=0, ge=0)
    """Cross-fit what the LLM is given in training in this many groups of speakers; 0 takes the final read-outs."""
    sharpen: float = Field(default=1.0, gt=0)
    """Power of the posteriors in replies; the LLM misreads even mixtures of words, having seen few in training."""


class Lora(Section):
    """Adapters in the LLM; rank 0 is none. The paper's: rank 2, alpha 8, dropout 0.1."""

    rank: int = Field(default=0, ge=0)
    """Rank of the adapters; 0 means none."""
    alpha: int = Field(default=8, ge=1)
    """Scale of the adapters."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout in the adapters."""
    targets: tuple[str, ...] = ("q_proj", "v_proj")
    """The LLM's layers that get adapters, by name."""


class Model(Section):
    """What the model is built of. Encoder, LLM and BERT are folders, Hub names, or ``package:NAME/FILE.gguf``."""

    encoder: str
    """The speech encoder."""
    encoder_layers: Literal["all"] | tuple[int, ...] = "all"
    """Hidden states of the encoder that are used: all, or a list of numbers."""
    encoder_pad_s: float = Field(default=0.0, ge=0)
    """Whisper alone: silence follows each clip up to this length, in seconds; it was trained on clips padded to 30."""
    llm: str
    """The language model."""
    text_tokenizer: str = "train"
    """Tokenizer of stage 1: a BERT's, or train to make one from the training captions."""
    queries: int = Field(default=32, ge=1)
    """Number of learned queries (Q)."""
    project: int = Field(default=256, ge=1)
    """Width of the projector after the encoder (S)."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout after the projector."""
    qformer: QFormer = QFormer()
    standardise: bool = False
    """Standardise each dimension of each hidden state over the frames of the training clips."""
    speaker_normalisation: bool = False
    """Train on each clip by itself and relative to its speaker, so that speakers can be enrolled."""
    pooling: PoolingSettings = PoolingSettings()
    naming: NamingSettings = NamingSettings()
    statistics: StatisticsSettings = StatisticsSettings()
    readout: ReadoutSettings = ReadoutSettings()
    lora: Lora = Lora()


class Audio(Section):
    """Longest stretch of a clip that is used, in seconds; the published model's is 6."""

    max_s: float = Field(default=6.0, ge=0.1)
    """Longest stretch of a clip that is used, in seconds."""


class Features(Section):
    """The frozen encoder's output, kept on disk; ``folder: null`` is the user's cache folder.

    Up to ``memory_gb`` of it is kept in memory too, per process.
    """

    cache: bool = True
    """Keep the encoder's output on disk."""
    folder: Path | None = None
    """Where to keep it; empty for the user's cache folder."""
    memory_gb: float = Field(default=4.0, ge=0)
    """How much of it each process also keeps in memory, in GB."""


class StageSettings(Section):
    """How one stage trains."""

    steps: int = Field(ge=1)
    """Number of updates of the weights."""
    batch_size: int = Field(default=16, ge=1)
    """Clips per process and accumulated part."""
    accumulate: int = Field(default=1, ge=1)
    """Parts that are accumulated into one update."""
    learning_rate: float = Field(default=1e-4, gt=0)
    """Peak learning rate."""
    weight_decay: float = Field(default=0.05, ge=0)
    """Weight decay."""
    warmup: float = Field(default=0.1, ge=0, lt=1)
    """Share of the updates in which the learning rate rises."""
    balanced: bool = False
    """Repeat clips of rare emotions."""
    max_text: int = Field(default=80, ge=4)
    """Longest text, in tokens."""
    content: str = "E+G+P+S+V+T"
    """Content of the texts, for example E+G+P."""
    rates: dict[str, float] = Field(default_factory=dict)
    """Factors on the learning rate, by part of a weight's name: {layer_weights: 20}."""
    save_every: int = Field(default=50, ge=1)
    """Updates between two checkpoints; a multiple of log_every."""
    log_every: int = Field(default=10, ge=1)
    """Updates between two lines of the log."""
    evaluate_every: int = Field(default=100, ge=1)
    """Updates between two validations."""

    @field_validator("content")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CONTENTS:
            raise unknown_name("content", value, CONTENTS)
        return value

    @model_validator(mode="after")
    def _aligned(self) -> StageSettings:
        if self.save_every % self.log_every:
            raise UsageError(
                f"save_every={self.save_every}: expected a multiple of log_every={self.log_every}, "
                "so that a resumed run logs the same losses"
            )
        return self


class Stages(Section):
    """The three stages."""

    stage1: StageSettings
    stage2: StageSettings
    stage3: StageSettings

    def number(self, stage: int) -> StageSettings:
        """Settings of stage 1, 2 or 3."""
        stage_settings: StageSettings = getattr(self, f"stage{stage}")
        return stage_settings


class Compute(Section):
    """Where and how it is computed. ``auto`` takes bf16 on a GPU and fp32 on a CPU.

    ``attention`` is the LLM's: ``auto`` takes FlashAttention 2 on a GPU in bf16 where the package ``flash-attn`` is
    installed, and PyTorch's ``sdpa`` everywhere else. ``compile`` puts the model through ``torch.compile``: the first
    updates take minutes more.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute; auto takes a GPU if there is one."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """auto: bf16 on a GPU, fp32 on a CPU."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass, to save memory."""
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = "auto"
    """How the LLM computes attention."""
    compile: bool = False
    """Compile the model with torch.compile."""
    threads: int = Field(default=0, ge=0)
    """Threads on the CPU; 0 leaves the number to PyTorch."""


class TrainRecipe(Section):
    """A whole training recipe, resolved.

    ``decode: scored`` lets replies name the likeliest of the labels, ``greedy`` words them freely. ``prompt`` is the
    text between speech and reply in stage 3: ``manifest`` takes the data set's, ``none`` has none.
    """

    name: str
    """Name of the recipe."""
    about: str = ""
    """What the recipe is for."""
    model: Model
    audio: Audio = Audio()
    features: Features = Features()
    stages: Stages
    prompt: str = "manifest"
    """Text between speech and reply in stage 3: a text, manifest (the data set's) or none."""
    template: str = "paper"
    """Template of the replies."""
    decode: Literal["greedy", "scored"] = "greedy"
    """How replies are generated: greedy, or scored (begin with the likeliest label)."""
    train_on: tuple[Literal["train", "validation", "test"], ...] = Field(default=("train",), min_length=1)
    """Splits to train on."""
    compute: Compute = Compute()
    seed: int = 0
    """Random seed."""
    output: Path
    """The output folder."""

    def dump(self) -> str:
        """The resolved recipe as YAML."""
        return str(yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True))


def load(recipe: str, overrides: Sequence[str] = (), given: Mapping[str, Any] | None = None) -> TrainRecipe:
    """Read a training recipe by path or shipped name (``small`` is ``train/small``), with its overrides.

    Raises:
        UsageError: one line naming the key, what was found, what was expected, the nearest name.
    """
    from annotate import assets

    short = recipe.removeprefix("recipes/").removesuffix(".yaml")
    name = recipe if Path(recipe).is_file() or short.startswith("train/") else f"train/{short}"
    if name == f"train/{short}" and name not in assets.names("recipes"):
        known = [asset.removeprefix("train/") for asset in assets.names("recipes") if asset.startswith("train/")]
        raise unknown_name("training recipe", short.removeprefix("train/"), known)
    return settings.resolve(TrainRecipe, name, overrides, given or {})
