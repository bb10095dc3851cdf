"""Calls to the Hub: tried again where trying again helps, and told in one line, without the token, where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from annotate.errors import SemoError

T = TypeVar("T")

TRIES = 6
LONGEST_WAIT_S = 300.0
# 409 and 412: somebody else's commit came first; the call reads the repository anew when it is made again
PASSING = (408, 409, 412, 425, 429, 500, 502, 503, 504)
# the client's transport is another library in every major version; all name their errors like this
OFFLINE = "OfflineModeIsEnabled"
LOST = ("TransportError", "ConnectionError", "Timeout", "TimeoutException", "ChunkedEncodingError", "ProtocolError")


def retried(call: Callable[[], T], where: str, say: Callable[[str], None]) -> T:
    """The result of a call to the Hub, made again up to ``TRIES`` times, with growing pauses, where it may pass.

    Raises:
        SemoError: the Hub refuses, or did not answer in all these tries; the text never holds the token.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

    def before_retry(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        pause = state.next_action.sleep if state.next_action else 0
        say(f"{_short(error)}; trying again in {pause:.0f} s ({state.attempt_number} of {TRIES - 1})")

    retrying = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_attempt(TRIES),
        wait=_wait,
        before_sleep=before_retry,
        reraise=True,
    )
    try:
        return retrying(call)
    except SemoError:
        raise
    except Exception as error:
        if _status(error) is None and not _passes(error) and not isinstance(error, (ValueError, OSError)):
            raise
        raise SemoError(f"{where}: {_why(error)}") from None


def _wait(state: object) -> float:
    """What the Hub asks for, else 1, 2, 4, ... seconds with some chance in it."""
    from tenacity import wait_random_exponential

    error = state.outcome.exception() if getattr(state, "outcome", None) else None  # type: ignore[attr-defined]
    asked = _retry_after(error)
    if asked is not None:
        return min(asked, LONGEST_WAIT_S)
    return float(wait_random_exponential(multiplier=1, max=30)(state))  # type: ignore[arg-type]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _response(error: BaseException | None) -> object | None:
    for cause in _chain(error):
        if (response := getattr(cause, "response", None)) is not None:
            return response  # type: ignore[no-any-return]
    return None


def _status(error: BaseException | None) -> int | None:
    status = getattr(_response(error), "status_code", None)
    return int(status) if status is not None else None


def _retry_after(error: BaseException | None) -> float | None:
    headers = getattr(_response(error), "headers", {})
    try:
        return float(headers.get("Retry-After", ""))
    except ValueError:  # none, or a date, which the Hub does not send
        return None


def _passes(error: BaseException) -> bool:
    status = _status(error)
    if status is not None:
        return status in PASSING
    if any(type(cause).__name__ == OFFLINE for cause in _chain(error)):
        return False
    return any(kind.__name__ in LOST for cause in _chain(error) for kind in type(cause).__mro__)


def _short(error: BaseException | None) -> str:
    status = _status(error)
    return f"the Hub returned HTTP {status}" if status is not None else "the connection to the Hub was lost"


def _why(error: BaseException) -> str:
    status = _status(error)
    if status == 401:
        return "you are not logged in to the Hub: run 'hf auth login', or put a token with write access into HF_TOKEN"
    if status == 403:
        return "this token may not write there; check the name and the token's permissions"
    if status == 404:
        return "the Hub has no such repository or revision that this token can see"
    if any(type(cause).__name__ == OFFLINE for cause in _chain(error)):
        return "the Hub's client is in offline mode; unset HF_HUB_OFFLINE"
    if _passes(error):
        return f"{_short(error)}, {TRIES} times; run the same command again: what was sent is kept"
    return f"the Hub refuses: {without_token(str(error))[:500]}"


def without_token(text: str) -> str:
    """The text with the user's token, should it stand in it, replaced."""
    from huggingface_hub import get_token

    token = get_token()
    return text.replace(token, "(token)") if token else text
