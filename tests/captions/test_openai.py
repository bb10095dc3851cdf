"""The writer ``openai`` against a real server on loopback, behaving and misbehaving."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutants
import pytest

from annotate.captions import server_reply
from annotate.captions.writer import Ask, Options, Sampling, WriterError
from captions.server import Dripping, Server, answer, serving

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


def test_it_writes_where_a_loop_is_running_already_as_in_a_notebook() -> None:
    async def cell() -> list[str | None]:
        return write(server)

    with serving(echo) as server:
        assert asyncio.run(cell()) == [f"row {number}" for number in range(12)]


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
    [(500, "returns HTTP 500"), (429, "returns HTTP 429"), (401, "returns HTTP 401"), (b'{"choi', "cannot be reached")],
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
    assert "run the same command again to continue" in message
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


def refusal(message: str, status: int = 400, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"message": message, **more}}


ALL_THE_SAME = {
    "context": (refusal("This model's maximum context length is 64 tokens."), "maximum context length is 64 tokens"),
    "parameter": (refusal("temperature must be 1 with this model", 422), "temperature must be 1 with this model"),
    "detail": ((422, {"detail": [{"loc": ["body", "model"], "msg": "field required"}]}), "field required"),
    "page": ("<html>Sign in</html>", "Sign in"),
    "null": (answer(None), "the answer is empty"),
    "cut": (answer("A man speaks", "length"), "cut off at captions.max_tokens; raise captions.max_tokens"),
    "error within": ({"error": {"message": "no credit left", "code": 402}}, "no credit left"),
    "no choices": ({"choices": []}, "the answer is empty"),
    "refusal": ({"choices": [{"message": {"refusal": "I cannot."}, "finish_reason": "stop"}]}, "I cannot."),
    "filter": (answer("A man", "content_filter"), "content_filter"),
    "a failure within": ({"success": False, "errors": [{"message": "quota is used up"}]}, "quota is used up"),
    "a status within": ({"status": "error", "message": "no such account"}, "no such account"),
    "a status and no choices": ({"choices": None, "base_resp": {"status_msg": "low balance"}}, "low balance"),
    "nothing": ("", "instead of a completion: nothing"),
    "a stream": ('data: {"choices": [{"delta": {"content": "A"}}]}\n\ndata: [DONE]\n\n', "data: "),
    "wrong name": (refusal("The model `m` does not exist.", 404), "The model `m` does not exist."),
    "escapes": (refusal("no\x1b[31m\u202e credit\n"), r"no\u001b[31m\u202e credit"),
}  # fmt: skip


@pytest.mark.parametrize("name", ALL_THE_SAME)
@pytest.mark.parametrize("rows", [1, 12])
def test_a_failure_of_every_question_stops_in_the_server_s_words_after_a_few(name: str, rows: int) -> None:
    reply, said = ALL_THE_SAME[name]
    with serving(lambda number, body: reply) as server:
        made = OpenAI(Options(model="m", url=server.url, parallel=2, timeout_s=5.0, retries=1))
        with pytest.raises(WriterError) as stopped:
            made.write(ASKS[:rows], Sampling(), lambda place, text: None)
    assert said in str(stopped.value)
    assert str(stopped.value).isprintable()
    assert len(server.asked) <= (20 if name == "cut" else 6)


def test_a_few_questions_without_an_answer_are_not_all() -> None:
    """Rows that a filter refuses come one after the other: the server is asked one that it has no reason to refuse."""

    def filtered(number: int, body: dict[str, Any]) -> Any:
        if body["messages"][-1]["content"] == "example":
            return answer("A man speaks.")
        return refusal("content management policy") if number < 9 else echo(number, body)

    few_shot = (("user", "example"), ("assistant", "A man speaks."))
    asks = [Ask((*few_shot, ("user", f"row {number}")), seed=number) for number in range(12)]
    with serving(filtered) as server:
        made = OpenAI(Options(model="m", url=server.url, parallel=1, timeout_s=5.0, retries=0))
        texts = made.write(asks, Sampling(), lambda place, text: None)
    assert sum(text is None for text in texts) >= 5
    assert texts[-1] == "row 11"
    assert "content management policy" in made.failures[0]


def test_an_error_within_a_200_that_may_pass_is_asked_again() -> None:
    overloaded = {"id": "1", "error": {"message": "model is overloaded", "code": 502}}
    with serving(lambda number, body: overloaded if number <= 2 else echo(number, body)) as server:
        assert write(server, retries=3) == [f"row {number}" for number in range(12)]
    with serving(lambda number, body: overloaded) as server, pytest.raises(WriterError, match="model is overloaded"):
        write(server, retries=1, parallel=1)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("parameter", "reply"),
    [
        ("max_tokens", refusal("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                               "'max_completion_tokens' instead.", param="max_tokens", code="unsupported_parameter")),
        ("grammar", refusal("Unrecognized request argument supplied: grammar")),
        ("seed", (422, {"detail": "seed: Extra inputs are not permitted"})),
        ("grammar", refusal("bad request", param="grammar")),
    ],
)  # fmt: skip
def test_a_parameter_that_the_server_does_not_know_is_put_otherwise(parameter: str, reply: Any) -> None:
    asks = [Ask((("user", f"row {number}"),), number, 'root ::= "x"') for number in range(6)]
    with serving(lambda number, body: reply if parameter in body else echo(number, body)) as server:
        made = OpenAI(Options(model="m", url=server.url, parallel=2, timeout_s=5.0, retries=0))
        assert made.write(asks, Sampling(max_tokens=20), lambda place, text: None) == [f"row {n}" for n in range(6)]
    assert len(server.asked) <= 6 + 2  # learnt once, by whatever was under way
    last = server.asked[-1]
    assert parameter not in last
    assert 20 in (last.get("max_tokens"), last.get("max_completion_tokens"))


def test_the_whole_answer_is_bounded_in_time(tmp_path: Path) -> None:
    """A server that sends a byte now and then was waited for without end."""
    with serving(lambda number, body: Dripping(0.05)) as server, pytest.raises(WriterError, match=r"within 0\.3 s"):
        write(server, timeout_s=0.3, retries=0, parallel=1)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("content", ["x" * 3_000_000, "\u202e" * 2_000_000])
def test_the_whole_answer_is_bounded_in_size(status: int, content: str) -> None:
    reply = (status, answer(content) if status == 200 else {"error": {"message": content}})
    with serving(lambda number, body: reply if "row 3" in str(body) else echo(number, body)) as server:
        made = OpenAI(Options(model="m", url=server.url, parallel=4, timeout_s=20.0, retries=0))
        texts = made.write(ASKS, Sampling(), lambda place, text: None)
    assert texts == [None if number == 3 else f"row {number}" for number in range(12)]
    assert "more than 1,000,000 bytes" in made.failures[3]


def test_an_answer_where_thoughts_should_be_is_read_as_one() -> None:
    def thinking(number: int, body: dict[str, Any]) -> dict[str, Any]:
        reply = answer(None)
        reply["choices"][0]["message"]["reasoning_content"] = body["messages"][-1]["content"]
        return reply

    with serving(thinking) as server:
        assert write(server) == [f"row {number}" for number in range(12)]


def test_content_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "A man "}, {"type": "image_url"}, {"type": "text", "text": "speaks."}, 7]
    assert server_reply.read(200, json.dumps(answer(parts)).encode()).text == "A man speaks."  # type: ignore[arg-type]


def hold(count: int, seed: int) -> None:
    """Mutants of what servers send: a text, or a fault on one line."""
    chance = random.Random(seed)
    whole = [answer("A man speaks."), answer(None), {"error": {"message": "no", "code": 502}}, *(
        reply for reply, _ in ALL_THE_SAME.values())]  # fmt: skip
    for _ in range(count):
        reply = chance.choice(whole)
        content = reply[1] if isinstance(reply, tuple) else reply
        if chance.random() < 0.5:
            body = mutants.of_text(json.dumps(content), chance)[0].encode("utf-8", "surrogatepass")
        else:
            body = mutants.of_bytes(json.dumps(content).encode(), chance)[0]
        found = server_reply.read(
            chance.choice([200, 200, 201, 400, 404, 500]), body, pause=chance.choice([None, "nan", "x"])
        )
        assert (found.text is None) != (found.fault is None)
        assert found.fault is None or (found.fault.isprintable() and len(found.fault) < 400)
        assert found.text is None or found.text.strip()


def test_mutants_of_servers_answers() -> None:
    hold(500, 5)


@pytest.mark.slow
def test_ten_thousand_mutants_of_servers_answers() -> None:
    hold(10_000, 6)
