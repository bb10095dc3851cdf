"""Tiny random models for the tests of SEmoLLM, and the Q-Former written once more in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import torch

from annotate.semollm.model.config import SEmoConfig

HEADS = 4


def config(**changes: Any) -> SEmoConfig:
    sizes = {
        "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": HEADS, "intermediate_size": 24,
        "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
    }  # fmt: skip
    given: dict[str, Any] = {
        "encoder_layers": [0, 1, 2], "encoder_hidden": 12, "project": 8, "num_queries": 4, "qformer": sizes,
        "speech_dropout": 0.0, "text_vocab": 20, "text_dec": 19, "contrast": 8, "llm_hidden": 16,
        "statistics_dropout": 0.0,
    }  # fmt: skip
    return SEmoConfig(**{**given, **changes})


def llm(vocabulary: int = 40) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(5)
    sizes = LlamaConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, intermediate_size=32,
        vocab_size=vocabulary, bos_token_id=1, eos_token_id=2, pad_token_id=2, max_position_embeddings=256,
    )  # fmt: skip
    return LlamaForCausalLM(sizes).eval()


def speech(batch: int = 3, frames: int = 7) -> tuple[torch.Tensor, torch.Tensor]:
    """Features and a mask under which the rows differ in length."""
    torch.manual_seed(1)
    features = torch.randn(batch, 3, frames, 12)
    mask = torch.ones(batch, frames, dtype=torch.bool)
    mask[0, frames - 3 :] = False
    return features, mask


def words(batch: int = 3, length: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and a mask under which the rows differ in length."""
    torch.manual_seed(2)
    mask = torch.ones(batch, length, dtype=torch.bool)
    mask[-1, length - 2 :] = False
    return torch.randint(3, 18, (batch, length)), mask


def shake(model: Any, seed: int = 3) -> None:
    """Random values everywhere, LayerNorms and biases too, so that no block can hide behind a zero or a one."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value) * 0.3)


class Plain:
    """The published model's blocks in NumPy, from tensors under the published names."""

    def __init__(self, state: Mapping[str, torch.Tensor], heads: int = HEADS) -> None:
        self.state = {name: value.detach().double().numpy() for name, value in state.items()}
        self.heads = heads

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    def norm(self, name: str, x: np.ndarray, eps: float = 1e-12) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
        return scaled * self.state[f"{name}.weight"] + self.state[f"{name}.bias"]

    def speech(self, features: np.ndarray) -> np.ndarray:
        """(N, T, H) to (T, S)."""
        weights = np.exp(self.state["layer_weights"])
        weights = weights / weights.sum()
        summed = sum(weight * layer for weight, layer in zip(weights, features, strict=True))
        return self.norm("ln_audio", self.linear("projector", summed), 1e-5)

    def attend(self, name: str, x: np.ndarray, other: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """One row: x (n, D) attends to other (m, ...) where ``seen`` (n, m); residual and norm after it."""
        query, key, value = (self.linear(f"{name}.self.{one}", y) for one, y in
                             (("query", x), ("key", other), ("value", other)))  # fmt: skip
        size = query.shape[1] // self.heads
        found = np.zeros_like(query)
        for head in range(self.heads):
            part = slice(head * size, (head + 1) * size)
            for row in range(len(query)):
                scores = key[:, part] @ query[row, part] / np.sqrt(size)
                scores = np.where(seen[row], scores, -np.inf)
                weights = np.exp(scores - scores.max())
                found[row, part] = (weights / weights.sum()) @ value[:, part]
        return self.norm(f"{name}.output.LayerNorm", self.linear(f"{name}.output.dense", found) + x)

    def forward(self, name: str, kind: str, x: np.ndarray) -> np.ndarray:
        hidden = self.linear(f"{name}.intermediate{kind}.dense", x)
        hidden = hidden * 0.5 * (1 + np.vectorize(erf)(hidden / np.sqrt(2)))
        return self.norm(f"{name}.output{kind}.LayerNorm", self.linear(f"{name}.output{kind}.dense", hidden) + x)

    def qformer(self, embedded: np.ndarray, queries: int, seen: np.ndarray, speech: np.ndarray | None) -> np.ndarray:
        """One row: embeddings (n, D), queries first, who sees whom (n, n), unpadded speech (T, S)."""
        x = self.norm("Qformer.bert.embeddings.LayerNorm", embedded)
        layers = 1 + max(int(name.split(".")[4]) for name in self.state if ".encoder.layer." in name)
        for layer in range(layers):
            name = f"Qformer.bert.encoder.layer.{layer}"
            x = self.attend(f"{name}.attention", x, x, seen)
            asking, text = x[:queries], x[queries:]
            if len(asking) and layer % 2 == 0:
                assert speech is not None
                everywhere = np.ones((len(asking), len(speech)), bool)
                asking = self.attend(f"{name}.crossattention", asking, speech, everywhere)
            parts = [self.forward(name, "_query", asking)] if len(asking) else []
            parts += [self.forward(name, "", text)] if len(text) else []
            x = np.concatenate(parts)
        return x


def published_names(model: Any) -> dict[str, torch.Tensor]:
    """A model's tensors under the published names, the text path of stage 1 included."""
    found = {}
    for name, value in model.state_dict().items():
        name = name.removeprefix("bridge.").replace("qformer.layernorm", "Qformer.bert.embeddings.LayerNorm")
        name = name.replace("qformer.encoder", "Qformer.bert.encoder")
        found[name.replace("attention.attention.", "attention.self.")] = value
    return found


SENTENCES = (
    "The Emotion may be neutral sadness anger. The female male person is saying speaking with low normal high pitch, "
    "slow fast speed and quiet loud volume. 'Kids are talking by the door' 'Dogs are sitting by the door' "
    "Please recognize the emotions contained in the speech based on the description of vocal features and the content"
)


def save_llm(folder: Path) -> Path:
    """A random causal LM with a word-level tokenizer, as a folder that ``transformers`` loads."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["<unk>", "<s>", "</s>"]
    made.train_from_iterator([SENTENCES], trainers.WordLevelTrainer(special_tokens=special, show_progress=False))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", bos_token="<s>", eos_token="</s>")
    tokenizer.save_pretrained(folder)
    model = llm(len(tokenizer))
    shake(model)  # as made, it says every word with the same likelihood whatever it hears
    model.save_pretrained(folder)
    return folder


def save_whisper(folder: Path) -> Path:
    """A random Whisper encoder with its feature extractor."""
    from transformers import WhisperConfig, WhisperFeatureExtractor
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    torch.manual_seed(4)
    sizes = WhisperConfig(
        d_model=12, encoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=16, num_mel_bins=8, dropout=0.0,
        max_source_positions=1500, vocab_size=20, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=16,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    WhisperEncoder(sizes).eval().save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=8).save_pretrained(folder)
    return folder


def save_waves(folder: Path, kind: str, norm: str = "layer") -> Path:
    """A random WavLM, wav2vec2 or HuBERT encoder with its feature extractor."""
    import transformers

    torch.manual_seed(4)
    name = {"wavlm": "WavLM", "wav2vec2": "Wav2Vec2", "hubert": "Hubert"}[kind]
    sizes = getattr(transformers, f"{name}Config")(
        hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, feat_extract_norm=norm,
        conv_dim=[8] * 7, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2, do_stable_layer_norm=True,
    )  # fmt: skip
    model = getattr(transformers, f"{name}Model")(sizes).eval()
    shake(model)
    model.save_pretrained(folder)
    extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=norm == "layer")
    extractor.save_pretrained(folder)
    return folder


# what the published models' configurations hold, but for their widths and the number of layers
PUBLISHED_ENCODERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "wavlm-large": ("WavLM", {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": False}, True),
    "wavlm-base-plus": (
        "WavLM", {"feat_extract_norm": "group", "do_stable_layer_norm": False, "conv_bias": False}, False
    ),
    "hubert-large-ll60k": (
        "Hubert", {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}, True
    ),
    "hubert-base-ls960": (
        "Hubert", {"feat_extract_norm": "group", "do_stable_layer_norm": False, "conv_bias": False}, False
    ),
}  # fmt: skip
PUBLISHED_LLMS: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama-2-7b-chat": ("Llama", {"rms_norm_eps": 1e-5, "max_position_embeddings": 4096, "num_key_value_heads": 4}),
    "TinyLlama-1.1B": ("Llama", {"rms_norm_eps": 1e-5, "max_position_embeddings": 2048, "num_key_value_heads": 1}),
    "Llama-3.2-1B": (
        "Llama",
        {
            "num_key_value_heads": 1, "tie_word_embeddings": True, "max_position_embeddings": 131072,
            "rope_parameters": {
                "rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0,
                "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
            },
        },
    ),
    "Mistral-7B": ("Mistral", {"num_key_value_heads": 1, "sliding_window": 4096, "max_position_embeddings": 32768}),
    "Qwen2.5-0.5B": ("Qwen2", {"num_key_value_heads": 2, "tie_word_embeddings": True, "rms_norm_eps": 1e-6}),
}  # fmt: skip


def save_published_encoder(folder: Path, name: str) -> Path:
    """A published encoder's structure at tiny width, with as many layers as its base form: twelve."""
    import transformers

    kind, structure, mask = PUBLISHED_ENCODERS[name]
    torch.manual_seed(6)
    sizes = getattr(transformers, f"{kind}Config")(
        hidden_size=12, num_hidden_layers=12, num_attention_heads=2, intermediate_size=16, conv_dim=[8] * 7, **structure
    )
    if kind == "WavLM":
        assert (sizes.num_buckets, sizes.max_bucket_distance) == (320, 800)
    sizes.num_conv_pos_embedding_groups = 4  # 16 do not divide twelve dimensions
    model = getattr(transformers, f"{kind}Model")(sizes).eval()
    shake(model)
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(do_normalize=mask, return_attention_mask=mask).save_pretrained(folder)
    return folder


def published_llm(name: str) -> Any:
    """A published LLM's structure at tiny width."""
    import transformers

    kind, structure = PUBLISHED_LLMS[name]
    torch.manual_seed(5)
    sizes = getattr(transformers, f"{kind}Config")(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32, vocab_size=40,
        bos_token_id=1, eos_token_id=2, pad_token_id=2, **structure,
    )  # fmt: skip
    return getattr(transformers, f"{kind}ForCausalLM")(sizes).eval()


def recipe(encoder: Path, language: Path, **stages: Any) -> dict[str, Any]:
    """A training recipe of a few small steps; dropout stays on, so that random numbers matter."""
    stage = {"steps": 12, "batch_size": 4, "learning_rate": 0.003, "save_every": 5, "log_every": 1,
             "evaluate_every": 6, "max_text": 40}  # fmt: skip
    return {
        "name": "tiny",
        "model": {
            "encoder": str(encoder), "llm": str(language), "queries": 4, "project": 8, "standardise": True,
            "qformer": {"width": 16, "layers": 2, "heads": 4, "inner": 24}, "statistics": {"tokens": 1},
            "readout": {"use": True, "layers": [1, 2], "folds": 2},
        },
        "stages": {
            f"stage{number}": {**stage, **stages.get(f"stage{number}", {})} for number in (1, 2, 3)
        },
        "compute": {"threads": 1},
        "output": "???",
    }  # fmt: skip
