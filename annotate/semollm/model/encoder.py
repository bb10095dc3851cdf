"""The frozen speech encoder: WavLM, wav2vec2, HuBERT or Whisper's, giving all hidden states of the chosen layers.

Padding changes nothing: a clip gives the same states alone and in a batch. Whisper's encoder runs over the clip
and not over 30 s, since its convolutions and positions need no fixed length; only its own ``forward`` demands it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from annotate.audio.recording import RATE
from annotate.errors import SemoError, UsageError
from annotate.semollm.model import finite_checks, frozen_models

KINDS = ("wavlm", "wav2vec2", "hubert", "whisper")
FRAMES_S = 50  # all of them give a frame every 20 ms


class SpeechEncoder(nn.Module):
    """A frozen encoder with its feature extractor.

    Args:
        model: the encoder of ``transformers``.
        extractor: its feature extractor.
        layers: which hidden states are wanted, 0 being the input to the first layer.
        pad_s: silence follows each clip up to this length, in seconds, as Whisper heard it in its training; its frames
            are not kept.
    """

    def __init__(self, model: Any, extractor: Any, layers: Sequence[int], pad_s: float = 0.0) -> None:
        super().__init__()
        self.model = model.requires_grad_(False).eval()
        self.extractor = extractor
        self.layers = list(layers)
        self.pad_s = pad_s
        self.kind = str(model.config.model_type)

    def train(self, mode: bool = True) -> SpeechEncoder:
        """It stays in evaluation: frozen weights with dropout would be another encoder."""
        super().train(False)
        return self

    @property
    def longest_s(self) -> float:
        """The longest stretch that it can take, in seconds."""
        return float(self.model.config.max_source_positions / FRAMES_S) if self.kind == "whisper" else math.inf

    def prepared(self, samples: NDArray[np.float32]) -> Tensor:
        """One clip at 16 kHz, shape (n,), as the encoder wants it: (n,), or mel frames (80, m) for Whisper."""
        if self.kind == "whisper":
            made = self.extractor(samples, sampling_rate=RATE, padding="do_not_pad", return_tensors="np")
            return torch.from_numpy(np.asarray(made["input_features"][0], np.float32))
        made = self.extractor(samples, sampling_rate=RATE, return_tensors="np")
        return torch.from_numpy(np.asarray(made["input_values"][0], np.float32))

    @torch.no_grad()
    def forward(self, clips: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Prepared clips to hidden states, (B, N, T, H), and their mask, (B, T), true at speech."""
        device, dtype = self.model.device, self.model.dtype
        lengths = torch.tensor([clip.shape[-1] for clip in clips])
        padded = torch.zeros(len(clips), *clips[0].shape[:-1], int(lengths.max()), dtype=dtype, device=device)
        for row, clip in zip(padded, clips, strict=True):
            row[..., : clip.shape[-1]] = clip.to(device, dtype)
        run = self._whisper if self.kind == "whisper" else self._waves
        return run(padded, lengths.to(device))

    def encode(self, samples: Sequence[NDArray[np.float32]]) -> list[Tensor]:
        """Clips at 16 kHz to their hidden states, each (N, T, H); in one batch where the encoder allows it."""
        clips = [self.prepared(self._padded(recording)) for recording in samples]
        # a group norm over time reads the padding: such encoders (the base sizes) take one clip at a time
        alone = getattr(self.model.config, "feat_extract_norm", "layer") == "group"
        encoded: list[Tensor] = []
        for batch in [[clip] for clip in clips] if alone else [clips]:
            states, mask = self(batch)
            encoded += [clip_states[:, : int(kept.sum())] for clip_states, kept in zip(states, mask, strict=True)]
        if not self.pad_s:
            return encoded
        kept_frames = [_after_stride(len(recording) // self.extractor.hop_length) for recording in samples]
        return [clip_states[:, :count] for clip_states, count in zip(encoded, kept_frames, strict=True)]

    def _padded(self, recording: NDArray[np.float32]) -> NDArray[np.float32]:
        lacking = round(self.pad_s * RATE) - len(recording)
        return np.pad(recording, (0, lacking)) if lacking > 0 else recording

    def _waves(self, padded: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        frames = self.model._get_feat_extract_output_lengths(lengths)
        whole = bool((lengths == lengths[0]).all())
        samples = None if whole else torch.arange(padded.shape[1], device=padded.device)[None] < lengths[:, None]
        states = self.model(padded, attention_mask=samples, output_hidden_states=True).hidden_states
        mask = torch.arange(states[0].shape[1], device=padded.device)[None] < frames[:, None]
        return torch.stack([states[layer] for layer in self.layers], dim=1), mask

    def _whisper(self, mel: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        model = self.model
        hidden = nn.functional.gelu(model.conv1(mel))
        # what the first convolution makes of the padding must not leak into the last frame
        hidden = hidden * (torch.arange(hidden.shape[2], device=mel.device)[None] < lengths[:, None])[:, None]
        hidden = nn.functional.gelu(model.conv2(hidden)).transpose(1, 2)
        frames = _after_stride(lengths)
        mask = torch.arange(hidden.shape[1], device=mel.device)[None] < frames[:, None]
        hidden = hidden + model.embed_positions.weight[: hidden.shape[1]]
        seen = None if bool(mask.all()) else mask[:, None, None, :].expand(-1, 1, hidden.shape[1], -1)
        states = [hidden]
        for layer in model.layers:
            made = layer(states[-1], seen)
            states.append(made[0] if isinstance(made, tuple) else made)
        states[-1] = model.layer_norm(states[-1])  # as in transformers' own list of hidden states
        return torch.stack([states[layer] for layer in self.layers], dim=1), mask

    def key(self) -> str:
        """Names this very encoder: its configuration and a sample of every weight."""
        digest = hashlib.sha256(json.dumps(_described(self.model.config), sort_keys=True).encode())
        digest.update(json.dumps(self.extractor.to_dict(), sort_keys=True, default=str).encode())
        for name, value in self.model.state_dict().items():
            flat = value.detach().flatten()
            sample = flat[:: max(1, len(flat) // 64)].float().cpu().numpy()
            digest.update(f"{name}{tuple(value.shape)}".encode() + sample.tobytes())
        return digest.hexdigest()[:16]


def _after_stride(frames: Any) -> Any:
    """How many of so many mel frames Whisper's second convolution, of stride 2, leaves."""
    return (frames + 1) // 2


def _described(config: Any) -> dict[str, Any]:
    """The configuration without what says where it came from and how it is computed."""
    described = config.to_dict()
    for name in ("_name_or_path", "transformers_version", "dtype", "torch_dtype", "architectures"):
        described.pop(name, None)
    return {name: value for name, value in described.items() if isinstance(value, (str, int, float, bool, list))}


def load(
    name: str, layers: Sequence[int] | str = "all", dtype: torch.dtype = torch.float32, pad_s: float = 0.0
) -> SpeechEncoder:
    """Load a frozen encoder by folder or Hub name; ``pad_s`` is that of ``SpeechEncoder``.

    Raises:
        SemoError: it is not there, or not one of the kinds that are known.
        UsageError: a layer that it does not have; silence to be added for an encoder that is not Whisper's, or more
            than it can take.
    """
    from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

    with frozen_models.user_errors("model.encoder", name):
        config = AutoConfig.from_pretrained(name, trust_remote_code=False)
        kind = config.model_type
        if kind not in KINDS:
            raise SemoError(f"model.encoder={name}: is a '{kind}' model; expected one of {', '.join(KINDS)}")
        extractor = AutoFeatureExtractor.from_pretrained(name, trust_remote_code=False)
        if kind == "whisper":
            model = _whisper_encoder(name, config, dtype)
        else:
            model = AutoModel.from_pretrained(
                name, dtype=dtype, attn_implementation=_attention(kind), trust_remote_code=False
            )
    finite_checks.require(model.named_parameters(), f"model.encoder={name}")
    count = model.config.num_hidden_layers + 1 if kind != "whisper" else model.config.encoder_layers + 1
    chosen = list(range(count)) if layers == "all" else [int(layer) for layer in layers]
    wrong = [layer for layer in chosen if not 0 <= layer < count]
    if wrong or not chosen:
        raise UsageError(f"model.encoder_layers: {wrong or 'none'}; {name} has the hidden states 0 to {count - 1}")
    speech = SpeechEncoder(model, extractor, chosen, pad_s)
    if pad_s and kind != "whisper":
        raise UsageError(f"model.encoder_pad_s={pad_s:g}: only Whisper was trained on padded clips; {name} is {kind}")
    if pad_s > speech.longest_s:
        raise UsageError(f"model.encoder_pad_s={pad_s:g}: {name} takes at most {speech.longest_s:g} s")
    return speech


def _attention(kind: str) -> str:
    return "eager" if kind == "wavlm" else "sdpa"  # WavLM's gated position bias has no SDPA in transformers


def _whisper_encoder(name: str, config: Any, dtype: torch.dtype) -> Any:
    from transformers import WhisperModel
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    if "WhisperEncoder" in (config.architectures or []):
        return WhisperEncoder.from_pretrained(name, dtype=dtype)
    return WhisperModel.from_pretrained(name, dtype=dtype).encoder


def width(encoder: SpeechEncoder) -> int:
    """H, the width of the encoder's hidden states."""
    return int(encoder.model.config.hidden_size)
