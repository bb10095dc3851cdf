"""Any server that speaks OpenAI's chat API: a hosted model, vLLM, llama.cpp's own server.

``captions.url`` is its address (``http://127.0.0.1:8080/v1``), ``captions.model`` the name it knows the model by; the
key is read from the environment variable ``OPENAI_API_KEY``. Retries with back-off are the official client's. A
grammar is sent along (llama.cpp's servers follow it, others ignore it); every answer is read back all the same.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Any

from annotate.captions.writer import Ask, Options, Sampling, WriterError, needs, whole


class OpenAI:
    """The official client, a bounded number of requests under way."""

    name = "openai"
    steers = True
    here = False

    def __init__(self, options: Options) -> None:
        if not options.url and not os.environ.get("OPENAI_API_KEY"):
            raise WriterError(
                "captions.url: the writer openai needs the address of a server, or OPENAI_API_KEY for OpenAI's own"
            )
        self.model = options.model or "default"
        self.options = options

    def write(self, asks: Sequence[Ask], sampling: Sampling, told: Callable[[int, str], None]) -> list[str | None]:
        """All asks, ``parallel`` at a time."""
        return asyncio.run(self._all(asks, sampling, told))

    async def _all(self, asks: Sequence[Ask], sampling: Sampling, told: Callable[[int, str], None]) -> list[str | None]:
        try:
            from openai import AsyncOpenAI
        except ImportError as error:
            raise needs("openai", "llm", error) from None
        free = asyncio.Semaphore(self.options.parallel)
        async with AsyncOpenAI(
            base_url=self.options.url, api_key=os.environ.get("OPENAI_API_KEY", "none"),
            timeout=self.options.timeout_s, max_retries=self.options.retries,
        ) as client:  # fmt: skip

            async def one(place: int) -> str | None:
                async with free:
                    text = await self._ask(client, asks[place], sampling)
                if text is not None:
                    told(place, text)
                return text

            tasks = [asyncio.ensure_future(one(place)) for place in range(len(asks))]
            try:
                return list(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, client: Any, ask: Ask, sampling: Sampling) -> str | None:
        import openai

        try:
            answer = await client.chat.completions.create(
                model=self.model, messages=ask.chat(), seed=ask.seed, temperature=sampling.temperature,
                top_p=sampling.top_p, max_tokens=sampling.max_tokens,
                extra_body={"grammar": ask.grammar} if ask.grammar else None,
            )  # fmt: skip
            choice = answer.choices[0]
            return whole(choice.message.content, choice.finish_reason)
        except openai.APIStatusError as error:
            if error.status_code in (400, 413, 422):
                return None  # this question alone is refused
            raise self._stopped(f"answers {error.status_code}: {_line(error.message)}") from None
        except openai.APITimeoutError:
            raise self._stopped(f"does not answer within {self.options.timeout_s:g} s") from None
        except openai.APIConnectionError as error:
            raise self._stopped(f"cannot be reached: {_line(error.__cause__ or error)}") from None
        except (openai.APIError, ValueError, TypeError, IndexError, AttributeError, KeyError):
            return None  # half an answer, or none: asked again as another try, never kept

    def _stopped(self, why: str) -> WriterError:
        where = self.options.url or "the server"
        return WriterError(
            f"captions.url={where}: {why}, tried {self.options.retries + 1} times; "
            "the answers so far are kept: run the same line again to continue"
        )


def _line(error: object) -> str:
    return " ".join(str(error).split())[:160]


plugin = OpenAI
