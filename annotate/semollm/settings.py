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
    dropout: float = Field(default=0.3, ge=0, lt=1)


class PoolingSettings(Section):
    """Mean and deviation over time of the hidden states, added to the Q-Former's query vectors; off in the paper.

    ``dropout`` and ``noise`` (a standard deviation) are on the standardised statistics, in training alone.
    """

    use: bool = False
    dropout: float = Field(default=0.5, ge=0, lt=1)
    noise: float = Field(default=1.0, ge=0)


class NamingSettings(Section):
    """A further loss of stage 1: one query for each attribute of replies names its word; off in the paper.

    ``smoothing`` is of the labels, ``attributes`` the weight of all attributes but the emotion. With ``tokens`` the LLM
    is also told what the queries name, as mixtures of its own word vectors, by the posteriors to the power ``sharpen``
    in replies: as with read-outs, they are nearly certain in training and not later.
    """

    use: bool = False
    tokens: bool = False
    sharpen: float = Field(default=1.0, gt=0)
    smoothing: float = Field(default=0.1, ge=0, lt=1)
    attributes: float = Field(default=0.3, ge=0)


class ReadoutSettings(Section):
    """Linear read-outs of the clip, told to the LLM in its own words; off is the paper's model.

    ``layers`` are hidden states, by the encoder's own numbers. With ``folds`` of 2 or more, what the LLM is told of a
    clip while it trains comes from read-outs that were fitted without its speaker; with 0, from those that it keeps.
    With ``tokens: false`` the LLM is told nothing: it hears the speech path alone, and the read-out is a second opinion
    on the emotion where replies are decoded by scores. ``sharpen`` is the power to which posteriors are raised when it
    replies: a mixture of two words is easily misread, and read-outs are surer of the clips that they were fitted on,
    which is all that the LLM saw in training.
    With ``enrolment`` there is a second read-out of the emotion, for clips of speakers of whom others are at hand.
    """

    use: bool = False
    tokens: bool = True
    enrolment: bool = True
    layers: Literal["all"] | tuple[int, ...] = "all"
    folds: int = Field(default=0, ge=0)
    sharpen: float = Field(default=1.0, gt=0)


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
    """What the model is built of. Encoder, LLM and BERT are folders, Hub names, or ``package:NAME/FILE.gguf``.

    With ``speaker_normalisation`` every training clip of a speaker with enough clips also comes with its hidden states
    against that speaker's usual, so that the speech path of an enrolled speaker can be given those.
    """

    encoder: str
    """The speech encoder."""
    encoder_layers: Literal["all"] | tuple[int, ...] = "all"
    """Hidden states of the encoder that are used: all, or a list of numbers."""
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
    """Also present each training clip relative to its speaker."""
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
