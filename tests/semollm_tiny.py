"""Tiny random models for the tests of SEmoLLM, and the Q-Former written once more in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf
from typing import Any

import numpy as np
import torch

from annotate.semollm.config import SEmoConfig

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
