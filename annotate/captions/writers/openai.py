"""Any server that speaks OpenAI's chat API: a hosted model, vLLM, llama.cpp's own server.

``captions.url`` is its address (``http://127.0.0.1:8080/v1``), ``captions.model`` the name it knows the model by; the
key is read from the environment variable ``OPENAI_API_KEY``. A grammar is sent along (llama.cpp's servers follow it,
others ignore it, and where one refuses it, in whatever words, it is left out); every answer is read back all the same.
A server that answers none of the requests ends the run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from annotate.captions import server_reply
from annotate.captions.server_reply import ServerReply
from annotate.captions.writer import Ask, Options, Sampling, WriterError, needs

# so many questions without an answer, one after the other, and a question whose answer is known is asked; answers that
# are cut off come one by one from small models that do not end, so more of them are waited for
SAME = {"question": 3, "cut": 12}
LONGEST_PAUSE_S = 60.0


class OpenAI:
    """The official client, a bounded number of requests under way.

    Attributes:
        failures: place -> the server's words for each question of the last ``write`` that it did not answer.
    """

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
        self.failures: dict[int, str] = {}
        self._request = _Request(self.model)
        self._unanswered: set[tuple[tuple[str, str], ...]] = set()
        self._answered = False
        self._grammar_fits = False  # a question was answered with its grammar, or refused without it too
        self._grammar_tried = asyncio.Lock()

    def write(self, asks: Sequence[Ask], sampling: Sampling, on_answer: Callable[[int, str], None]) -> list[str | None]:
        """All asks, ``parallel`` at a time."""
        self.failures, self._grammar_tried = {}, asyncio.Lock()
        return _run(self._all(asks, sampling, on_answer))

    async def _all(
        self, asks: Sequence[Ask], sampling: Sampling, on_answer: Callable[[int, str], None]
    ) -> list[str | None]:
        try:
            import openai
        except ImportError as error:
            raise needs("openai", "llm", error) from None
        free, probing = asyncio.Semaphore(self.options.parallel), asyncio.Lock()
        async with openai.AsyncOpenAI(
            base_url=self.options.url, api_key=os.environ.get("OPENAI_API_KEY", "none"), max_retries=0,
            timeout=self.options.timeout_s,
            http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [_raise_for_status]}),
        ) as client:  # fmt: skip

            async def answered(place: int) -> str | None:
                async with free:
                    answer = await self._ask(client, asks[place], sampling)
                    if answer.text is not None:
                        on_answer(place, answer.text)
                        self._answered = True
                        self._unanswered.clear()
                        return answer.text
                    self.failures[place] = str(answer.fault)
                    async with probing:
                        await self._probe(client, asks[place], sampling, answer)
                    return None

            tasks = [asyncio.ensure_future(answered(place)) for place in range(len(asks))]
            try:
                texts = list(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            if asks and not self._answered:
                last = ServerReply(fault=self.failures[len(asks) - 1])
                await self._probe(client, asks[-1], sampling, last, least=1)
            return texts

    async def _probe(
        self, client: Any, ask: Ask, sampling: Sampling, answer: ServerReply, least: int | None = None
    ) -> None:
        """Where several questions have no answer: whether any has.

        Raises:
            WriterError: one whose answer stands in the prompt has none either: nothing more can be had.
        """
        self._unanswered.add(ask.messages)
        if len(self._unanswered) < (least or SAME[answer.kind]):
            return
        example = next(message for message in ask.messages if message[0] == "user")
        known = await self._ask(client, Ask((*ask.messages[:-1], example), ask.seed, ask.grammar), sampling)
        self._unanswered.clear()
        if known.text is None:
            hint = "; raise captions.max_tokens" if known.kind == "cut" else ""
            raise self._stopped(f"answers none of the requests: {known.fault}{hint}")

    async def _ask(self, client: Any, ask: Ask, sampling: Sampling) -> ServerReply:
        """One answer; what the server does not know of the request is put otherwise, and asked again."""
        while True:
            request = self._request
            answer = await self._patiently(client, request.body(ask, sampling))
            if answer.kind == "server":
                raise self._stopped(str(answer.fault))
            if answer.fault is None or answer.kind != "question":
                self._grammar_fits |= answer.fault is None and ask.grammar is not None
                return answer
            if request is self._request:
                other = request.without(answer)
                if other is None:
                    return await self._without_grammar(client, ask, sampling, answer)
                self._request = other

    async def _without_grammar(self, client: Any, ask: Ask, sampling: Sampling, refused: ServerReply) -> ServerReply:
        """The answer to a refused question, asked without its grammar, where no grammar has been taken yet.

        A server that cannot read a grammar does not always say that it is the grammar (llama.cpp, issue 25746).
        """
        if not refused.refused or ask.grammar is None:
            return refused
        async with self._grammar_tried:  # of the questions under way, one is asked so
            if self._grammar_fits:
                return refused
            other = self._request.unsent("grammar")
            answer = await self._patiently(client, other.body(ask, sampling))
            self._grammar_fits = answer.fault is not None and self._request.unwanted != other.unwanted
            if answer.fault is not None:
                return refused
            self._request = other
            return answer

    async def _patiently(self, client: Any, body: dict[str, Any]) -> ServerReply:
        """One answer, asked for ``retries`` times more, with growing pauses, where it may yet come."""
        from tenacity import AsyncRetrying, RetryError, retry_if_result, stop_after_attempt

        retrying = AsyncRetrying(
            retry=retry_if_result(lambda answer: answer.kind == "passing"),
            stop=stop_after_attempt(self.options.retries + 1), wait=_pause,
        )  # fmt: skip
        try:
            return await retrying(self._once, client, body)
        except RetryError as error:
            fault = error.last_attempt.result().fault
            raise self._stopped(f"{fault}, tried {self.options.retries + 1} times") from None

    async def _once(self, client: Any, body: dict[str, Any]) -> ServerReply:
        """One request; ``timeout_s`` bounds the whole answer, not each piece of it."""
        import openai

        limit = self.options.timeout_s
        try:
            return await asyncio.wait_for(_sent(client, body), limit)
        except (asyncio.TimeoutError, TimeoutError, openai.APITimeoutError):
            return ServerReply(fault=f"does not answer within {limit:g} s", kind="passing")
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, _Status):  # as older clients wrap it
                return error.__cause__.served
            return ServerReply(
                fault=f"cannot be reached: {server_reply.line(str(error.__cause__ or error))}", kind="passing"
            )
        except _Status as error:
            return error.served
        except Exception as error:
            if not type(error).__module__.startswith(("httpx", "httpcore", "openai")):
                raise
            return ServerReply(fault=f"cannot be reached: {server_reply.line(str(error))}", kind="passing")

    def _stopped(self, why: str) -> WriterError:
        where = self.options.url or "the server"
        return WriterError(
            f"captions.url={where}: {why}; the answers so far are kept: run the same command again to continue"
        )


def _run(writing: Coroutine[Any, Any, list[str | None]]) -> list[str | None]:
    """What a coroutine gives; in a thread of its own where a loop is running already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(writing)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, writing).result()


class _Request:
    """How this server is asked: which name the number of tokens has, and what it does not want to be sent."""

    def __init__(self, model: str, limit: str = "max_tokens", unwanted: frozenset[str] = frozenset()) -> None:
        self.model, self.limit, self.unwanted = model, limit, unwanted

    def body(self, ask: Ask, sampling: Sampling) -> dict[str, Any]:
        """The request as the client takes it."""
        more: dict[str, Any] = {self.limit: sampling.max_tokens, "seed": ask.seed, "grammar": ask.grammar}
        kept = {name: value for name, value in more.items() if value is not None and name not in self.unwanted}
        return {
            "model": self.model, "messages": ask.chat(), "temperature": sampling.temperature,
            "top_p": sampling.top_p, "extra_body": kept,
        }  # fmt: skip

    def without(self, answer: ServerReply) -> _Request | None:
        """The request without what the answer says that the server does not know; None where it says no such thing."""
        words = str(answer.fault).lower()
        if self.limit == "max_tokens" and "max_completion_tokens" in words:
            return _Request(self.model, "max_completion_tokens", self.unwanted)
        for name in {"seed", "grammar"} - self.unwanted:
            if answer.parameter == name or (name in words and any(word in words for word in _UNWANTED)):
                return self.unsent(name)
        return None

    def unsent(self, name: str) -> _Request:
        """The request without one of its parameters."""
        return _Request(self.model, self.limit, self.unwanted | {name})


_UNWANTED = ("unsupported", "not supported", "unrecognized", "unknown", "unexpected", "not permitted", "not allowed",
             "extra inputs", "invalid parameter")  # fmt: skip


class _Status(Exception):
    """An answer with a status of failure, read already."""

    def __init__(self, answer: ServerReply) -> None:
        super().__init__(answer.fault)
        self.served = answer


async def _raise_for_status(response: Any) -> None:
    """Read the body of a failure before the client does, which would read it to its end."""
    if response.status_code >= 400:
        body = await _bounded(response.aiter_bytes())
        raise _Status(server_reply.read(response.status_code, body, pause=response.headers.get("Retry-After")))


async def _sent(client: Any, body: dict[str, Any]) -> ServerReply:
    async with client.chat.completions.with_streaming_response.create(**body) as response:
        media = response.headers.get("Content-Type", "")
        return server_reply.read(response.status_code, await _bounded(response.iter_bytes()), media)


async def _bounded(pieces: Any) -> bytes:
    """The body of an answer, up to one byte more than is read of it."""
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > server_reply.LONGEST:
            break
    return bytes(body[: server_reply.LONGEST + 1])


def _pause(state: Any) -> float:
    """Half a second, one, two, ... with some chance in it; what the server asks for is the least."""
    from tenacity import wait_random_exponential

    asked = state.outcome.result().pause if state.outcome else 0.0
    return min(max(asked, float(wait_random_exponential(multiplier=0.5, max=8)(state))), LONGEST_PAUSE_S)


plugin = OpenAI
