"""The writer ``openai`` against a real server on loopback, behaving and misbehaving."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.captions.writer import Ask, Options, Sampling, WriterError
from captions.server import Server, answer, serving

openai = pytest.importorskip("openai", reason="needs the extra 'llm'")
from annotate.captions.writers.openai import OpenAI  # noqa: E402

ASKS = [Ask((("system", "Describe."), ("user", f"row {number}")), seed=number) for number in range(12)]


def echo(_: int, body: dict[str, Any]) -> dict[str, Any]:
    return answer(body["messages"][-1]["content"])


def write(server: Server, told: Callable[[int, str], None] | None = None, **options: Any) -> list[str | None]:
    options = {"parallel": 4, "timeout_s": 5.0, "retries": 1, **options}
    made = OpenAI(Options(model="m", url=server.url, **options))
    return made.write(ASKS, Sampling(), told or (lambda place, text: None))


def test_texts_come_in_order_and_are_told_as_they_arrive() -> None:
    told: dict[int, str] = {}

    def late(number: int, body: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.05 if number % 4 == 1 else 0)
        return echo(number, body)

    with serving(late) as server:
        texts = write(server, lambda place, text: told.update({place: text}))
    assert texts == [f"row {number}" for number in range(12)]
    assert told == dict(enumerate(texts))


def test_no_more_requests_are_under_way_than_asked_for() -> None:
    under_way, most = 0, 0

    def counted(number: int, body: dict[str, Any]) -> dict[str, Any]:
        nonlocal under_way, most
        with server.lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with server.lock:
            under_way -= 1
        return echo(number, body)

    with serving(counted) as server:
        write(server, parallel=3)
    assert 2 <= most <= 3


def test_the_server_is_told_seed_sampling_and_grammar() -> None:
    ask = Ask((("user", "row"),), seed=7, grammar='root ::= "x"')
    with serving(echo) as server:
        OpenAI(Options(model="m", url=server.url)).write([ask], Sampling(0.5, 0.8, 20), lambda place, text: None)
    (body,) = server.asked
    assert {name: body[name] for name in ("model", "seed", "temperature", "top_p", "max_tokens", "grammar")} == {
        "model": "m", "seed": 7, "temperature": 0.5, "top_p": 0.8, "max_tokens": 20, "grammar": 'root ::= "x"',
    }  # fmt: skip


@pytest.mark.parametrize("fault", [500, 429, 503, b'{"choices": [{"mess'])
def test_a_fault_that_passes_is_ridden_out(fault: Any) -> None:
    with serving(lambda number, body: fault if number <= 2 else echo(number, body)) as server:
        texts = write(server, retries=3)
    assert texts == [f"row {number}" for number in range(12)]


@pytest.mark.parametrize(
    ("fault", "said"),
    [(500, "answers 500"), (429, "answers 429"), (401, "answers 401"), (b'{"choi', "cannot be reached")],
)
def test_a_fault_that_stays_stops_in_one_line_and_loses_no_answer(fault: Any, said: str) -> None:
    told: dict[int, str] = {}
    with (
        serving(lambda number, body: echo(number, body) if number <= 5 else fault) as server,
        pytest.raises(WriterError) as stopped,
    ):
        write(server, lambda place, text: told.update({place: text}), parallel=1)
    assert told == {number: f"row {number}" for number in range(5)}
    message = str(stopped.value)
    assert said in message
    assert server.url in message
    assert "run the same line again to continue" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "reply",
    [
        answer(""), answer(None), answer("  \n"), answer("A man speaks in a", "length"), {"choices": []}, {},
        "not JSON at all", '{"choices": [{"mess', "[]", "null", 400, 413,
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_is_none_is_no_answer_and_the_rest_goes_on(reply: Any) -> None:
    told: dict[int, str] = {}
    with serving(lambda number, body: reply if "row 3" in str(body) else echo(number, body)) as server:
        texts = write(server, lambda place, text: told.update({place: text}), retries=0)
    assert texts == [None if number == 3 else f"row {number}" for number in range(12)]
    assert 3 not in told


def test_a_server_that_takes_a_minute_is_not_waited_for() -> None:
    def late(number: int, body: dict[str, Any]) -> dict[str, Any]:
        time.sleep(60 if number > 3 else 0)
        return echo(number, body)

    told: dict[int, str] = {}
    with serving(late) as server, pytest.raises(WriterError, match=r"does not answer within 0\.2 s, tried 2 times"):
        write(server, lambda place, text: told.update({place: text}), timeout_s=0.2, parallel=1)
    assert told == {number: f"row {number}" for number in range(3)}


def test_a_server_that_is_killed_stops_the_run_in_one_line() -> None:
    script = Path(__file__).with_name("server.py")
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        told: dict[int, str] = {}

        def tell(place: int, text: str) -> None:
            told[place] = text
            if len(told) == 4:
                process.kill()

        made = OpenAI(Options(model="m", url=url, parallel=2, timeout_s=5, retries=1))
        with pytest.raises(WriterError, match="cannot be reached") as stopped:
            made.write(ASKS, Sampling(), tell)
        assert 4 <= len(told) < 12
        assert "\n" not in str(stopped.value)
    finally:
        process.kill()
        process.wait()


def test_without_an_address_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(WriterError, match=r"captions\.url"):
        OpenAI(Options())


def test_each_row_is_asked_once_where_nothing_fails() -> None:
    with serving(echo) as server:
        write(server)
    assert Counter(body["messages"][-1]["content"] for body in server.asked) == Counter(
        f"row {number}" for number in range(12)
    )
