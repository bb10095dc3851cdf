"""The speech side: layer-weighted sum, projector, LayerNorm, and the Q-Former that ``transformers`` has for BLIP-2.

The same blocks in all three stages. ``Blip2QFormerModel`` serves as it is: its queries have a feed-forward of
their own, it cross-attends in every second layer, and it takes ready masks, which is all that stage 1's causal
text path needs: queries and text go through it together, with a mask under which the queries see only
themselves and the text sees all queries and what stands before it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import Blip2QFormerModel

from annotate.semollm.model.config import SEmoConfig
from annotate.semollm.model.speaker_normalisation import SpeakerNormalisation

# of the released model; the encoder's own LayerNorms use the same
EPS = 1e-5


class Bridge(nn.Module):
    """Speech of any length to a fixed number of query vectors.

    Args:
        config: sizes.
        text: with the text feed-forwards of stage 1.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: SEmoConfig, text: bool) -> None:
        super().__init__()
        self.standardise = config.standardise
        if self.standardise:
            sizes = (len(config.encoder_layers), config.encoder_hidden)
            self.register_buffer("mean", torch.zeros(sizes))
            self.register_buffer("deviation", torch.ones(sizes))
        self.layer_weights = nn.Parameter(torch.full((len(config.encoder_layers),), 1 / len(config.encoder_layers)))
        self.projector = nn.Linear(config.encoder_hidden, config.project)
        self.dropout = nn.Dropout(config.speech_dropout)
        self.ln_audio = nn.LayerNorm(config.project, eps=EPS)
        self.qformer = Blip2QFormerModel(config.for_qformer(text))
        self.query_tokens = nn.Parameter(torch.empty(1, config.num_queries, self.qformer.config.hidden_size))
        nn.init.normal_(self.query_tokens, std=0.02)
        self.pooling = Pooling(config) if config.pooling else None
        self.speaker_normalisation = (
            SpeakerNormalisation(len(config.encoder_layers), config.encoder_hidden)
            if config.speaker_normalisation
            else None
        )

    def vectors(self, features: Tensor, mask: Tensor) -> Tensor:
        """Hidden states of the encoder, (B, N, T, H), with their mask, (B, T), to query vectors, (B, Q, D)."""
        return self.pooled(self.queries(self.speech(features), mask), features, mask)

    def pooled(self, queries: Tensor, features: Tensor, mask: Tensor) -> Tensor:
        """The Q-Former's query vectors with what is pooled over time added, where the model pools."""
        return queries if self.pooling is None else queries + self.pooling(features, mask)

    def speech(self, features: Tensor) -> Tensor:
        """Hidden states of the encoder, (B, N, T, H), to projected speech, (B, T, S)."""
        weights = self.layer_weights.softmax(0)
        features = features.to(weights.dtype)
        if self.standardise:
            scaled = weights[:, None] / self.deviation
            summed = torch.einsum("nh,bnth->bth", scaled, features) - (scaled * self.mean).sum(0)
        else:
            summed = torch.einsum("n,bnth->bth", weights, features)
        normed: Tensor = self.ln_audio(self.dropout(self.projector(summed)))
        return normed

    def fit(self, mean: Tensor, deviation: Tensor) -> None:
        """Set what the hidden states are standardised by, both (N, H), before they are summed.

        Not in the paper. Whisper's states hold a few numbers hundreds of times larger than all others, and nearly
        the same in every clip: the LayerNorm after the projector would scale all the rest away.
        """
        self.mean.copy_(mean)
        self.deviation.copy_(torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation)))

    def queries(self, speech: Tensor, mask: Tensor) -> Tensor:
        """Projected speech, (B, T, S), with its mask, (B, T), true at speech, to query vectors, (B, Q, D)."""
        return self.run(self.query_tokens.expand(len(speech), -1, -1), None, speech, mask)

    def run(self, embedded: Tensor, attention: Tensor | None, speech: Tensor | None, mask: Tensor | None) -> Tensor:
        """The Q-Former over queries, text, or both, (B, n, D).

        Args:
            embedded: embeddings before the Q-Former's LayerNorm, queries first.
            attention: who sees whom, true where seen, broadcasting to (B, 1, n, n); None: all see all.
            speech: projected speech, (B, T, S); None for text alone, which then takes no queries.
            mask: (B, T), true at speech.
        """
        seen = None if mask is None else mask.bool()[:, None, None, :]
        done: Any = self.qformer(
            query_embeds=embedded,
            query_length=0 if speech is None else self.query_tokens.shape[1],
            attention_mask=attention,
            encoder_hidden_states=speech,
            encoder_attention_mask=seen,
        )
        hidden: Tensor = done.last_hidden_state
        return hidden


class Pooling(nn.Module):
    """Mean and deviation over time of every layer, standardised, by one linear layer to a vector for each query.

    Not in the paper; statistics pooling after Snyder et al. (2018). What a linear probe can tell reaches the query
    vectors from the first update on; a Q-Former alone has to find it by gradient, and learns few clips by heart.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: SEmoConfig) -> None:
        super().__init__()
        layers, hidden = len(config.encoder_layers), config.encoder_hidden
        options: Any = config.pooling
        self.queries, self.noise = config.num_queries, options["noise"]
        self.register_buffer("mean", torch.zeros(layers, 2 * hidden))
        self.register_buffer("deviation", torch.ones(layers, 2 * hidden))
        self.dropout = nn.Dropout(options["dropout"])
        self.dense = nn.Linear(layers * 2 * hidden, self.queries * config.for_qformer(False).hidden_size)
        nn.init.normal_(self.dense.weight, std=(layers * 2 * hidden) ** -0.5)
        nn.init.zeros_(self.dense.bias)

    def fit(self, mean: Tensor, deviation: Tensor) -> None:
        """Set the standardisation, both (N, 2H); a constant number stays 0."""
        self.mean.copy_(mean)
        self.deviation.copy_(torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation)))

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """Hidden states, (B, N, T, H), with their mask, (B, T), to vectors, (B, Q, D)."""
        standard = (over_time(features, mask) - self.mean) / self.deviation
        if self.training and self.noise:
            standard = standard + self.noise * torch.randn_like(standard)
        made: Tensor = self.dense(self.dropout(standard.flatten(1))).unflatten(1, (self.queries, -1))
        return made


class Statistics(nn.Module):
    """Mean and deviation over time of every layer, standardised, weighted over layers, to tokens for the LLM.

    Not in the paper. Standardisation is fitted on the training clips and stored with the weights.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, layers: int, hidden: int, tokens: int, width: int, dropout: float) -> None:
        super().__init__()
        self.tokens = tokens
        self.register_buffer("mean", torch.zeros(layers, 2 * hidden))
        self.register_buffer("deviation", torch.ones(layers, 2 * hidden))
        self.layer_weights = nn.Parameter(torch.zeros(layers))
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(2 * hidden, tokens * width)
        nn.init.normal_(self.dense.weight, std=(2 * hidden) ** -0.5)
        nn.init.zeros_(self.dense.bias)
        # however far the dense layer moves, its tokens stay as large as the LLM's own words
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.size = nn.Parameter(torch.ones(()))

    def fit(self, mean: Tensor, deviation: Tensor) -> None:
        """Set the standardisation, both (N, 2H); a constant number stays 0."""
        self.mean.copy_(mean)
        self.deviation.copy_(torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation)))

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """Hidden states, (B, N, T, H), with their mask, (B, T), to tokens, (B, K, L)."""
        standard = (over_time(features, mask) - self.mean) / self.deviation
        summed = torch.einsum("n,bnh->bh", self.layer_weights.softmax(0), standard)
        tokens: Tensor = self.norm(self.dense(self.dropout(summed)).unflatten(1, (self.tokens, -1))) * self.size
        return tokens


def over_time(features: Tensor, mask: Tensor) -> Tensor:
    """Mean and standard deviation over the frames of each clip, padding left out: (B, N, T, H) to (B, N, 2H)."""
    kept = mask.to(torch.float32)[:, None, :, None]
    count = kept.sum(2).clamp(min=1)
    values = features.float()
    mean = (values * kept).sum(2) / count
    variance = ((values - mean[:, :, None]).square() * kept).sum(2) / count
    return torch.cat([mean, variance.clamp(min=1e-12).sqrt()], dim=-1)
