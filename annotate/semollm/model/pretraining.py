"""The model of stage 1: speech and text through one Q-Former, three losses, no LLM."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.models.bert.modeling_bert import BertPredictionHeadTransform
from transformers.models.blip_2.modeling_blip_2 import Blip2TextEmbeddings

from annotate.semollm.model import distributed, losses
from annotate.semollm.model.bridge import Bridge
from annotate.semollm.model.config import SEmoConfig
from annotate.semollm.model.naming import Naming
from annotate.semollm.model.pretrained import SEmoPreTrained


class SEmoForPreTraining(SEmoPreTrained):
    """Contrastive, matching and caption-generation losses, summed as in the paper."""

    def __init__(self, config: SEmoConfig) -> None:
        super().__init__(config)
        sizes = config.for_qformer(text=True)
        self.bridge = Bridge(config, text=True)
        self.text_embeddings = Blip2TextEmbeddings(sizes)
        self.lm_transform = BertPredictionHeadTransform(sizes)
        self.lm_head = nn.Linear(sizes.hidden_size, config.text_vocab)
        self.speech_proj = nn.Linear(sizes.hidden_size, config.contrast)
        self.text_proj = nn.Linear(sizes.hidden_size, config.contrast)
        self.match_head = nn.Linear(sizes.hidden_size, 2)
        self.temperature = nn.Parameter(torch.tensor(0.07))
        self.naming = Naming(config.naming, sizes.hidden_size) if config.naming else None
        heads = (self.lm_transform, self.lm_head, self.speech_proj, self.text_proj, self.match_head)
        for module in (self.text_embeddings, *heads):
            module.apply(self._init_weights)
        self.post_init()

    def forward(
        self,
        features: Tensor,
        feature_mask: Tensor,
        text_ids: Tensor,
        text_mask: Tensor,
        labels: Tensor,
        words: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The sum of the losses, and each.

        Args:
            features: (B, N, T, H), the encoder's hidden states.
            feature_mask: (B, T), true at speech.
            text_ids: (B, n), [CLS] text [SEP].
            text_mask: (B, n), true at text.
            labels: (B,), equal where two texts say the same: these are no negatives of each other.
            words: (B, attributes), the place of each attribute's word, -100 where there is none; for the naming.
        """
        speech = self.bridge.speech(features)
        queries, logits = self.captioned(speech, feature_mask, text_ids, text_mask)
        queries = self.bridge.pooled(queries, features, feature_mask)
        temperature = self.temperature.clamp(0.001, 0.5)
        vectors = functional.normalize(self.speech_proj(queries).float(), dim=-1)
        text = functional.normalize(self.text_proj(self.text_state(text_ids, text_mask)).float(), dim=-1)
        similar = losses.similarities(vectors, text, temperature)
        equal = losses.same(labels)
        parts = {
            "contrastive": losses.contrastive(similar, equal),
            "matching": self.matching(speech, feature_mask, text_ids, text_mask, losses.negatives(similar, equal)),
            "generation": losses.next_token(logits[:, :-1], targets(text_ids, text_mask)),
        }
        if self.naming is not None and words is not None:
            parts["naming"] = self.naming(queries, words)
        return {"loss": torch.stack(list(parts.values())).sum(), **parts}

    def captioned(self, speech: Tensor, mask: Tensor, text_ids: Tensor, text_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Query vectors, (B, Q, D), and next-token logits of the text, (B, n, V), in one pass.

        The queries see only themselves and the speech, so their vectors are those without any text; the text sees
        all queries and itself up to each position. Its first token is [DEC].
        """
        count = self.bridge.query_tokens.shape[1]
        decoded = torch.cat([torch.full_like(text_ids[:, :1], self.config.text_dec), text_ids[:, 1:]], dim=1)
        hidden = self.bridge.run(self._embedded(decoded), causal(count, text_mask), speech, mask)
        return hidden[:, :count], self.lm_head(self.lm_transform(hidden[:, count:]))

    def text_state(self, text_ids: Tensor, text_mask: Tensor) -> Tensor:
        """The text alone, seen by itself from both sides: the state of its first token, (B, D)."""
        embedded = self.text_embeddings(input_ids=text_ids)
        return self.bridge.run(embedded, text_mask.bool()[:, None, None, :], None, None)[:, 0]

    def matching(
        self, speech: Tensor, mask: Tensor, text_ids: Tensor, text_mask: Tensor, chosen: losses.Negatives
    ) -> Tensor:
        """Positive pairs, texts with a wrong clip, clips with a wrong text, in this order."""
        has_speech, has_text = chosen.speech >= 0, chosen.text >= 0
        everywhere = [distributed.gathered(rows) for rows in (speech, mask.bool(), text_ids, text_mask.bool())]
        all_speech, all_mask, all_ids, all_text = everywhere
        wrong_speech, wrong_text = chosen.speech[has_speech], chosen.text[has_text]
        logits = self.match_logits(
            _joined(speech, all_speech[wrong_speech], speech[has_text]),
            _joined(mask.bool(), all_mask[wrong_speech], mask.bool()[has_text]),
            _joined(text_ids, text_ids[has_speech], all_ids[wrong_text]),
            _joined(text_mask.bool(), text_mask.bool()[has_speech], all_text[wrong_text]),
        )
        return losses.matching(logits, len(speech))

    def match_logits(self, speech: Tensor, mask: Tensor, text_ids: Tensor, text_mask: Tensor) -> Tensor:
        """Whether clip and text belong together, (pairs, 2): the head on each query, averaged over queries."""
        count = self.bridge.query_tokens.shape[1]
        seen = torch.cat([text_mask.new_ones(len(text_mask), count), text_mask], dim=1)[:, None, None, :]
        hidden = self.bridge.run(self._embedded(text_ids), seen, speech, mask)
        logits: Tensor = self.match_head(hidden[:, :count]).mean(1)
        return logits

    def _embedded(self, text_ids: Tensor) -> Tensor:
        queries = self.bridge.query_tokens.expand(len(text_ids), -1, -1)
        embedded: Tensor = self.text_embeddings(input_ids=text_ids, query_embeds=queries)
        return embedded

    def init_from_bert(self, name: str) -> None:
        """Start the Q-Former's self-attention, feed-forwards and text path from a BERT of the same size.

        The queries' feed-forward starts as a copy of the text's, as in BLIP-2; cross-attention starts anew.
        """
        from transformers import BertForMaskedLM

        from annotate.semollm.model import frozen_models

        with frozen_models.user_errors("model.qformer.init", name):
            bert = BertForMaskedLM.from_pretrained(name)
        copy_bert(self, bert)


def copy_bert(model: SEmoForPreTraining, bert: Any) -> None:
    """Copy a BERT's weights into the parts that have them; its vocabulary is the first of ours."""
    embeddings, target = bert.bert.embeddings, model.bridge.qformer
    pairs = [(target.layernorm, embeddings.LayerNorm)]
    for ours, theirs in zip(target.encoder.layer, bert.bert.encoder.layer, strict=True):
        attention = ours.attention
        pairs += [(getattr(attention.attention, part), getattr(theirs.attention.self, part)) for part in
                  ("query", "key", "value")]  # fmt: skip
        pairs += [(attention.output, theirs.attention.output), (ours.intermediate, theirs.intermediate)]
        pairs += [(ours.intermediate_query, theirs.intermediate), (ours.output, theirs.output)]
        pairs += [(ours.output_query, theirs.output)]
    pairs += [(model.lm_transform, bert.cls.predictions.transform)]
    for mine, given in pairs:
        mine.load_state_dict(given.state_dict())
    words = embeddings.word_embeddings.weight
    with torch.no_grad():
        model.text_embeddings.word_embeddings.weight[: len(words)].copy_(words)
        model.text_embeddings.position_embeddings.weight.copy_(embeddings.position_embeddings.weight)
        model.lm_head.weight[: len(words)].copy_(words)
        model.lm_head.bias[: len(words)].copy_(bert.cls.predictions.decoder.bias)


def causal(queries: int, text_mask: Tensor) -> Tensor:
    """Who sees whom in generation, (B, 1, Q + n, Q + n): true where the row's position sees the column's."""
    length = text_mask.shape[1]
    total = queries + length
    seen = torch.ones(total, total, dtype=torch.bool, device=text_mask.device).tril()
    seen[:queries, :queries] = True
    kept = torch.cat([text_mask.new_ones(len(text_mask), queries), text_mask], dim=1).bool()
    return seen[None, None] & kept[:, None, None, :]


def targets(text_ids: Tensor, text_mask: Tensor) -> Tensor:
    """The next token at each position but the last, (B, n - 1); -100 at padding, found by length and not by id."""
    return torch.where(text_mask.bool()[:, 1:], text_ids[:, 1:], -100)


def _joined(*parts: Tensor) -> Tensor:
    """Rows of all parts; the second dimension is padded with zeros to the longest."""
    longest = max(part.shape[1] for part in parts)
    return torch.cat([functional.pad(p, [0, 0] * (p.dim() - 2) + [0, longest - p.shape[1]]) for p in parts])
