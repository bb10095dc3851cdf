"""What a server of OpenAI's chat API sent back, read without trust: a text, or a fault in the server's words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from annotate.captions.writer import lack
from annotate.console import printable

LONGEST = 1_000_000  # bytes of an answer that are read
PASSING = frozenset({408, 409, 425, 429, *range(500, 600)})  # may be answered when asked again
OF_THE_QUESTION = frozenset({400, 413, 422})  # others refuse whatever is asked
WORDS = 300  # characters of a server's words that users are shown


@dataclass(frozen=True)
class ServerReply:
    """An answer.

    Attributes:
        text: what the model said; None where there is none.
        fault: why there is none, in one line.
        kind: of a fault: ``passing`` (ask again), ``question`` (this question has no answer), ``cut`` (the same, for
            want of tokens), ``server`` (no question will have one).
        refused: the request itself was refused, with a status of HTTP.
        parameter: the parameter of the request that the server names as not its own.
        pause: seconds that the server asks to wait for.
    """

    text: str | None = None
    fault: str | None = None
    kind: str = "question"
    refused: bool = False
    parameter: str | None = None
    pause: float = 0.0


def read(status: int, body: bytes, media: str = "", pause: str | None = None) -> ServerReply:
    """Read an answer.

    Args:
        status: of HTTP.
        body: at most one byte more than ``LONGEST``.
        media: the content type.
        pause: the header ``Retry-After``.
    """
    answer = _read(status, body, media)
    try:
        return replace(answer, pause=max(0.0, float(pause))) if pause else answer
    except ValueError:  # a date
        return answer


def _read(status: int, body: bytes, media: str) -> ServerReply:
    if len(body) > LONGEST:
        return ServerReply(fault=f"returns HTTP {status} with more than {LONGEST:,} bytes", kind=_kind(status))
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if status >= 400:
        words, parameter = _error(content, body)
        refused = status in OF_THE_QUESTION
        return ServerReply(
            fault=f"returns HTTP {status}: {words}", kind=_kind(status), refused=refused, parameter=parameter
        )
    if not isinstance(content, dict):
        what = media.split(";")[0] or "something"
        words = line(body.decode("utf-8", "replace")) or "nothing"
        return ServerReply(fault=f"returns {what} instead of a completion: {words}")
    choices = content.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    for error in (content.get("error"), choice.get("error")):
        if error and not _text(choice):
            code = error.get("code") if isinstance(error, dict) else None
            kind = "passing" if isinstance(code, int) and code in PASSING else "question"
            return ServerReply(
                fault=f"returns HTTP {status} with an error: {_error({'error': error}, b'')[0]}", kind=kind
            )
    if not isinstance(choices, list):
        return ServerReply(fault=f"returns HTTP {status} without a completion: {_error(content, body)[0]}")
    return _completion(choice)


def _completion(choice: dict[str, Any]) -> ServerReply:
    text, finish = _text(choice), choice.get("finish_reason")
    refusal = _message(choice).get("refusal")
    if isinstance(refusal, str) and refusal and not text:
        return ServerReply(fault=f"refuses: {line(refusal)}")
    reason = lack(text, finish if isinstance(finish, str) else None)
    if reason is not None:
        return ServerReply(fault=line(reason), kind="cut" if finish == "length" else "question")
    return ServerReply(text=(text or "").strip())


def _message(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice.get("message")
    return message if isinstance(message, dict) else {}


def _text(choice: dict[str, Any]) -> str | None:
    """The content of a choice, which may come in parts; where it is empty, what stands where thoughts should.

    Servers with a parser of thoughts put the whole answer there when a model does not think (vLLM, issue 17349). If it
    is thoughts all the same, it is no caption and is refused as such.
    """
    message = _message(choice)
    for name in ("content", "reasoning_content", "reasoning"):
        content = message.get(name)
        if isinstance(content, list):
            parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
            content = "".join(part for part in parts if isinstance(part, str))
        if isinstance(content, str) and content.strip():
            return content
    return None


def _kind(status: int) -> str:
    if status in PASSING:
        return "passing"
    return "question" if status < 400 or status in OF_THE_QUESTION else "server"


def _error(content: Any, body: bytes) -> tuple[str, str | None]:
    """What an error says, whatever its form, and the parameter that it names."""
    error = content.get("error", content) if isinstance(content, dict) else content
    words, parameter = error, None
    if isinstance(error, dict):
        words = next((error[name] for name in ("message", "detail", "msg", "error") if error.get(name)), error)
        parameter = error.get("param")
    if not isinstance(words, str):
        words = json.dumps(words) if words else body[: 4 * WORDS].decode("utf-8", "replace")
    return line(words) or "nothing", parameter if isinstance(parameter, str) else None


def line(words: str) -> str:
    """A server's words on one line, none of them hidden, not too many."""
    return printable(" ".join(re.sub(r"[\r\n\t]", " ", words[: 4 * WORDS]).split()))[:WORDS]
