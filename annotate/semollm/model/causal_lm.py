"""The model of stages 2 and 3: speech tokens, prompt and reply through a causal LLM, frozen or with adapters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from annotate.errors import SemoError
from annotate.semollm.model import finite_checks, losses
from annotate.semollm.model.bridge import Bridge, Statistics
from annotate.semollm.model.config import SEmoConfig
from annotate.semollm.model.naming import NamedTokens
from annotate.semollm.model.pretrained import ADAPTERS, SEmoPreTrained
from annotate.semollm.model.readout import Readout, nothing_measured


class SEmoForCausalLM(SEmoPreTrained):
    """``[speech tokens][prompt][BOS reply EOS]`` to the LLM; the loss is on the reply and its end alone."""

    llm: Any

    def __init__(self, config: SEmoConfig) -> None:
        super().__init__(config)
        self.bridge = Bridge(config, text=False)
        self.llm_proj = nn.Linear(self.bridge.qformer.config.hidden_size, config.llm_hidden)
        self.statistics = (
            Statistics(
                len(config.encoder_layers),
                config.encoder_hidden,
                config.statistics_tokens,
                config.llm_hidden,
                config.statistics_dropout,
            )
            if config.statistics_tokens
            else None
        )
        self.naming = None
        if config.naming and config.naming.get("tokens"):
            self.naming = NamedTokens(config.naming, self.bridge.qformer.config.hidden_size, config.llm_hidden)
        settings = config.readout
        self.readout = None
        if settings:
            self.readout = Readout(
                settings["attributes"],
                settings["layers"],
                config.encoder_hidden,
                config.llm_hidden,
                settings.get("sharpen", 1.0),
                settings.get("enrolment", False),
            )
        self.llm = None
        self.checkpointed = False
        self.speech_kept = False
        self.llm_proj.apply(self._init_weights)
        self.post_init()

    def attach(self, llm: Any, adapters: Path | None = None) -> None:
        """Put the frozen LLM in, with fresh adapters, or those in ``adapters``, where the configuration has some.

        Raises:
            SemoError: an LLM of another width.
        """
        width = llm.get_input_embeddings().weight.shape[1]
        if width != self.config.llm_hidden:
            raise SemoError(f"model.llm: is {width} wide; these weights were made for {self.config.llm_hidden}")
        llm.requires_grad_(False)
        if self.config.lora:
            llm = _adapted(llm, self.config.lora, adapters)
            adapted = ((name, value) for name, value in llm.named_parameters() if "lora_" in name)
            finite_checks.require(adapted, str(adapters or "the adapters"))
        self.llm = llm
        self.train(self.training)

    def match_scale(self) -> None:
        """Start with speech tokens as large as the LLM's own word vectors: others are foreign to it."""
        spread = float(self.llm.get_input_embeddings().weight.float().std())
        width = self.llm_proj.in_features  # what the Q-Former gives is normalised: each number of size 1
        with torch.no_grad():
            self.llm_proj.weight.normal_(std=spread / width**0.5)
            if self.statistics is not None:
                self.statistics.size.fill_(spread)

    def start_from_naming(self, head: Tensor, words: Tensor) -> None:
        """Start the projection where stage 1's naming points: each word's direction to the LLM's vector of the word.

        Args:
            head: the weights of the naming, (words, D).
            words: the LLM's vectors, (words, L), those of an attribute around their mean.
        """
        weight = words.T @ head
        size = self.llm_proj.weight.square().mean().sqrt()  # as ``match_scale`` left it
        with torch.no_grad():
            self.llm_proj.weight.copy_(weight * size / weight.square().mean().sqrt().clamp(min=1e-12))

    def train(self, mode: bool = True) -> SEmoForCausalLM:
        """Training mode; what is frozen stays in evaluation, but for an LLM with gradient checkpointing."""
        super().train(mode)
        if self.llm is not None and not self.config.lora and not self.checkpointed:
            self.llm.train(False)
        if self.speech_kept:
            self.bridge.train(False)
        return self

    def keep_speech(self) -> None:
        """Train nothing of the speech side; without its dropout and noise, the LLM learns from what replies use."""
        self.speech_kept = True
        self.bridge.requires_grad_(False)
        self.train(self.training)

    def activation_checkpointing_enable(self, *given: Any, **further: Any) -> None:
        """Trade time for memory (gradient checkpointing); the LLM's blocks do so only in training mode."""
        super().activation_checkpointing_enable(*given, **further)
        self.checkpointed = True
        self.train(self.training)

    def speech_tokens(
        self,
        features: Tensor,
        feature_mask: Tensor,
        measures: Tensor | None = None,
        readout_logits: Tensor | None = None,
        vectors: Tensor | None = None,
    ) -> Tensor:
        """Hidden states, (B, N, T, H), with their mask, (B, T), to tokens for the LLM, (B, K, L).

        With read-outs also ``measures``, (B, M), and ``readout_logits``, (B, all words), in place of the model's own.
        ``vectors`` are query vectors, (B, Q, D), in place of those of ``features``: of enrolled speakers.
        """
        vectors = self.query_vectors(features, feature_mask) if vectors is None else vectors
        tokens: Tensor = self.llm_proj(vectors)
        if self.naming is not None:
            named = self.naming(vectors, (self.config.naming or {})["shown"])
            tokens = torch.cat([tokens, named.to(tokens.dtype)], dim=1)
        if self.statistics is not None:
            tokens = torch.cat([tokens, self.statistics(features, feature_mask)], dim=1)
        if self.readout is not None and self.config.readout["shown"]:
            logits = (
                self.readout_log_odds(features, feature_mask, measures)
                if readout_logits is None
                else self.readout.split(readout_logits)
            )
            words = self.readout.tokens(logits, self.config.readout["shown"])
            tokens = torch.cat([tokens, words.to(tokens.dtype)], dim=1)
        return tokens

    def query_vectors(self, features: Tensor, feature_mask: Tensor, normalised: Tensor | None = None) -> Tensor:
        """Hidden states, (B, N, T, H), to query vectors, (B, Q, D).

        ``normalised`` are the hidden states against each clip's speaker, where speakers are enrolled. Where one query
        names each attribute, the emotion's alone is of those: against the speaker's usual there is little left of
        gender, nor of pitch as the gender has it.
        """
        if normalised is None:
            return self.bridge.vectors(features, feature_mask)
        against = self.bridge.vectors(normalised, feature_mask)
        if not self.config.naming:
            return against
        return torch.cat([against[:, :1], self.bridge.vectors(features, feature_mask)[:, 1:]], dim=1)

    def readout_log_odds(self, features: Tensor, feature_mask: Tensor, measures: Tensor | None) -> dict[str, Tensor]:
        """What the read-outs say: attribute -> log odds of its words, (B, words)."""
        readout: Any = self.readout
        known = nothing_measured(len(features)).to(features.device) if measures is None else measures
        logits: dict[str, Tensor] = readout.logits(readout.standard(features, feature_mask, known))
        return logits

    def forward(
        self,
        features: Tensor,
        feature_mask: Tensor,
        input_ids: Tensor,
        text_mask: Tensor,
        labels: Tensor,
        measures: Tensor | None = None,
        readout_logits: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The causal loss on the reply.

        Args:
            features: (B, N, T, H).
            feature_mask: (B, T), true at speech.
            input_ids: (B, n), prompt, BOS, reply, EOS, then padding.
            text_mask: (B, n), true before the padding.
            labels: (B, n), the ids of reply and EOS, -100 elsewhere.
            measures: (B, M), for the read-outs.
            readout_logits: (B, all words), logits in place of the read-outs' own.
        """
        speech = self.speech_tokens(features, feature_mask, measures, readout_logits)
        embedded = self._embed(input_ids)
        # logits are made only from where the first reply begins: the vocabulary is the widest layer of all
        asked = (labels != -100).any(0).nonzero()
        first = int(asked[0]) if len(asked) else labels.shape[1] - 1
        keep = labels.shape[1] - first + 1
        done = self.llm(
            inputs_embeds=torch.cat([speech.to(embedded.dtype), embedded], dim=1),
            attention_mask=torch.cat([text_mask.new_ones(speech.shape[:2]), text_mask], dim=1).long(),
            logits_to_keep=keep,
            use_cache=False,
        )
        return {"loss": losses.next_token(done.logits[:, :-1], labels[:, first:])}

    @torch.no_grad()
    def reply(self, speech: Tensor, prompt: Sequence[Sequence[int]], **options: Any) -> Tensor:
        """Ids of the replies, (B, new), the LLM's padding after their end.

        Args:
            speech: from ``speech_tokens``, (B, K, L).
            prompt: per clip the ids before the reply, BOS the last of them, and what of the reply is decided.
            options: for ``generate`` of ``transformers``.
        """
        longest = max(len(ids) for ids in prompt)
        rows, masks = [], []
        for tokens, ids in zip(speech, prompt, strict=True):
            before = longest - len(ids)
            vectors = self._embed(torch.tensor(list(ids), device=tokens.device))
            rows.append(torch.cat([vectors.new_zeros(before, vectors.shape[1]), tokens.to(vectors.dtype), vectors]))
            mask = torch.ones(len(rows[-1]), dtype=torch.long, device=tokens.device)
            mask[:before] = 0
            masks.append(mask)
        replies: Tensor = self.llm.generate(
            inputs_embeds=torch.stack(rows), attention_mask=torch.stack(masks), **options
        )
        return replies

    @torch.no_grad()
    def likelihoods(self, speech: Tensor, before: Sequence[int], continuations: Sequence[Sequence[int]]) -> Tensor:
        """Log likelihood of each continuation after the ids ``before``, (B, continuations).

        Continuations that begin with different tokens are told apart by these alone, in one pass over
        ``before``; others are each gone through to their end.
        """
        device = speech.device
        shared = 0
        while all(len(ids) > shared + 1 for ids in continuations) and len({ids[shared] for ids in continuations}) == 1:
            shared += 1
        firsts = [ids[shared] for ids in continuations]
        if len(set(firsts)) == len(firsts):
            logits = self._logits(speech, [*before, *continuations[0][:shared]])[:, -1]
            return logits.float().log_softmax(1)[:, torch.tensor(firsts, device=device)]
        by_continuation = []
        for ids in continuations:
            logits = self._logits(speech, [*before, *ids])[:, -len(ids) - 1 : -1].float().log_softmax(2)
            picked = logits.gather(2, torch.tensor(list(ids), device=device).expand(len(speech), -1)[..., None])
            by_continuation.append(picked[..., 0].sum(1))
        return torch.stack(by_continuation, dim=1)

    def _logits(self, speech: Tensor, ids: Sequence[int]) -> Tensor:
        vectors = self._embed(torch.tensor(list(ids), device=speech.device)).expand(len(speech), -1, -1)
        logits: Tensor = self.llm(
            inputs_embeds=torch.cat([speech.to(vectors.dtype), vectors], 1), use_cache=False
        ).logits
        return logits

    def _embed(self, ids: Tensor) -> Tensor:
        vectors: Tensor = self.llm.get_input_embeddings()(ids)
        return vectors

    def load_trained(self, folder: Path) -> None:
        """Also the adapters, where an LLM with adapters is attached."""
        super().load_trained(folder)
        if self.config.lora and self.llm is not None:
            from peft import set_peft_model_state_dict

            from annotate.semollm.model.pretrained import read_weights

            set_peft_model_state_dict(self.llm, read_weights(folder / ADAPTERS / "adapter_model.safetensors"))


def _adapted(llm: Any, lora: dict[str, Any], adapters: Path | None) -> Any:
    from peft import LoraConfig, PeftModel, get_peft_model

    if adapters is not None:
        return PeftModel.from_pretrained(llm, adapters, is_trainable=True)
    return get_peft_model(
        llm,
        LoraConfig(
            r=lora["rank"],
            lora_alpha=lora["alpha"],
            lora_dropout=lora["dropout"],
            target_modules=list(lora["targets"]),
            task_type="CAUSAL_LM",
        ),
    )


def from_stage1(model: SEmoForCausalLM, pretrained: dict[str, Tensor]) -> list[str]:
    """Take over what stage 1 trained; returns the names of what it alone needed."""
    mine = model.trained_state()
    with torch.no_grad():
        for name, value in pretrained.items():
            if name in mine:
                mine[name].copy_(value)
    return [name for name in pretrained if name not in mine]
